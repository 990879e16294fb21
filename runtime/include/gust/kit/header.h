/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_HEADER_H
#define GUST_KIT_HEADER_H

/*
 * Headers of HTTP, as an option gives them and as libcurl takes them. Any
 * thread.
 */

#include <stdbool.h>

#include <curl/curl.h>

#include <gust/error.h>
#include <gust/option.h>

/*
 * Whether what option 'headers' holds are headers. -EINVAL sets `error`, in
 * which no value is shown.
 */
int header_check(const struct gust_map *headers, struct gust_error *error);

/* Whether one of them has that name, in any case. */
bool header_has(const struct gust_map *headers, const char *name);

/* Adds one to a list, which stays as it was on -ENOMEM. */
int header_add(struct curl_slist **list, const char *name, const char *value);

#endif
