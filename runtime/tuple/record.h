/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_RECORD_H
#define TUPLE_RECORD_H

/*
 * Building a tuple: from values to the flat record of gust/tuple.h.
 *
 * record_write() checks, measures and writes in one pass, into room that is
 * almost always enough; record_measure() says how much would be.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gust/stream.h>
#include <gust/tuple.h>

#include "base/hash.h"

/* What record_measure() says of values that do not fit the columns. */
#define RECORD_MISFIT SIZE_MAX

/* The 8-byte words that `length` bytes and their NUL take. */
static inline size_t record_padded(size_t length)
{
	return (length + 8) & ~(size_t)7;
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

/* record_hash(), see below, of one string: the commonest key by far. */
static inline uint64_t record_hash_text(const char *text, size_t length)
{
	return hash_bytes_from(text, length, GUST_STRING);
}

/* What is shorter is a short text: it fits two words, with its NUL. */
#define RECORD_SHORT 16u

/*
 * Copies a short text in front of zeros up to 16 bytes, and returns its hash,
 * record_hash_text(), if that is wanted. Nobody foresees how long a word is, so
 * there is one branch by length for both: the compiler makes three copies of
 * this, in which XXH3 has no branch of its own.
 */
static inline uint64_t record_fill(char *to, const char *text, uint32_t length,
				   bool hashed)
{
	memset(to, 0, 16);
	if (length > 8) {
		memcpy(to, text, 8);
		memcpy(to + length - 8, text + length - 8, 8);
		return hashed ? record_hash_text(text, length) : 0;
	}
	if (length >= 4) {
		memcpy(to, text, 4);
		memcpy(to + length - 4, text + length - 4, 4);
		return hashed ? record_hash_text(text, length) : 0;
	}
	if (length > 0) {
		to[0] = text[0];
		to[length / 2] = text[length / 2];
		to[length - 1] = text[length - 1];
	}
	return hashed ? record_hash_text(text, length) : 0;
}

/* Copies any bytes; out of line, so that few ones keep their registers. */
void record_copy_long(char *to, const char *from, uint32_t length);

/*
 * Copies bytes that are few as a rule, in front of zeros up to the next word,
 * so that the NUL is there and padding leaks no old memory. There is `room` for
 * that at least; of what is beyond, more may become zero.
 */
static inline void record_copy(char *to, const char *from, uint32_t length,
			       size_t room)
{
	if (length < RECORD_SHORT && room >= RECORD_SHORT)
		record_fill(to, from, length, false);
	else
		record_copy_long(to, from, length);
}

/* Type and length in one store: processors make whoever then reads both at
 * once wait when they were written in two. */
static inline void record_write_head(struct gust_cell *cell, uint32_t type,
				     uint32_t length)
{
	uint64_t head = type | (uint64_t)length << 32;

	memcpy(cell, &head, sizeof(head));
}

/* Writes one cell, and its bytes at `at`. Returns where the next ones go, or 0
 * when they do not fit or the value is not of the column's type. */
static inline size_t record_write_cell(struct gust_tuple *tuple,
				       struct gust_cell *cell, size_t at,
				       size_t left,
				       const struct gust_column *column,
				       const struct gust_value *value)
{
	uint32_t type = value->type, length = value->length;
	size_t end = at;

	if (type != (uint32_t)column->type && type != GUST_NULL)
		return 0;
	if (type >= GUST_STRING)
		end += record_padded(length);
	if (end > left)
		return 0;
	record_write_head(cell, type, length);
	if (type >= GUST_STRING) {
		cell->as.offset = at;
		record_copy((char *)tuple + at, value->as.data, length,
			    left - at);
	} else {
		cell->as.integer = value->as.integer;
	}
	return end;
}

/* The part of record_write() that is about other numbers of cells than one. */
size_t record_write_cells(struct gust_tuple *tuple, size_t left,
			  const struct gust_tuple *header,
			  const struct gust_column *columns,
			  const struct gust_value *values);

/*
 * Writes the tuple of `values` to the `left` bytes at `tuple`, which is 8-byte
 * aligned; `header` has all but its size. Returns the size, or 0 when it does
 * not fit, or a value is neither null nor of its column's type;
 * record_measure() then tells what it is.
 */
static inline size_t record_write(struct gust_tuple *tuple, size_t left,
				  const struct gust_tuple *header,
				  const struct gust_column *columns,
				  const struct gust_value *values)
{
	struct gust_cell *cell = (struct gust_cell *)(void *)(tuple + 1);
	size_t size = sizeof(*tuple) + sizeof(*cell);

	/* Many tuples have one, and a loop would cost as much as the rest. */
	if (header->fields != 1)
		return record_write_cells(tuple, left, header, columns, values);
	size = record_write_cell(tuple, cell, size, left, columns, values);
	if (size == 0)
		return 0;
	*tuple = *header;
	tuple->size = (uint32_t)size;
	return size;
}

/* The size of a tuple of one short text; record_write_short() needs so much
 * room more behind it. */
#define RECORD_SLACK 8u

static inline size_t record_short_size(uint32_t length)
{
	return sizeof(struct gust_tuple) + sizeof(struct gust_cell) +
	       record_padded(length);
}

/* record_write() of one string of `length` bytes, which is known to be short:
 * what comes of it calls nothing and has room for all in registers. */
static inline void record_write_short(struct gust_tuple *tuple,
				      const struct gust_tuple *header,
				      const char *text, uint32_t length,
				      bool hashed)
{
	struct gust_cell *cell = (struct gust_cell *)(void *)(tuple + 1);
	const size_t at = sizeof(*tuple) + sizeof(*cell);

	*tuple = *header;
	tuple->size = (uint32_t)record_short_size(length);
	record_write_head(cell, GUST_STRING, length);
	cell->as.offset = at;
	tuple->hash = record_fill((char *)tuple + at, text, length, hashed);
}

/* Copies a tuple. Those of one field, which are most, are a few words. */
static inline void record_copy_whole(void *to, const struct gust_tuple *tuple)
{
	enum { WORDS = sizeof(struct gust_tuple) + sizeof(struct gust_cell) };
	const size_t rest = tuple->size - WORDS;

	if (tuple->fields == 0 || rest > 16) {
		memcpy(to, tuple, tuple->size);
		return;
	}
	memcpy(to, tuple, WORDS);
	if (rest >= 8)
		memcpy((char *)to + WORDS, (const char *)tuple + WORDS, 8);
	if (rest == 16)
		memcpy((char *)to + WORDS + 8, (const char *)tuple + WORDS + 8,
		       8);
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

/* Where cell number `at` is, from the tuple's start. */
static inline size_t record_cell_at(size_t at)
{
	return sizeof(struct gust_tuple) + at * sizeof(struct gust_cell);
}

#endif
