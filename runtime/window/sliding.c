/* SPDX-License-Identifier: MIT */

/*
 * Windows of time that overlap.
 *
 * A tuple is added to the bead of its key in its slice, and to nothing else.
 * When the watermark is at the end of a slice its beads go to the strands of
 * their keys, and at the end of a window each strand gives what it comes to.
 */

#include "window/sliding.h"

#include <errno.h>
#include <stdlib.h>

static int sliding_create(struct windows *windows, struct gust_error *error)
{
	struct sliding *sliding = calloc(1, sizeof(*sliding));

	if (sliding == NULL)
		return -ENOMEM;
	windows->state = sliding;
	ring_init(&sliding->live);
	ring_init(&sliding->late);
	ring_init(&sliding->fresh);
	sliding->closed_to = INT64_MIN;
	sliding->scratch_bytes =
		calloc(1, portion_inline(&windows->contract) + 1);
	if (sliding->scratch_bytes == NULL)
		return -ENOMEM;
	return calendar_open(&sliding->calendar, windows->spec, error);
}

static struct strand *sliding_find(const struct sliding *sliding, uint64_t hash,
				   const struct gust_value *keys)
{
	size_t at = table_begin(&sliding->strands, hash);
	struct strand *strand;

	while ((strand = table_next(&sliding->strands, hash, &at)) != NULL)
		if (key_equals(strand->key, keys))
			return strand;
	return NULL;
}

static int sliding_strand(struct windows *windows, uint64_t hash,
			  const struct gust_value *keys, struct strand **found)
{
	struct sliding *sliding = windows->state;
	struct strand *strand = sliding_find(sliding, hash, keys);
	int r;

	if (strand == NULL) {
		strand = strand_create(&windows->contract, keys,
				       windows->spec->key_count, hash);
		if (strand == NULL)
			return -ENOMEM;
		r = table_add(&sliding->strands, hash, strand);
		if (r != 0) {
			strand_destroy(&windows->contract, strand);
			return r;
		}
		strand->past = windows_done(windows, keys);
		sliding->bytes += strand->size;
	}
	*found = strand;
	return 0;
}

/* One bead of it less; it goes with the last one. */
static void sliding_release(struct windows *windows, struct strand *strand)
{
	struct sliding *sliding = windows->state;

	if (strand->beads > 0)
		return;
	if (sliding->cursor == &strand->live)
		sliding->cursor = strand->live.next;
	table_remove(&sliding->strands, strand->key->hash, strand);
	sliding->bytes -= strand->size;
	strand_destroy(&windows->contract, strand);
}

void sliding_settle(struct sliding *sliding, struct strand *strand)
{
	if (!strand_is_empty(strand)) {
		ring_add(&sliding->live, &strand->live);
		return;
	}
	if (sliding->cursor == &strand->live)
		sliding->cursor = strand->live.next;
	ring_remove(&strand->live);
}

/* Frees the first slice, after all windows with it. */
static int sliding_drop(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	struct slice *slice = sliding->slices.items[0];
	struct cell *follow;
	int r = 0;

	for (struct cell *cell = slice->first; cell != NULL; cell = follow) {
		struct bead *bead = (struct bead *)(void *)cell;
		struct strand *strand = bead->strand;

		follow = cell->follow;
		if (r == 0)
			r = strand_evict(&windows->contract, strand,
					 slice->end);
		sliding_settle(sliding, strand);
		sliced_forget(windows, &sliding_beads, slice->begin, cell);
		bead_end(&windows->contract, bead);
		strand->beads--;
		sliding_release(windows, strand);
	}
	windows->tuples -= slice->tuples;
	sliding->past -= sliding->past > 0;
	sliding->closed -= sliding->closed > 0;
	slices_drop(&sliding->slices);
	return r;
}

static void sliding_destroy(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	struct table *strands = &sliding->strands;

	for (size_t i = 0; strands->slots != NULL && i <= strands->mask; i++)
		if (strands->slots[i].thing != NULL)
			strand_clear(&windows->contract,
				     strands->slots[i].thing);
	while (sliding->slices.count > 0)
		sliding_drop(windows);
	slices_fini(&sliding->slices);
	table_fini(strands);
	portion_end(&windows->contract, &sliding->scratch);
	free(sliding->scratch_bytes);
	calendar_close(&sliding->calendar);
	free(sliding);
}

static int sliding_open(struct windows *windows, int64_t time,
			struct slice **opened)
{
	struct sliding *sliding = windows->state;
	struct slice *slice;
	int64_t begin, end, last_end, until;

	calendar_slice(&sliding->calendar, time, &begin, &end);
	last_end = calendar_last_end(&sliding->calendar, time);
	until = calendar_sum(last_end, windows->spec->lateness);
	if (until <= windows->watermark)
		return WINDOWS_LATE;
	slice = slices_add(&sliding->slices, begin, end);
	if (slice == NULL)
		return -ENOMEM;
	sliding->next_known = false;
	slice->last_end = last_end;
	slice->until = until;
	sliding->closed += end <= sliding->closed_to;
	sliding->past += last_end <= windows->done;
	*opened = slice;
	return 0;
}

