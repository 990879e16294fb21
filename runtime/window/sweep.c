/* SPDX-License-Identifier: MIT */

/*
 * Windows that slide, handed over at other times than their end: what has been
 * handed over and was changed by late tuples, and what is open still.
 *
 * The strand is emptied and led over the slices once more, from the first
 * window that is wanted to the last; then it is built as it has to be. So a key
 * costs some merges a slice, however many late tuples there were.
 */

#include <string.h>

#include "window/sliding.h"

/* What is wanted of a sweep. */
struct sweep {
	int64_t from, to; /* ends of windows */
	uint32_t flag;    /* those with a bead that has it */
	enum gust_firing firing;
	int64_t *resume;
};

static struct bead *sweep_bead(const struct slice *slice,
			       const struct strand *strand)
{
	struct cell *cell =
		slice_find(slice, strand->key->hash, key_values(strand->key));

	return (struct bead *)(void *)cell;
}

/* Pushes what is in slices that end there or before; `*flagged` is the newest
 * one that has the flag. */
static int sweep_push(struct windows *windows, struct strand *strand,
		      size_t *at, int64_t end, uint32_t flag,
		      const struct bead **flagged)
{
	const struct slices *slices =
		&((struct sliding *)windows->state)->slices;
	int r = 0;

	for (; r == 0 && *at < slices->count; ++*at) {
		struct bead *bead;

		if (slices->items[*at]->end > end)
			break;
		bead = sweep_bead(slices->items[*at], strand);
		if (bead == NULL)
			continue;
		if (bead->cell.flags & flag)
			*flagged = bead;
		r = strand_push(&windows->contract, strand, bead);
	}
	return r;
}

static int sweep_hand(struct windows *windows, struct strand *strand,
		      int64_t end, const struct sweep *sweep)
{
	int r;

	if (!windows_room(windows)) {
		*sweep->resume = end;
		return GUST_MORE;
	}
	windows_open(windows, end);
	r = sliding_hand(windows, strand, end, sweep->firing);
	windows_close(windows, NULL);
	return r;
}

static int sweep_strand(struct windows *windows, struct strand *strand,
			const struct sweep *sweep)
{
	struct sliding *sliding = windows->state;
	const struct calendar *calendar = &sliding->calendar;
	const struct slices *slices = &sliding->slices;
	int64_t end = sweep->from, begin = calendar_begin(calendar, end);
	const struct bead *flagged = NULL;
	int64_t next;
	size_t at = slices_after(slices, begin);
	struct portion left;
	int r = 0;

	/* What leaves now is not what has left since the last window. */
	left = strand->left;
	memset(&strand->left, 0, sizeof(left));
	strand_clear(&windows->contract, strand);
	while (end <= sweep->to && r == 0) {
		begin = calendar_begin(calendar, end);
		r = sweep_push(windows, strand, &at, end, sweep->flag,
			       &flagged);
		if (r == 0)
			r = strand_evict(&windows->contract, strand, begin);
		if (r != 0)
			break;
		next = calendar_sum(end, 1);
		if (flagged != NULL && flagged->begin >= begin)
			r = sweep_hand(windows, strand, end, sweep);
		else if (at == slices->count)
			break;
		else if (slices->items[at]->end > next)
			next = slices->items[at]->end;
		if (end == INT64_MAX)
			break;
		end = calendar_next_end(calendar, next);
	}
	portion_end(&windows->contract, &strand->left);
	strand->left = left;
	return r;
}

/* Clears a flag in the slices that begin there, or between. */
static void sweep_clear(struct sliding *sliding, struct strand *strand,
			int64_t from, int64_t to, uint32_t flag)
{
	const struct slices *slices = &sliding->slices;
	size_t at = slices_after(slices, from);

	for (; at < slices->count && slices->items[at]->begin <= to; at++) {
		struct bead *bead = sweep_bead(slices->items[at], strand);

		if (bead != NULL)
			bead->cell.flags &= ~flag;
	}
}

