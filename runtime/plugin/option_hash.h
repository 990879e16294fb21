/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_OPTION_HASH_H
#define PLUGIN_OPTION_HASH_H

/* Whether two processes gave a plugin the same options. */

#include <stdint.h>

#include <gust/option.h>

/*
 * Hashes names, types and the values that `instance` holds, which must be
 * filled and not yet be declared. Secret options count by their names alone:
 * a hash could be tried out. `table` may be NULL: there are none. The same on
 * every machine.
 */
uint64_t option_hash(const struct gust_option *table, const void *instance);

#endif