static int sliding_bead(struct windows *windows, struct slice *slice,
			uint64_t hash, const struct gust_value *keys,
			struct cell **made)
{
	struct sliding *sliding = windows->state;
	struct strand *strand;
	struct bead *bead;
	int r;

	r = sliding_strand(windows, hash, keys, &strand);
	if (r != 0)
		return r;
	bead = slice_room(&sliding->slices, slice,
			  bead_size(&windows->contract));
	r = bead == NULL ? -ENOMEM
			 : bead_begin(&windows->contract, bead, strand,
				      slice->begin);
	if (r == 0) {
		r = slice_keep(&sliding->slices, slice, &bead->cell);
		if (r != 0)
			bead_end(&windows->contract, bead);
	}
	if (r != 0) {
		sliding_release(windows, strand);
		return r;
	}
	strand->beads++;
	*made = &bead->cell;
	return 0;
}

static void *sliding_bytes(struct cell *cell)
{
	return bead_bytes((struct bead *)(void *)cell);
}

const struct sliced_kind sliding_beads = {
	.letter = 'b',
	.open = sliding_open,
	.cell = sliding_bead,
	.bytes = sliding_bytes,
	.next_end = sliding_slice_end,
};

void sliding_late(struct windows *windows, const struct slice *slice,
		  struct cell *cell, uint32_t flag)
{
	struct sliding *sliding = windows->state;
	struct strand *strand = ((struct bead *)(void *)cell)->strand;

	cell->flags |= flag;
	strand->late_resume = INT64_MIN;
	if (!ring_has(&strand->late)) {
		strand->late_from = slice->begin;
		strand->late_to = slice->begin;
		strand->mark = strand->past > windows->watermark
				       ? strand->past
				       : windows->watermark;
	}
	if (slice->begin < strand->late_from)
		strand->late_from = slice->begin;
	if (slice->begin > strand->late_to)
		strand->late_to = slice->begin;
	ring_add(&sliding->late, &strand->late);
}

static int sliding_add(struct windows *windows, const struct gust_tuple *in,
		       const struct gust_value *keys, uint64_t hash,
		       int64_t time, struct sheaf **sheaf)
{
	struct sliding *sliding = windows->state;
	struct spot spot = { 0 };
	int r = sliced_add(windows, &sliding->slices, &sliding_beads, in, keys,
			   hash, time, &spot);
	struct slice *slice = spot.slice;
	struct cell *cell = spot.cell;

	if (r != 0)
		return r;
	if (slice->end <= sliding->closed_to ||
	    (windows->past.count > 0 && sliding_fell_behind(windows, &spot)))
		sliding_late(windows, slice, cell, BEAD_LATE);
	if (windows->spec->early > 0) {
		struct strand *strand = ((struct bead *)(void *)cell)->strand;

		cell->flags |= BEAD_FRESH;
		strand->early_resume = INT64_MIN;
		ring_add(&sliding->fresh, &strand->fresh);
	}
	*sheaf = slice->sheaf;
	if (*sheaf == NULL) {
		*sheaf = windows_sheaf(windows, &slice->sheaf);
		sliding->held +=
			*sheaf != NULL && slice->last_end <= windows->done;
	}
	return 0;
}

int sliding_hand(struct windows *windows, struct strand *strand, int64_t end,
		 enum gust_firing firing)
{
	struct sliding *sliding = windows->state;
	const struct portion *sum;
	int r;

	r = strand_sum(&windows->contract, strand, &sliding->scratch,
		       sliding->scratch_bytes, &sum);
	if (r != 0)
		return r;
	if (firing == GUST_ON_TIME)
		windows->left = &strand->left;
	r = windows_hand(windows, strand->key, sum,
			 calendar_begin(&sliding->calendar, end), end, firing);
	windows->left = NULL;
	/* It would keep the tuples. */
	if (windows->contract.whole)
		portion_end(&windows->contract, &sliding->scratch);
	return r;
}

/* Takes the slices that end there or before into the strands. */
static int sliding_shut(struct windows *windows, int64_t end)
{
	struct sliding *sliding = windows->state;
	struct slices *slices = &sliding->slices;
	int r = 0;

	while (r == 0 && sliding->closed < slices->count &&
	       slices->items[sliding->closed]->end <= end) {
		struct slice *slice = slices->items[sliding->closed];

		for (struct cell *cell = slice->first; cell != NULL && r == 0;
		     cell = cell->follow) {
			struct bead *bead = (struct bead *)(void *)cell;

			r = strand_push(&windows->contract, bead->strand, bead);
			sliding_settle(sliding, bead->strand);
		}
		sliding->closed++;
	}
	if (end > sliding->closed_to)
		sliding->closed_to = end;
	return r;
}