/* The end of the first window that is to be handed over on time. */
static int64_t sweep_first(const struct windows *windows)
{
	const struct sliding *sliding = windows->state;

	return calendar_next_end(&sliding->calendar,
				 calendar_sum(windows->done, 1));
}

/* Makes the strand what it has to be. */
static int sweep_rebuild(struct windows *windows, struct strand *strand)
{
	struct sliding *sliding = windows->state;
	int64_t begin =
		calendar_begin(&sliding->calendar, sweep_first(windows));
	size_t at;
	const struct bead *flagged;
	int r;

	/* Who gets whole windows is told what has left since the last one. */
	if (windows->contract.whole)
		begin = calendar_sum(begin, -sliding->calendar.slide);
	at = slices_after(&sliding->slices, begin);
	strand_clear(&windows->contract, strand);
	r = sweep_push(windows, strand, &at, sliding->closed_to, 0, &flagged);
	sliding_settle(sliding, strand);
	return r;
}

static int sweep_late_strand(struct windows *windows, struct strand *strand)
{
	struct sliding *sliding = windows->state;
	const struct calendar *calendar = &sliding->calendar;
	const int64_t gone =
		calendar_sum(strand->mark, -windows->spec->lateness);
	struct sweep sweep = { .flag = BEAD_LATE,
			       .firing = GUST_LATE,
			       .resume = &strand->late_resume };
	int r;

	/* Those that were still there when the tuples came. */
	sweep.from = calendar_next_end(calendar, calendar_sum(gone, 1));
	if (sweep.from <= strand->late_from)
		sweep.from = calendar_next_end(
			calendar, calendar_sum(strand->late_from, 1));
	if (sweep.from < strand->late_resume)
		sweep.from = strand->late_resume;
	sweep.to = calendar_last_end(calendar, strand->late_to);
	if (sweep.to > windows->done && sweep.to > strand->past)
		sweep.to = strand->past > windows->done ? strand->past
							: windows->done;
	r = sweep_strand(windows, strand, &sweep);
	if (r != 0)
		return r;
	sweep_clear(sliding, strand, strand->late_from, strand->late_to,
		    BEAD_LATE);
	strand->late_resume = INT64_MIN;
	ring_remove(&strand->late);
	return sweep_rebuild(windows, strand);
}

int sweep_late(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	int r = 0;

	while (r == 0 && !ring_is_empty(&sliding->late))
		r = sweep_late_strand(
			windows, RING_OF(sliding->late.next, strand, late));
	return r;
}

static int sweep_early_strand(struct windows *windows, struct strand *strand)
{
	struct sliding *sliding = windows->state;
	struct sweep sweep = { .to = INT64_MAX,
			       .flag = BEAD_FRESH,
			       .firing = GUST_EARLY,
			       .resume = &strand->early_resume };
	int r, rebuilt;

	sweep.from = sweep_first(windows);
	/* Some of these may have been handed over on time. */
	if (sliding->cursor != NULL)
		sweep.from = calendar_next_end(
			&sliding->calendar, calendar_sum(sliding->firing, 1));
	if (sweep.from <= strand->past)
		sweep.from = calendar_next_end(&sliding->calendar,
					       calendar_sum(strand->past, 1));
	if (sweep.from < strand->early_resume)
		sweep.from = strand->early_resume;
	r = sweep_strand(windows, strand, &sweep);
	if (r == 0) {
		sweep_clear(sliding, strand, INT64_MIN, INT64_MAX, BEAD_FRESH);
		strand->early_resume = INT64_MIN;
		ring_remove(&strand->fresh);
	}
	/* The watermark may rise before it goes on. */
	rebuilt = sweep_rebuild(windows, strand);
	return rebuilt != 0 ? rebuilt : r;
}

int sweep_early(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	int r = 0;

	while (r == 0 && !ring_is_empty(&sliding->fresh))
		r = sweep_early_strand(
			windows, RING_OF(sliding->fresh.next, strand, fresh));
	return r;
}
