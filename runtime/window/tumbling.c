/* SPDX-License-Identifier: MIT */

/*
 * Windows of time of which each tuple is in one at most: every slice is a
 * window, and is handed over as it is.
 *
 * The slices that have been handed over stand first, as long as late tuples are
 * allowed to come for them. What has changed of those is in the slice's list of
 * dirty cells, for the next windows_advance().
 */

#include <errno.h>
#include <stdlib.h>

#include "window/calendar.h"
#include "window/ring.h"
#include "window/sliced.h"
#include "window/windows_state.h"

/* A cell's flags. */
#define CELL_FIRED 1u /* it has been handed over on time */
#define CELL_DIRTY 2u /* it is in the list of dirty ones */
#define CELL_SHOWN 4u /* it was handed over early, and is as it was then */

static const struct sliced_kind tumbling_cells;

struct tumbling {
	struct calendar calendar;
	struct slices slices;
	size_t fired; /* slices that have been handed over, the first ones */
	size_t dirty; /* slices with dirty cells */
	bool early;   /* windows_early() is to go on */
};

static int tumbling_create(struct windows *windows, struct gust_error *error)
{
	struct tumbling *tumbling = calloc(1, sizeof(*tumbling));

	if (tumbling == NULL)
		return -ENOMEM;
	windows->state = tumbling;
	return calendar_open(&tumbling->calendar, windows->spec, error);
}

static void tumbling_drop(struct windows *windows)
{
	struct tumbling *tumbling = windows->state;
	struct slice *slice = tumbling->slices.items[0];

	if (windows->contract.grows || windows->saver.on)
		for (struct cell *cell = slice->first; cell != NULL;
		     cell = cell->follow) {
			sliced_forget(windows, &tumbling_cells, slice->begin,
				      cell);
			portion_end(&windows->contract, &cell->portion);
		}
	windows->tuples -= slice->tuples;
	slices_drop(&tumbling->slices);
}

static void tumbling_destroy(struct windows *windows)
{
	struct tumbling *tumbling = windows->state;

	while (tumbling->slices.count > 0)
		tumbling_drop(windows);
	slices_fini(&tumbling->slices);
	calendar_close(&tumbling->calendar);
	free(tumbling);
}

/* The slice for a time for which there is none; NULL and 0: no window has it.
 */
static int tumbling_open(struct windows *windows, int64_t time,
			 struct slice **opened)
{
	struct tumbling *tumbling = windows->state;
	struct slice *slice;
	int64_t begin, end, until;

	*opened = NULL;
	if (!calendar_slice(&tumbling->calendar, time, &begin, &end))
		return 0;
	until = calendar_sum(end, windows->spec->lateness);
	if (until <= windows->watermark)
		return WINDOWS_LATE;
	slice = slices_add(&tumbling->slices, begin, end);
	if (slice == NULL)
		return -ENOMEM;
	slice->until = until;
	slice->fired = end <= windows->done;
	tumbling->fired += slice->fired;
	*opened = slice;
	return 0;
}

/* A new cell with its key behind it. */
static int tumbling_cell(struct windows *windows, struct slice *slice,
			 uint64_t hash, const struct gust_value *keys,
			 struct cell **made)
{
	struct tumbling *tumbling = windows->state;
	const size_t count = windows->spec->key_count;
	const size_t inside = portion_inline(&windows->contract);
	struct cell *cell;
	int r;

	cell = slice_room(&tumbling->slices, slice,
			  sizeof(*cell) + inside + key_size(keys, count));
	if (cell == NULL)
		return -ENOMEM;
	cell->key = key_write((char *)(cell + 1) + inside, keys, count, hash);
	r = portion_begin(&windows->contract, &cell->portion, cell + 1);
	if (r != 0)
		return r;
	r = slice_keep(&tumbling->slices, slice, cell);
	if (r != 0) {
		portion_end(&windows->contract, &cell->portion);
		return r;
	}
	/* In another task it may have been handed over before. */
	if (!slice->fired && slice->end <= windows_done(windows, keys))
		cell->flags |= CELL_FIRED;
	*made = cell;
	return 0;
}

