/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_URL_H
#define GUST_KIT_URL_H

/*
 * URLs: whether they can be used, and what of them may be shown. Any thread.
 */

#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

/*
 * Whether `url`, the value of option `option`, is one of http or https with a
 * host. -EINVAL sets `error`, in which it is not shown; or -ENOMEM.
 */
int url_check(const char *url, const char *option, struct gust_error *error);

/*
 * Copies scheme, host and port, for messages: no user and no query, and no
 * path, since the address of a webhook is all the secret it has.
 */
void url_place(const char *url, char *place, size_t size);

/*
 * The same with a hash of the path (FNV-1a, 64 bits), which tells sources apart
 * that one server has. `size` has room for 17 bytes more.
 */
void url_source(const char *url, char *source, size_t size);

/* Scheme, host and port, to be freed; NULL: no memory, or no URL. */
char *url_origin(const char *url);

/* Appends a value as it may stand in a path or a query. 0 or -ENOMEM. */
int url_escape(struct buffer *buffer, struct gust_value value);

#endif
