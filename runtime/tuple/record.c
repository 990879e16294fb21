/* SPDX-License-Identifier: MIT */

#include "tuple/record.h"

#include <errno.h>

#include "tuple/origin.h"
#include "tuple/value.h"

void record_copy_long(char *to, const char *from, uint32_t length)
{
	memset(to + record_padded(length) - 8, 0, 8);
	if (length > 0)
		memcpy(to, from, length);
}

size_t record_write_cells(struct gust_tuple *tuple, size_t left,
			  const struct gust_tuple *header,
			  const struct gust_column *columns,
			  const struct gust_value *values)
{
	struct gust_cell *cells = (struct gust_cell *)(void *)(tuple + 1);
	size_t at = sizeof(*tuple) + header->fields * sizeof(*cells);

	if (at > left)
		return 0;
	*tuple = *header;
	for (uint32_t i = 0; i < header->fields && at != 0; i++)
		at = record_write_cell(tuple, &cells[i], at, left, &columns[i],
				       &values[i]);
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
	/* The zeros that follow the bytes have to be inside as well. */
	if (cell->as.offset < begin || cell->as.offset >= size ||
	    cell->as.offset % 8 != 0 ||
	    record_padded(cell->length) > size - cell->as.offset)
		return -EBADMSG;
	return 0;
}

/* Whether zeros follow, up to the next word. */
static bool record_check_end(const char *bytes, uint32_t length)
{
	for (size_t i = length; i < record_padded(length); i++)
		if (bytes[i] != 0)
			return false;
	return true;
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
	if ((tuple->flags & TUPLE_ORIGIN) != 0) {
		if (size - begin < sizeof(struct origin))
			return -EBADMSG;
		size -= sizeof(struct origin);
	}
	for (uint16_t i = 0; i < tuple->fields; i++) {
		const struct gust_cell *cell = gust_cells(tuple) + i;

		if (record_check_cell(cell, begin, size) != 0)
			return -EBADMSG;
		if (cell->type >= GUST_STRING &&
		    !record_check_end((const char *)record + cell->as.offset,
				      cell->length))
			return -EBADMSG;
	}
	return 0;
}

/* A type has its own seed, or "1" and the int whose bytes it has would meet. */
uint64_t record_hash(const struct gust_tuple *tuple, const uint16_t *keys,
		     uint32_t key_count)
{
	uint64_t hash = 0;

	for (uint32_t i = 0; i < key_count; i++) {
		const struct gust_value value = gust_value_at(tuple, keys[i]);

		hash = value_hash(&value, hash);
	}
	return hash;
}