static int64_t tumbling_next_end(const struct windows *windows,
				 const struct slice *slice, int64_t time)
{
	(void)windows;
	return slice->end < time ? INT64_MAX : slice->end;
}

static void *tumbling_bytes(struct cell *cell)
{
	return cell + 1;
}

static const struct sliced_kind tumbling_cells = {
	.letter = 'c',
	.open = tumbling_open,
	.cell = tumbling_cell,
	.bytes = tumbling_bytes,
	.next_end = tumbling_next_end,
};

/* Notes that a cell is not as it was handed over. */
static void tumbling_change(struct tumbling *tumbling, struct slice *slice,
			    struct cell *cell)
{
	cell->flags &= ~CELL_SHOWN;
	if (!(cell->flags & CELL_FIRED) && !slice->fired)
		return;
	if (cell->flags & CELL_DIRTY)
		return;
	cell->flags |= CELL_DIRTY;
	tumbling->dirty += slice->dirty == NULL;
	cell->next = NULL;
	*slice->dirty_last = cell;
	slice->dirty_last = &cell->next;
}

static int tumbling_add(struct windows *windows, const struct gust_tuple *in,
			const struct gust_value *keys, uint64_t hash,
			int64_t time, struct sheaf **sheaf)
{
	struct tumbling *tumbling = windows->state;
	struct spot spot = { 0 };
	int r = sliced_add(windows, &tumbling->slices, &tumbling_cells, in,
			   keys, hash, time, &spot);

	if (r != 0 || spot.slice == NULL)
		return r;
	if (spot.cell->flags != 0 || spot.slice->fired)
		tumbling_change(tumbling, spot.slice, spot.cell);
	*sheaf = windows_sheaf(windows, &spot.slice->sheaf);
	return 0;
}

static int tumbling_hand(struct windows *windows, const struct slice *slice,
			 const struct cell *cell, enum gust_firing firing)
{
	return windows_hand(windows, cell->key, &cell->portion, slice->begin,
			    slice->end, firing);
}

/* Hands over again what late tuples have changed in a slice. */
static int tumbling_again(struct windows *windows, struct slice *slice)
{
	struct tumbling *tumbling = windows->state;
	int r = 0;

	windows_open(windows, slice->end);
	while (slice->dirty != NULL && r == 0) {
		struct cell *cell = slice->dirty;

		if (!windows_room(windows)) {
			r = GUST_MORE;
			break;
		}
		slice->dirty = cell->next;
		if (slice->dirty == NULL) {
			slice->dirty_last = &slice->dirty;
			tumbling->dirty--;
		}
		cell->flags &= ~CELL_DIRTY;
		r = tumbling_hand(windows, slice, cell, GUST_LATE);
	}
	windows_close(windows, r == 0 && slice->fired ? &slice->sheaf : NULL);
	return r;
}

/* Hands over a slice, or the rest of it. */
static int tumbling_fire(struct windows *windows, struct slice *slice)
{
	int r = 0;

	if (slice->cursor == NULL)
		slice->cursor = &slice->first;
	windows_open(windows, slice->end);
	while (*slice->cursor != NULL && r == 0) {
		struct cell *cell = *slice->cursor;

		if (!windows_room(windows)) {
			r = GUST_MORE;
			break;
		}
		slice->cursor = &cell->follow;
		if (cell->flags & CELL_FIRED)
			continue;
		cell->flags |= CELL_FIRED;
		r = tumbling_hand(windows, slice, cell, GUST_ON_TIME);
	}
	slice->fired = r == 0;
	/* What is dirty already is not safe yet. */
	windows_close(windows,
		      r == 0 && slice->dirty == NULL ? &slice->sheaf : NULL);
	return r;
}

