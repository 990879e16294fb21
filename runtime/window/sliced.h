/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_SLICED_H
#define WINDOW_SLICED_H

/*
 * What windows of time have in common, whether they overlap or not: tuples are
 * added to cells, one a key and slice, and cells are what a store has.
 */

#include "window/slice.h"
#include "window/windows_state.h"

struct sliced_kind {
	char letter; /* the keys of its entries begin with that */

	/* The slice of a time that has none yet; NULL and 0: no window has that
	 * time. As windows_add(). */
	int (*open)(struct windows *windows, int64_t time,
		    struct slice **opened);

	/* A new cell, and where the bytes of its portion are. */
	int (*cell)(struct windows *windows, struct slice *slice, uint64_t hash,
		    const struct gust_value *keys, struct cell **made);
	void *(*bytes)(struct cell *cell);

	/* The end of the first window with a slice, of those that end at `time`
	 * or later. */
	int64_t (*next_end)(const struct windows *windows,
			    const struct slice *slice, int64_t time);
};

/* Where a tuple is, or was added to. */
struct spot {
	struct slice *slice; /* NULL: in no window */
	struct cell *cell;
};

/* Adds a tuple. As windows_add(). */
static inline int sliced_add(struct windows *windows, struct slices *slices,
			     const struct sliced_kind *kind,
			     const struct gust_tuple *in,
			     const struct gust_value *keys, uint64_t hash,
			     int64_t time, struct spot *spot)
{
	struct slice *slice = slices_find(slices, time);
	struct cell *cell;
	int r = 0;

	spot->slice = slice;
	if (slice == NULL) {
		r = kind->open(windows, time, &spot->slice);
		slice = spot->slice;
		if (slice == NULL)
			return r;
	}
	if (slice->until <= windows_watermark(windows, keys))
		return WINDOWS_LATE;
	cell = slice_find(slice, hash, keys);
	if (cell == NULL)
		r = kind->cell(windows, slice, hash, keys, &cell);
	if (r == 0)
		r = portion_add(&windows->contract, &cell->portion, in);
	if (r != 0)
		return r;
	spot->cell = cell;
	slice->tuples++;
	windows->tuples++;
	saver_touch(&windows->saver, &cell->link, slice->begin);
	return 0;
}

/* Passes what has changed of a cell in the slice that begins there to the
 * saver; or notes that the cell goes. */
void sliced_save(struct windows *windows, const struct sliced_kind *kind,
		 int64_t begin, struct cell *cell);
void sliced_forget(struct windows *windows, const struct sliced_kind *kind,
		   int64_t begin, struct cell *cell);

/* Makes the cell of an entry, or some of it; `text` is what follows the letter.
 * As windows_restore(). */
int sliced_restore(struct windows *windows, struct slices *slices,
		   const struct sliced_kind *kind, enum windows_group group,
		   char letter, struct gust_text text, struct gust_text value,
		   struct spot *spot);

#endif
