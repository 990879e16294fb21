/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_RECORD_H
#define TUPLE_RECORD_H

/*
 * Building a tuple: from values to the flat record of gust/tuple.h.
 *
 * A record is built in two steps, so that the caller finds the memory between
 * them: record_measure() checks the values and tells the size, and
 * record_write() cannot fail.
 */

#include <stdint.h>
#include <string.h>

#include <gust/stream.h>
#include <gust/tuple.h>

/* What record_measure() says of values that do not fit the columns. */
#define RECORD_MISFIT SIZE_MAX

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
			size += ((size_t)values[i].length + 8) & ~(size_t)7;
	}
	return size;
}

/* Fills `tuple`, which has the measured `size`; padding is zeroed. */
static inline void record_write(struct gust_tuple *tuple, size_t size,
				uint16_t stream, uint32_t task,
				const struct gust_value *values, uint32_t count)
{
	struct gust_cell *cells = (struct gust_cell *)(void *)(tuple + 1);
	char *bytes = (char *)(cells + count);

	tuple->size = (uint32_t)size;
	tuple->stream = stream;
	tuple->fields = (uint16_t)count;
	tuple->task = task;
	tuple->flags = 0;
	tuple->hash = 0;
	tuple->time = 0;
	tuple->path = 0;
	for (uint32_t i = 0; i < count; i++) {
		size_t padded;

		cells[i].type = values[i].type;
		cells[i].length = values[i].length;
		if (values[i].type < GUST_STRING) {
			cells[i].as.integer = values[i].as.integer;
			continue;
		}
		padded = ((size_t)values[i].length + 8) & ~(size_t)7;
		cells[i].as.offset = (uint64_t)(bytes - (char *)tuple);
		memset(bytes + padded - 8, 0, 8);
		memcpy(bytes, values[i].as.data, values[i].length);
		bytes += padded;
	}
}

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
uint64_t record_hash(const struct gust_tuple *tuple, const uint16_t *keys,
		     uint32_t key_count);

#endif
