/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_SLICE_H
#define WINDOW_SLICE_H

/*
 * Slices of time, each with what the tuples of every key come to in it, and the
 * row of those that are there. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "window/key.h"
#include "window/portion.h"
#include "window/saver.h"
#include "window/table.h"

struct sheaf;

/* A key in a slice. */
struct cell {
	_Alignas(16) struct key *key; /* behind it, or of its strand */
	struct cell *follow;          /* the slice's next one */
	struct cell *next;            /* in a list of the owner's */
	uint32_t flags;               /* of the owner; 0 at first */
	struct saver_link link;
	struct portion portion;
};

struct slice {
	int64_t begin, end;
	int64_t last_end; /* of the last window that it is in */
	int64_t until;    /* at which watermark it goes */
	uint64_t tuples;  /* as the owner counts them */
	struct sheaf *sheaf;
	bool fired; /* by the owner */
	struct table table;
	struct arena shelf;
	struct cell *first;
	struct cell **last;
	/* The owner's: how far it is, how far early, and a list with its end.
	 */
	struct cell **cursor;
	struct cell **shown;
	struct cell *dirty;
	struct cell **dirty_last;
};

/* All members but the first four are private. */
struct slices {
	struct slice **items; /* by time */
	size_t count;
	uint64_t cells;
	uint64_t bytes; /* held, without portions that grow */
	size_t room;
	struct slice *recent;
};

/* Frees the row; the slices must have gone. */
void slices_fini(struct slices *slices);

/* The number of the first slice that ends after `time`; `count`: none does. */
size_t slices_after(const struct slices *slices, int64_t time);

/* The slice that has this time, or NULL if it is not there. */
static inline struct slice *slices_find(struct slices *slices, int64_t time)
{
	struct slice *slice = slices->recent;
	size_t at;

	if (slice != NULL && time >= slice->begin && time < slice->end)
		return slice;
	at = slices_after(slices, time);
	if (at == slices->count || slices->items[at]->begin > time)
		return NULL;
	slices->recent = slices->items[at];
	return slices->recent;
}

/* A new one in its place, which none has; NULL when memory is short. */
struct slice *slices_add(struct slices *slices, int64_t begin, int64_t end);

/* Takes out the first one and frees it; the portions must have ended. */
void slices_drop(struct slices *slices);

/* The cell of a key, or NULL. */
static inline struct cell *slice_find(const struct slice *slice, uint64_t hash,
				      const struct gust_value *keys)
{
	size_t at = table_begin(&slice->table, hash);
	struct cell *cell;

	while ((cell = table_next(&slice->table, hash, &at)) != NULL)
		if (key_equals(cell->key, keys))
			return cell;
	return NULL;
}

/*
 * Room for a cell of `size` bytes, sizeof(struct cell) at least, aligned to 16
 * and zero, which slice_keep() then adds; NULL when memory is short.
 */
void *slice_room(struct slices *slices, struct slice *slice, size_t size);
int slice_keep(struct slices *slices, struct slice *slice, struct cell *cell);

#endif
