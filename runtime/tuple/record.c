/* SPDX-License-Identifier: MIT */

#include "tuple/record.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

static_assert(sizeof(struct gust_value) == sizeof(struct gust_cell) &&
		      offsetof(struct gust_value, length) ==
			      offsetof(struct gust_cell, length) &&
		      offsetof(struct gust_value, as) ==
			      offsetof(struct gust_cell, as),
	      "a value becomes a cell by copying it");

/* Up to 7 bytes, and zeros behind them. */
static inline uint64_t record_word(const char *from, uint32_t length)
{
	uint32_t first, last;
	uint16_t head, tail;

	if (length >= 4) {
		memcpy(&first, from, 4);
		memcpy(&last, from + length - 4, 4);
		return first | (uint64_t)last << (8 * (length - 4));
	}
	if (length >= 2) {
		memcpy(&head, from, 2);
		memcpy(&tail, from + length - 2, 2);
		return head | (uint64_t)tail << (8 * (length - 2));
	}
	return length == 0 ? 0 : (unsigned char)from[0];
}

/*
 * Copies bytes that are few as a rule, in front of zeros up to the next word,
 * so that the NUL is there and padding leaks no old memory. There is no call
 * in it, which would cost the common case more than it saves the others.
 */
static inline void record_copy(char *to, const char *from, uint32_t length)
{
	char block[16];
	uint64_t word;

	if (length < 8) {
		word = record_word(from, length);
		memcpy(to, &word, 8);
		return;
	}
	memset(to + record_padded(length) - 8, 0, 8);
	if (length < 16) {
		memcpy(&word, from, 8);
		memcpy(to, &word, 8);
		memcpy(&word, from + length - 8, 8);
		memcpy(to + length - 8, &word, 8);
		return;
	}
	for (uint32_t i = 0; i < length - 16; i += 16) {
		memcpy(block, from + i, 16);
		memcpy(to + i, block, 16);
	}
	memcpy(block, from + length - 16, 16);
	memcpy(to + length - 16, block, 16);
}

size_t record_write(struct gust_tuple *tuple, size_t left,
		    const struct gust_tuple *header,
		    const struct gust_column *columns,
		    const struct gust_value *values)
{
	struct gust_cell *cell = (struct gust_cell *)(void *)(tuple + 1);
	const struct gust_cell *last = cell + header->fields;
	size_t at = (size_t)((const char *)last - (const char *)tuple);

	if (at > left)
		return 0;
	*tuple = *header;
	for (; cell < last; cell++, columns++, values++) {
		uint32_t type = values->type, length = values->length;

		if (type != (uint32_t)columns->type && type != GUST_NULL)
			return 0;
		memcpy(cell, values, sizeof(*cell));
		if (type < GUST_STRING)
			continue;
		if (record_padded(length) > left - at)
			return 0;
		cell->as.offset = at;
		record_copy((char *)tuple + at, values->as.data, length);
		at += record_padded(length);
	}
	tuple->size = (uint32_t)at;
	return at;
}

static int record_check_cell(const struct gust_cell *cell, size_t begin,
			     size_t size)
{
	if (cell->type > GUST_JSON)
		return -EBADMSG;
	if (cell->type < GUST_STRING)
		return 0;
	/* The NUL that follows the bytes has to be inside as well. */
	if (cell->as.offset < begin || cell->as.offset >= size ||
	    cell->length >= size - cell->as.offset)
		return -EBADMSG;
	return 0;
}

int record_check(const void *record, size_t size)
{
	const struct gust_tuple *tuple = record;
	size_t begin;

	if (size < sizeof(*tuple) || tuple->size != size || size % 8 != 0)
		return -EBADMSG;
	begin = sizeof(*tuple) + tuple->fields * sizeof(struct gust_cell);
	if (begin > size)
		return -EBADMSG;
	for (uint16_t i = 0; i < tuple->fields; i++) {
		const struct gust_cell *cell = gust_cells(tuple) + i;

		if (record_check_cell(cell, begin, size) != 0)
			return -EBADMSG;
		if (cell->type >= GUST_STRING &&
		    ((const char *)record)[cell->as.offset + cell->length] != 0)
			return -EBADMSG;
	}
	return 0;
}

/* A type has its own seed, or "1" and the int whose bytes it has would meet. */
static uint64_t record_hash_cell(const struct gust_tuple *tuple,
				 const struct gust_cell *cell, uint64_t seed)
{
	int64_t bits = cell->as.integer;

	seed += cell->type;
	if (cell->type >= GUST_STRING)
		return hash_bytes_from((const char *)tuple + cell->as.offset,
				       cell->length, seed);
	if (cell->type == GUST_NULL)
		bits = 0;
	if (cell->type == GUST_FLOAT && cell->as.number == 0)
		bits = 0;
	return hash_bytes_from(&bits, sizeof(bits), seed);
}

uint64_t record_hash_keys(const struct gust_tuple *tuple, const uint16_t *keys,
			  uint32_t key_count)
{
	const struct gust_cell *cells = gust_cells(tuple);
	uint64_t hash = 0;

	for (uint32_t i = 0; i < key_count; i++)
		hash = record_hash_cell(tuple, cells + keys[i], hash);
	return hash;
}
