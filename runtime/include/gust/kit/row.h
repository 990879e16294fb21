/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_ROW_H
#define GUST_KIT_ROW_H

/*
 * Values as bytes without pointers, as accumulators and the state keep them:
 * equal values give equal bytes, and only they do; both zeros are one. Any
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/kit/buffer.h>
#include <gust/tuple.h>

/* Appends values. 0 or -ENOMEM. */
int row_append(struct buffer *buffer, const struct gust_value *values,
	       size_t count);

/* Reads `count` values, which borrow the bytes; false: there are not as many,
 * or more. */
bool row_read(struct gust_text bytes, struct gust_value *values, size_t count);

/*
 * Their order, below 0 if `a` stands before `b`: null, false, true, numbers,
 * texts byte by byte; earlier values first. Both are rows.
 */
int row_compare(struct gust_text a, struct gust_text b);

/* The same of two values; an int and a float are never asked for. */
int row_compare_values(const struct gust_value *a, const struct gust_value *b);

#endif