/* The end of the next window that something is in; INT64_MAX: of none. */
static int64_t sliding_next_end(const struct windows *windows)
{
	const struct sliding *sliding = windows->state;
	const struct slices *slices = &sliding->slices;
	int64_t after = calendar_sum(windows->done, 1);

	if (sliding->cursor != NULL)
		return sliding->firing;
	if (sliding->past == slices->count)
		return INT64_MAX;
	if (slices->items[sliding->past]->end > after)
		after = slices->items[sliding->past]->end;
	return calendar_next_end(&sliding->calendar, after);
}

/* It is asked for with every tuple. */
static int64_t sliding_next(const struct windows *windows)
{
	struct sliding *sliding = windows->state;

	if (!sliding->next_known)
		sliding->next = sliding_next_end(windows);
	sliding->next_known = true;
	return sliding->next;
}

static bool sliding_due(const struct windows *windows, int64_t watermark)
{
	const struct sliding *sliding = windows->state;

	return !ring_is_empty(&sliding->late) || sliding->cursor != NULL ||
	       (sliding->past < sliding->slices.count &&
		sliding_next(windows) <= watermark);
}

/* Settles what is in no window any more. */
static void sliding_settle_past(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	struct slice **items = sliding->slices.items;

	while (sliding->past < sliding->slices.count &&
	       items[sliding->past]->last_end <= windows->done) {
		sliding->held += items[sliding->past]->sheaf != NULL;
		sliding->past++;
	}
	/* Late tuples are done when they have been handed over. */
	if (!ring_is_empty(&sliding->late))
		return;
	for (size_t i = sliding->past; sliding->held > 0; i--) {
		if (items[i - 1]->sheaf == NULL)
			continue;
		windows_open(windows, items[i - 1]->last_end);
		windows_close(windows, &items[i - 1]->sheaf);
		sliding->held--;
	}
}

/* Hands over the windows that end at `firing`, or the rest of them. */
static int sliding_fire(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	const int64_t end = sliding->firing;
	const int64_t begin = calendar_begin(&sliding->calendar, end);
	int r = 0;

	windows_open(windows, end);
	while (sliding->cursor != &sliding->live && r == 0) {
		struct strand *strand = RING_OF(sliding->cursor, strand, live);

		if (!windows_room(windows)) {
			r = GUST_MORE;
			break;
		}
		sliding->cursor = sliding->cursor->next;
		r = strand_evict(&windows->contract, strand, begin);
		if (r == 0 && !strand_is_empty(strand) && end > strand->past)
			r = sliding_hand(windows, strand, end, GUST_ON_TIME);
		portion_end(&windows->contract, &strand->left);
		sliding_settle(sliding, strand);
	}
	windows_close(windows, NULL);
	if (r != 0)
		return r;
	sliding->cursor = NULL;
	windows->done = end;
	sliding_settle_past(windows);
	return 0;
}

/* At which watermark the first slice goes. Whoever goes on from a store is to
 * know what leaves a whole window as the next one comes. */
static int64_t sliding_until(const struct windows *windows)
{
	const struct sliding *sliding = windows->state;
	const int64_t until = sliding->slices.items[0]->until;

	return windows->contract.whole && windows->saver.on
		       ? calendar_sum(until, sliding->calendar.slide)
		       : until;
}

static int sliding_advance(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	struct slices *slices = &sliding->slices;
	int r = 0;

	sliding->next_known = false;
	for (;;) {
		if (sliding->cursor != NULL)
			r = sliding_fire(windows);
		if (r == 0 && !ring_is_empty(&sliding->late)) {
			r = sweep_late(windows);
			if (r == 0)
				sliding_settle_past(windows);
		}
		if (r != 0)
			return r;
		sliding->firing = sliding_next_end(windows);
		if (sliding->past == slices->count ||
		    sliding->firing > windows->watermark)
			break;
		r = sliding_shut(windows, sliding->firing);
		if (r != 0)
			return r;
		sliding->cursor = sliding->live.next;
	}
	r = sliding_shut(windows, windows->watermark);
	while (r == 0 && slices->count > 0 &&
	       sliding_until(windows) <= windows->watermark)
		r = sliding_drop(windows);
	if (windows->watermark == INT64_MAX)
		sliding->closed_to = windows->before_flush;
	return r;
}

static void sliding_usage(const struct windows *windows,
			  struct windows_usage *usage)
{
	const struct sliding *sliding = windows->state;

	usage->bytes += sizeof(*sliding) + sliding->slices.bytes +
			sliding->bytes + table_bytes(&sliding->strands);
	usage->windows = sliding->slices.cells;
}

const struct windows_kind sliding_kind = {
	.create = sliding_create,
	.destroy = sliding_destroy,
	.add = sliding_add,
	.advance = sliding_advance,
	.due = sliding_due,
	.next = sliding_next,
	.early = sweep_early,
	.usage = sliding_usage,
	.save = sliding_save,
	.restore = sliding_restore,
	.restored = sliding_restored,
};
