/* SPDX-License-Identifier: MIT */
#ifndef GUST_EXPORT_H
#define GUST_EXPORT_H

/*
 * What crosses the border between the runtime and a plugin: GUST_EXPORT marks
 * the one symbol that a plugin shows, GUST_API what the runtime offers it.
 */
#define GUST_EXPORT __attribute__((visibility("default")))
#define GUST_API __attribute__((visibility("default")))

#endif