static int tumbling_advance(struct windows *windows)
{
	struct tumbling *tumbling = windows->state;
	struct slices *slices = &tumbling->slices;
	struct slice *slice;
	int r = 0;

	/* Also those of keys that are further than others, see past.h; but not
	 * of a slice of which some are handed over just now. */
	for (size_t i = 0; tumbling->dirty > 0 && r == 0 && i < slices->count;
	     i++)
		if (slices->items[i]->dirty != NULL &&
		    (slices->items[i]->fired ||
		     slices->items[i]->cursor == NULL))
			r = tumbling_again(windows, slices->items[i]);
	while (r == 0 && tumbling->fired < slices->count) {
		slice = slices->items[tumbling->fired];
		if (slice->end > windows->watermark)
			break;
		r = tumbling_fire(windows, slice);
		if (r == 0 && slice->dirty != NULL)
			r = tumbling_again(windows, slice);
		if (!slice->fired)
			break;
		windows->done = slice->end;
		tumbling->fired++;
	}
	while (r == 0 && slices->count > 0 &&
	       slices->items[0]->until <= windows->watermark) {
		tumbling_drop(windows);
		tumbling->fired--;
	}
	return r;
}

static int64_t tumbling_next(const struct windows *windows)
{
	const struct tumbling *tumbling = windows->state;

	return tumbling->fired == tumbling->slices.count
		       ? INT64_MAX
		       : tumbling->slices.items[tumbling->fired]->end;
}

static bool tumbling_due(const struct windows *windows, int64_t watermark)
{
	const struct tumbling *tumbling = windows->state;

	return tumbling->dirty > 0 ||
	       (tumbling->fired < tumbling->slices.count &&
		tumbling_next(windows) <= watermark);
}

/* Hands over what is new in a slice that is open, or the rest of that. */
static int tumbling_early_slice(struct windows *windows, struct slice *slice)
{
	int r = 0;

	if (slice->shown == NULL)
		slice->shown = &slice->first;
	windows_open(windows, slice->end);
	while (*slice->shown != NULL && r == 0) {
		struct cell *cell = *slice->shown;

		if (!windows_room(windows)) {
			r = GUST_MORE;
			break;
		}
		slice->shown = &cell->follow;
		if (cell->flags != 0)
			continue;
		cell->flags |= CELL_SHOWN;
		r = tumbling_hand(windows, slice, cell, GUST_EARLY);
	}
	windows_close(windows, NULL);
	return r;
}

static int tumbling_early(struct windows *windows)
{
	struct tumbling *tumbling = windows->state;
	struct slices *slices = &tumbling->slices;
	int r = 0;

	if (!tumbling->early)
		for (size_t i = tumbling->fired; i < slices->count; i++)
			slices->items[i]->shown = NULL;
	for (size_t i = tumbling->fired; i < slices->count && r == 0; i++)
		r = tumbling_early_slice(windows, slices->items[i]);
	tumbling->early = r == GUST_MORE;
	return r;
}

static void tumbling_usage(const struct windows *windows,
			   struct windows_usage *usage)
{
	const struct tumbling *tumbling = windows->state;

	usage->bytes += sizeof(*tumbling) + tumbling->slices.bytes;
	usage->windows = tumbling->slices.cells;
}

static void tumbling_save(struct windows *windows,
			  const struct saver_change *change)
{
	sliced_save(windows, &tumbling_cells, change->begin,
		    RING_OF(change->link, cell, link));
}

static int tumbling_restore(struct windows *windows, enum windows_group group,
			    char letter, struct gust_text text,
			    struct gust_text value)
{
	struct tumbling *tumbling = windows->state;
	struct spot spot = { 0 };

	return sliced_restore(windows, &tumbling->slices, &tumbling_cells,
			      group, letter, text, value, &spot);
}

const struct windows_kind tumbling_kind = {
	.create = tumbling_create,
	.destroy = tumbling_destroy,
	.add = tumbling_add,
	.advance = tumbling_advance,
	.due = tumbling_due,
	.next = tumbling_next,
	.early = tumbling_early,
	.usage = tumbling_usage,
	.save = tumbling_save,
	.restore = tumbling_restore,
};
