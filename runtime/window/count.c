/* SPDX-License-Identifier: MIT */

/*
 * Windows of a number of tuples of their key.
 *
 * The tuples of a key are numbered, and the numbers are cut into slices as
 * times are, so that windows of `length` end at every multiple of `slide`. A
 * window that is full is put aside as it is, since more tuples may come before
 * it can be handed over.
 */

#include "window/counter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int count_create(struct windows *windows, struct gust_error *error)
{
	const size_t inside = portion_inline(&windows->contract);
	struct counts *counts = calloc(1, sizeof(*counts));
	struct gust_window_spec spec = { .type = GUST_SLIDING };

	if (counts == NULL)
		return -ENOMEM;
	windows->state = counts;
	ring_init(&counts->all);
	ring_init(&counts->fresh);
	counts->last = &counts->first;
	counts->stretch_size =
		offsetof(struct stretch, bead) + bead_size(&windows->contract);
	counts->full_size = sizeof(struct full) + inside;
	counts->scratch_bytes = calloc(1, inside + 1);
	if (counts->scratch_bytes == NULL)
		return -ENOMEM;
	spec.length = windows->spec->length;
	spec.slide = windows->spec->type == GUST_TUMBLING_COUNT
			     ? spec.length
			     : windows->spec->slide;
	/* So that they end at multiples of the slide. */
	spec.offset = -spec.length;
	return calendar_open(&counts->calendar, &spec, error);
}

static void full_free(struct windows *windows, struct full *full)
{
	struct counts *counts = windows->state;

	portion_end(&windows->contract, &full->portion);
	portion_end(&windows->contract, &full->left);
	counts->windows--;
	counts->bytes -= counts->full_size;
	pool_free(&counts->pool, full, counts->full_size);
}

static void count_destroy(struct windows *windows)
{
	struct counts *counts = windows->state;
	struct full *full;

	while ((full = counts->first) != NULL) {
		counts->first = full->next;
		full_free(windows, full);
	}
	while (!ring_is_empty(&counts->all)) {
		struct counter *counter =
			RING_OF(counts->all.next, counter, all);

		strand_clear(&windows->contract, counter->strand);
		counter_free(windows, counter);
	}
	table_fini(&counts->counters);
	pool_fini(&counts->pool);
	portion_end(&windows->contract, &counts->scratch);
	free(counts->scratch_bytes);
	calendar_close(&counts->calendar);
	free(counts);
}

/* What the window that ends with the last tuple comes to; its slices are in the
 * strand. */
static int count_copy(struct windows *windows, struct counter *counter,
		      struct full *full)
{
	struct counts *counts = windows->state;
	const struct portion *sum;
	int r;

	r = strand_sum(&windows->contract, counter->strand, &counts->scratch,
		       counts->scratch_bytes, &sum);
	if (r != 0)
		return r;
	full->begin = counter->oldest->first;
	full->end = calendar_sum(counter->newest->last, 1);
	r = portion_copy(&windows->contract, &full->portion, full + 1, sum);
	/* It would keep the tuples. */
	if (windows->contract.whole)
		portion_end(&windows->contract, &counts->scratch);
	return r;
}

/* Puts that window aside, or none that is new; what begins before `begin` is in
 * no later one. */
static int count_full(struct windows *windows, struct counter *counter,
		      bool new, int64_t begin)
{
	struct counts *counts = windows->state;
	struct full *full = pool_alloc(&counts->pool, counts->full_size);
	int r = 0;

	if (full == NULL)
		return -ENOMEM;
	memset(full, 0, counts->full_size);
	counts->windows++;
	counts->bytes += counts->full_size;
	if (new)
		r = count_copy(windows, counter, full);
	full->left = counter->strand->left;
	memset(&counter->strand->left, 0, sizeof(full->left));
	if (r == 0)
		r = counter_evict(windows, counter, begin, full);
	if (r != 0) {
		full_free(windows, full);
		return r;
	}
	full->counter = counter;
	counter->full++;
	counter->fired = counter->next;
	*counts->last = full;
	counts->last = &full->next;
	ring_remove(&counter->fresh);
	return 0;
}

/* What is to be done when a tuple more is in a slice. */
static int count_added(struct windows *windows, struct counter *counter,
		       struct stretch *stretch)
{
	const struct calendar *calendar =
		&((struct counts *)windows->state)->calendar;
	int r;

	if (counter->next < stretch->end)
		return 0;
	r = strand_push(&windows->contract, counter->strand, &stretch->bead);
	if (r != 0 ||
	    calendar_next_end(calendar, counter->next) != counter->next)
		return r;
	return count_full(
		windows, counter, true,
		calendar_begin(calendar,
			       calendar_next_end(calendar, counter->next + 1)));
}

static int count_add(struct windows *windows, const struct gust_tuple *in,
		     const struct gust_value *keys, uint64_t hash, int64_t time,
		     struct sheaf **sheaf)
{
	struct counts *counts = windows->state;
	struct counter *counter = counter_find(counts, hash, keys);
	struct stretch *stretch;
	int r;

