/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_RECORD_H
#define TUPLE_RECORD_H

/*
 * Building a tuple: from values to the flat record of gust/tuple.h.
 *
 * record_write() checks, measures and writes in one pass, into room that is
 * almost always enough; record_measure() says how much would be.
 */

#include <stdint.h>

#include <gust/stream.h>
#include <gust/tuple.h>

#include "base/hash.h"

/* What record_measure() says of values that do not fit the columns. */
#define RECORD_MISFIT SIZE_MAX

/* The 8-byte words that `length` bytes and their NUL take. */
static inline size_t record_padded(uint32_t length)
{
	return ((size_t)length + 8) & ~(size_t)7;
}

/*
 * The size of the record of `values` in bytes, a multiple of 8; at most 2^32
 * times the number of fields, so that it cannot overflow. RECORD_MISFIT when a
 * value is neither null nor of its column's type.
 */
static inline size_t record_measure(const struct gust_column *columns,
				    const struct gust_value *values,
				    uint32_t count)
{
	size_t size =
		sizeof(struct gust_tuple) + count * sizeof(struct gust_cell);

	for (uint32_t i = 0; i < count; i++) {
		if (values[i].type != (uint32_t)columns[i].type &&
		    values[i].type != GUST_NULL)
			return RECORD_MISFIT;
		if (values[i].type >= GUST_STRING)
			size += record_padded(values[i].length);
	}
	return size;
}

/*
 * Writes the tuple of `values` to the `left` bytes at `tuple`, which is 8-byte
 * aligned; `header` has all but its size. Returns the size, or 0 when it does
 * not fit, or a value is neither null nor of its column's type;
 * record_measure() then tells what it is.
 */
size_t record_write(struct gust_tuple *tuple, size_t left,
		    const struct gust_tuple *header,
		    const struct gust_column *columns,
		    const struct gust_value *values);

/*
 * Whether the `size` bytes at `record`, which came from outside the process,
 * are a whole tuple whose cells stay within it and have legal types. `record`
 * is 8-byte aligned. Afterwards the accessors of gust/tuple.h are safe.
 */
int record_check(const void *record, size_t size);

/*
 * The hash of some fields: XXH3 over typed values, so that 1 and "1" differ, a
 * null is a value of its own, and -0.0 equals 0.0. It is the same on every
 * machine and in every release.
 */
uint64_t record_hash_keys(const struct gust_tuple *tuple, const uint16_t *keys,
			  uint32_t key_count);

static inline uint64_t record_hash(const struct gust_tuple *tuple,
				   const uint16_t *keys, uint32_t key_count)
{
	const struct gust_cell *cell = gust_cells(tuple) + keys[0];

	/* The commonest case by far. */
	if (key_count == 1 && cell->type == GUST_STRING)
		return hash_bytes_from((const char *)tuple + cell->as.offset,
				       cell->length, GUST_STRING);
	return record_hash_keys(tuple, keys, key_count);
}

#endif
