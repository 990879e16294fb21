/* SPDX-License-Identifier: MIT */
#ifndef FAKE_PAIR_H
#define FAKE_PAIR_H

/* Tuples of two fields, a key and a number, both int: what tests give to
 * windows. */

#include <stdint.h>

#include <gust/tuple.h>

#include "base/hash.h"
#include "window/windows.h"

struct pair {
	struct gust_tuple head;
	struct gust_cell cells[2];
};

static inline struct pair pair_of(int64_t time, int64_t key, int64_t number)
{
	return (struct pair){
		.head = { .size = sizeof(struct pair),
			  .fields = 2,
			  .time = time },
		.cells = { { .type = GUST_INT, .as.integer = key },
			   { .type = GUST_INT, .as.integer = number } },
	};
}

static inline int64_t pair_number(const struct gust_tuple *tuple)
{
	return gust_cells(tuple)[1].as.integer;
}

/* Adds one, by its key if `keyed`. As windows_add(). */
static inline int pair_add(struct windows *windows, bool keyed, int64_t time,
			   int64_t key, int64_t number, struct sheaf **sheaf)
{
	const struct pair pair = pair_of(time, key, number);
	const struct gust_value keys[1] = { gust_int(key) };
	const uint64_t hash =
		keyed ? hash_number_from((uint64_t)key, GUST_INT) : 0;

	return windows_add(windows, &pair.head, keys, hash, time, sheaf);
}

#endif
