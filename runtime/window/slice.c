/* SPDX-License-Identifier: MIT */

#include "window/slice.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_LEAST ((size_t)512)
#define CHUNK_MOST ((size_t)128 * 1024)

void slices_fini(struct slices *slices)
{
	assert(slices->count == 0);
	free(slices->items);
	memset(slices, 0, sizeof(*slices));
}

size_t slices_after(const struct slices *slices, int64_t time)
{
	size_t low = 0, high = slices->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (slices->items[middle]->end <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int slices_grow(struct slices *slices)
{
	size_t room = slices->room == 0 ? 16 : slices->room * 2;
	struct slice **items;

	items = realloc(slices->items, room * sizeof(struct slice *));
	if (items == NULL)
		return -ENOMEM;
	slices->items = items;
	slices->room = room;
	return 0;
}

static uint64_t slice_bytes(const struct slice *slice)
{
	return sizeof(*slice) + arena_bytes(&slice->shelf) +
	       table_bytes(&slice->table);
}

/* A slice will be much like the one before. */
static void slice_expect(struct slice *slice, const struct slice *before)
{
	size_t chunk = CHUNK_LEAST;

	if (before != NULL) {
		chunk = arena_bytes(&before->shelf) / 2;
		chunk = chunk > CHUNK_LEAST ? chunk : CHUNK_LEAST;
		chunk = chunk < CHUNK_MOST ? chunk : CHUNK_MOST;
		table_reserve(&slice->table, before->table.count);
	}
	arena_init(&slice->shelf, chunk & ~(size_t)15);
}

struct slice *slices_add(struct slices *slices, int64_t begin, int64_t end)
{
	struct slice *slice;
	size_t at;

	if (slices->count == slices->room && slices_grow(slices) != 0)
		return NULL;
	slice = calloc(1, sizeof(*slice));
	if (slice == NULL)
		return NULL;
	slice->begin = begin;
	slice->end = end;
	slice->last = &slice->first;
	slice->dirty_last = &slice->dirty;
	at = slices_after(slices, begin);
	slice_expect(slice, at > 0 ? slices->items[at - 1] : NULL);
	memmove(slices->items + at + 1, slices->items + at,
		(slices->count - at) * sizeof(struct slice *));
	slices->items[at] = slice;
	slices->count++;
	slices->bytes += slice_bytes(slice);
	slices->recent = slice;
	return slice;
}

void slices_drop(struct slices *slices)
{
	struct slice *slice = slices->items[0];

	assert(slices->count > 0);
	slices->cells -= slice->table.count;
	slices->bytes -= slice_bytes(slice);
	slices->count--;
	memmove(slices->items, slices->items + 1,
		slices->count * sizeof(struct slice *));
	if (slices->recent == slice)
		slices->recent = NULL;
	table_fini(&slice->table);
	arena_fini(&slice->shelf);
	free(slice);
}

void *slice_room(struct slices *slices, struct slice *slice, size_t size)
{
	const uint64_t before = slice_bytes(slice);
	/* The arena aligns to 8. */
	char *room = arena_calloc(&slice->shelf, size + 8, 1);

	slices->bytes += slice_bytes(slice) - before;
	if (room == NULL)
		return NULL;
	return room + ((16 - (uintptr_t)room % 16) % 16);
}

int slice_keep(struct slices *slices, struct slice *slice, struct cell *cell)
{
	const uint64_t before = slice_bytes(slice);
	int r = table_add(&slice->table, cell->key->hash, cell);

	if (r != 0)
		return r;
	slices->bytes += slice_bytes(slice) - before;
	*slice->last = cell;
	slice->last = &cell->follow;
	slices->cells++;
	return 0;
}