	if (counter == NULL)
		counter = counter_create(windows, keys, hash);
	if (counter == NULL)
		return -ENOMEM;
	r = counter_stretch(windows, counter, &stretch);
	if (r == 0 && stretch != NULL)
		r = portion_add(&windows->contract, &stretch->bead.cell.portion,
				in);
	if (r != 0) {
		counter_release(windows, counter);
		return r;
	}
	counter->next++;
	saver_touch(&windows->saver, &counter->saved, SAVER_WHOLE);
	if (stretch == NULL) {
		if (calendar_next_end(&counts->calendar, counter->next) ==
		    counter->next)
			counter->fired = counter->next;
		counter_release(windows, counter);
		return 0;
	}
	windows->tuples++;
	saver_touch(&windows->saver, &stretch->bead.cell.link,
		    stretch->bead.begin);
	stretch->last = time;
	if (stretch->bead.cell.portion.count == 1)
		stretch->first = time;
	*sheaf = windows_sheaf(windows, &stretch->sheaf);
	if (windows->spec->early > 0)
		ring_add(&counts->fresh, &counter->fresh);
	return count_added(windows, counter, stretch);
}

/* Puts aside what is in no window yet, and forgets the rest. */
static int count_flush_one(struct windows *windows, struct counter *counter)
{
	const bool new = counter->next > counter->fired;
	struct stretch *newest = counter->newest;
	int r = 0;

	if (newest != NULL && counter->next < newest->end)
		r = strand_push(&windows->contract, counter->strand,
				&newest->bead);
	if (newest != NULL && r == 0)
		r = count_full(windows, counter, new, INT64_MAX);
	counter->next = 0;
	counter->fired = 0;
	saver_touch(&windows->saver, &counter->saved, SAVER_WHOLE);
	counter_release(windows, counter);
	return r;
}

static int count_flush(struct windows *windows)
{
	struct counts *counts = windows->state;
	struct ring *link, *next;
	int r = 0;

	for (link = counts->all.next; link != &counts->all && r == 0;
	     link = next) {
		next = link->next;
		r = count_flush_one(windows, RING_OF(link, counter, all));
	}
	counts->flushed = true;
	return r;
}

/* Hands over the first one that was put aside. */
static int count_hand(struct windows *windows, struct full *full)
{
	struct counts *counts = windows->state;
	struct counter *counter = full->counter;
	int r;

	if (!windows_room(windows))
		return GUST_MORE;
	windows_open(windows, full->end);
	windows->left = &full->left;
	r = windows_hand(windows, counter->strand->key, &full->portion,
			 full->begin, full->end, GUST_ON_TIME);
	windows->left = NULL;
	windows_close(windows, &full->sheaf);
	counts->first = full->next;
	if (counts->first == NULL)
		counts->last = &counts->first;
	windows->tuples -= full->tuples;
	full_free(windows, full);
	counter->full--;
	counter_release(windows, counter);
	return r;
}

static int count_advance(struct windows *windows)
{
	struct counts *counts = windows->state;
	int r = 0;

	if (windows->watermark == INT64_MAX && !counts->flushed)
		r = count_flush(windows);
	while (r == 0 && counts->first != NULL)
		r = count_hand(windows, counts->first);
	if (r == 0)
		counts->flushed = false;
	return r;
}

static bool count_due(const struct windows *windows, int64_t watermark)
{
	const struct counts *counts = windows->state;

	return counts->first != NULL ||
	       (watermark == INT64_MAX && !ring_is_empty(&counts->all));
}

static int64_t count_next(const struct windows *windows)
{
	(void)windows;
	return INT64_MAX;
}

/* Hands over the window of a counter that is open. */
static int count_early_one(struct windows *windows, struct counter *counter)
{
	struct counts *counts = windows->state;
	struct portion *scratch = &counts->scratch;
	const struct stretch *newest = counter->newest;
	const struct portion *sum = &newest->bead.cell.portion;
	int r = 0;

	if (!windows_room(windows))
		return GUST_MORE;
	ring_remove(&counter->fresh);
	if (!strand_is_empty(counter->strand))
		r = strand_sum(&windows->contract, counter->strand, scratch,
			       counts->scratch_bytes, &sum);
	if (r == 0 && sum != &newest->bead.cell.portion &&
	    counter->next < newest->end) {
		if (sum != scratch)
			r = portion_copy(&windows->contract, scratch,
					 counts->scratch_bytes, sum);
		if (r == 0)
			r = portion_merge(&windows->contract, scratch,
					  &newest->bead.cell.portion);
		sum = scratch;
	}
	if (r != 0)
		return r;
	windows_open(windows, calendar_sum(newest->last, 1));
	r = windows_hand(windows, counter->strand->key, sum,
			 counter->oldest->first, calendar_sum(newest->last, 1),
			 GUST_EARLY);
	windows_close(windows, NULL);
	if (windows->contract.whole)
		portion_end(&windows->contract, scratch);
	return r;
}

static int count_early(struct windows *windows)
{
	struct counts *counts = windows->state;
	int r = 0;

	while (r == 0 && !ring_is_empty(&counts->fresh))
		r = count_early_one(
			windows, RING_OF(counts->fresh.next, counter, fresh));
	return r;
}

static void count_usage(const struct windows *windows,
			struct windows_usage *usage)
{
	const struct counts *counts = windows->state;

	usage->bytes += sizeof(*counts) + counts->bytes +
			table_bytes(&counts->counters);
	usage->windows = counts->windows;
}

const struct windows_kind count_kind = {
	.create = count_create,
	.destroy = count_destroy,
	.add = count_add,
	.advance = count_advance,
	.due = count_due,
	.next = count_next,
	.early = count_early,
	.usage = count_usage,
	.save = counter_save,
	.restore = counter_restore,
};
