/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_COLUMNS_H
#define GUST_KIT_COLUMNS_H

/*
 * The columns of streams: what plugins ask of them that take them from the
 * user, and how large tuples are. Tables end with an element without a name.
 * Any thread.
 */

#include <stddef.h>

#include <gust/stream.h>
#include <gust/tuple.h>

size_t columns_count(const struct gust_column *columns);

/* Where the column of that name stands, or -1. */
int columns_find(const struct gust_column *columns, const char *name);

/* How many bytes a tuple of these values has: an emit that goes beyond
 * gust_tuple_max() is taken for a mistake of the plugin. */
size_t columns_size(const struct gust_value *values, size_t count);

/* The longest text, or bytes, of a tuple of `count` values that may have
 * `tuple_max` bytes and has no other ones. */
size_t columns_text_max(size_t tuple_max, size_t count);

#endif
