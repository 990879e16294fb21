/* SPDX-License-Identifier: MIT */

/*
 * join: puts the tuples of several streams together that have the same keys.
 *
 * With `window:` it joins what is in the same window: its `keys` are what must
 * be equal, and every combination of one tuple of each input is a row. `type`
 * says what becomes of a tuple that has no partner in its window: with `inner`
 * nothing; with `left` those of the first input, in the order of the file, make
 * rows with null in place of the others; with `full` those of every input do.
 * Windows that overlap give the same row each.
 *
 * Without it two inputs are joined by the distance of their times: two tuples
 * that have the same values in all fields of `by` and whose times are at most
 * `within` apart are a row. It is emitted as soon as both are there. A tuple
 * is held, in memory and within topology.memory.max.bytes, until the watermark
 * says that no partner can come; only then is it known that it has none
 * (`left`, `full`). One that comes later than that finds what is still held.
 *
 * Null is a value like others. With several tasks group all inputs by the keys.
 * A row begins with the keys, then come the other fields of each input. A name
 * that several have gets its component in front: `orders_id`. A row that is
 * longer than topology.tuple.max.bytes is left out, and the counter `too_long`
 * tells.
 *
 * Inputs are acked when no more can come of them and all their rows have been
 * processed; after a failure they, or their rows, come again.
 *
 * Input:
 *	2 to 8 streams, without a window 2, that all have the keys
 * Output:
 *	default, with a window: its keys, window_start, window_end, the fields
 *	of the inputs, and firing: string (on_time, early or late) if it has
 *	`early` or `allowed_lateness`
 *	default, without: the fields of `by`, the fields of the inputs
 *
 * Example: clicks up to ten minutes before or after a purchase.
 *	bolts:
 *	  - {id: clicks, plugin: filter, options: {where: kind == "click"}}
 *	  - {id: purchases, plugin: filter, options: {where: kind == "buy"}}
 *	  - id: bought
 *	    plugin: join
 *	    options: {by: [user], within: 10m}
 *	streams:
 *	  - {from: clicks, to: bought, grouping: {type: fields, args: [user]}}
 *	  - from: purchases
 *	    to: bought
 *	    grouping: {type: fields, args: [user]}
 */

#include <errno.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>
#include <gust/kit/span.h>
#include <gust/window.h>

#include "interval.h"
#include "sides.h"

struct join {
	struct gust_list by; /* options */
	uint64_t within;
	int type;
	struct span span;

	const struct gust_window_spec *window; /* or NULL */
	struct sides sides;
	struct interval *interval; /* without a window */
	struct buffer sorted;      /* tuples of a window, by input */
	struct gust_counter *too_long;
};

/* In the order of enum join_type. */
static const char *const join_types[] = { "inner", "left", "full", NULL };

static const struct gust_option join_options[] = {
	{ .name = "type",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct join, type),
	  .fallback = "inner",
	  .help = "which tuples without a partner make a row",
	  .choices = join_types },
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct join, by),
	  .help = "without a window, the fields that must be equal, at most "
		  "32" },
	{ .name = "within",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct join, within),
	  .help = "without a window, how far apart the times may be",
	  .max = 1000 * 86400e9 },
	SPAN_OPTION(struct join, span),
	{ .name = NULL },
};

static int join_declare_window(struct join *join,
			       struct gust_declaration *about,
			       struct gust_error *error)
{
	struct gust_column begin[SPAN_COLUMNS_MAX + 1], end[2];
	int n;

	if (join->by.count > 0 || join->within > 0)
		return gust_error_set(error, -EINVAL,
				      "option '%s' has no meaning beside a "
				      "window, expected 'keys' and 'length' of "
				      "'window'",
				      join->by.count > 0 ? "by" : "within");
	n = span_declare(&join->span, about, begin, error);
	if (n < 0)
		return n;
	begin[n] = (struct gust_column){ NULL, GUST_NULL };
	span_declare_end(&join->span, end);
	return sides_declare(about, join->window->keys, join->window->key_count,
			     begin, end, error);
}

static int join_declare_interval(const struct join *join,
				 struct gust_declaration *about,
				 struct gust_error *error)
{
	static const struct gust_column none[] = { { NULL, GUST_NULL } };
	struct gust_column begin[SIDES_KEYS_MAX + 1];
	const size_t n = join->by.count;
	size_t i;
	int r;

	if (n == 0 || n > SIDES_KEYS_MAX || join->within == 0)
		return gust_error_set(error, -EINVAL,
				      "without a window it needs 'by', with 1 "
				      "to %u fields, and 'within'",
				      SIDES_KEYS_MAX);
	if (gust_declared_inputs(about) != 2)
		return gust_error_set(error, -EINVAL,
				      "it has %zu inputs, expected 2 where "
				      "there is no window",
				      gust_declared_inputs(about));
	for (i = 0; i < n; i++) {
		begin[i].name = join->by.items[i];
		r = gust_declared_type(about, begin[i].name, &begin[i].type,
				       error);
		if (r < 0)
			return r;
	}
	begin[n] = none[0];
	return sides_declare(about, join->by.items, n, begin, none, error);
}

static int join_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	struct join *join = self;

	join->window = gust_declared_window(about);
	return join->window != NULL ? join_declare_window(join, about, error)
				    : join_declare_interval(join, about, error);
}

/* Emits a row if it is not too long. */
static int join_emit(struct join *join, struct gust_task *task,
		     const struct gust_emission *how, size_t count)
{
	if (columns_size(join->sides.row, count) <= gust_tuple_max(task))
		return gust_emit_with(task, how, join->sides.row, count);
	gust_counter_add(join->too_long, 1);
	return 0;
}

/* A pair without a window; its keys are those of the one that is there. */
static int join_pair(void *self, struct gust_task *task,
		     const struct gust_tuple *const pair[2])
{
	struct join *join = self;
	const size_t one = pair[0] != NULL ? 0 : 1, n = join->by.count;
	const struct side *side = &join->sides.sides[one];
	const struct gust_emission how = {
		.kind = GUST_EMIT_ANCHORED,
		.direct = -1,
		.anchors = &pair[one],
		.anchor_count = one == 0 && pair[1] != NULL ? 2 : 1,
	};
	size_t i;

	for (i = 0; i < n; i++)
		join->sides.row[i] = gust_value_at(pair[one], side->keys[i]);
	return join_emit(
		join, task, &how,
		n + sides_fill(&join->sides, pair, join->sides.row + n));
}

static int join_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct join *join = self;
	int r;

	(void)error;
	join->too_long = gust_counter(task, "too_long");
	if (join->window != NULL)
		return sides_open(&join->sides, task, join->window->keys,
				  join->window->key_count, SPAN_COLUMNS_MAX);
	r = sides_open(&join->sides, task, join->by.items, join->by.count,
		       join->by.count);
	return r < 0 ? r
		     : interval_create(&join->interval, &join->sides,
				       (enum join_type)join->type,
				       (int64_t)join->within, join_pair, join);
}

static int join_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct join *join = self;

	return interval_add(join->interval, task, in);
}

static int join_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct join *join = self;

	return join->interval == NULL
		       ? 0
		       : interval_timer(join->interval, task, cookie);
}

static int join_flush(void *self, struct gust_task *task)
{
	struct join *join = self;

	return join->interval == NULL ? 0
				      : interval_flush(join->interval, task);
}

static void join_close(void *self)
{
	struct join *join = self;

	interval_destroy(join->interval);
	sides_close(&join->sides);
	buffer_destroy(&join->sorted);
}

/* The tuples of each input, one behind the other. */
struct join_lists {
	const struct gust_tuple *const *tuples[SIDES_MAX];
	size_t counts[SIDES_MAX];
};

static int join_sort(struct join *join, struct gust_task *task,
		     const struct gust_window_tuples *tuples,
		     struct join_lists *lists)
{
	const struct gust_tuple **sorted;
	size_t i, side, used = 0, begin;
	int r;

	join->sorted.used = 0;
	r = buffer_reserve(&join->sorted,
			   (tuples->all_count + 1) * sizeof(*sorted));
	if (r < 0)
		return r;
	sorted = (const struct gust_tuple **)(void *)join->sorted.data;
	for (side = 0; side < join->sides.count; side++) {
		begin = used;
		for (i = 0; i < tuples->all_count; i++)
			if (sides_of(&join->sides, task, tuples->all[i]) ==
			    side)
				sorted[used++] = tuples->all[i];
		lists->tuples[side] = sorted + begin;
		lists->counts[side] = used - begin;
	}
	return 0;
}

/* Whether these make rows. */
static bool join_has_rows(const struct join *join,
			  const struct join_lists *lists)
{
	size_t i;

	if (join->type == JOIN_LEFT)
		return lists->counts[0] > 0;
	for (i = 0; join->type == JOIN_INNER && i < join->sides.count; i++)
		if (lists->counts[i] == 0)
			return false;
	return true;
}

/* Goes to the next combination; false: that was the last one. */
static bool join_step(const struct join *join, const struct join_lists *lists,
		      size_t *at)
{
	size_t i = join->sides.count;

	while (i-- > 0) {
		if (++at[i] < lists->counts[i])
			return true;
		at[i] = 0;
	}
	return false;
}

static int join_whole(void *self, struct gust_task *task,
		      const struct gust_window *window,
		      const struct gust_window_tuples *tuples)
{
	static const struct gust_emission plain = { .direct = -1 };
	struct join *join = self;
	struct gust_value *row = join->sides.row;
	const size_t n = span_values(&join->span, window, row);
	const struct gust_tuple *chosen[SIDES_MAX];
	struct join_lists lists;
	size_t at[SIDES_MAX] = { 0 }, i, count;
	int r = join_sort(join, task, tuples, &lists);

	if (r < 0 || !join_has_rows(join, &lists))
		return r;
	do {
		for (i = 0; i < join->sides.count; i++)
			chosen[i] = lists.counts[i] == 0
					    ? NULL
					    : lists.tuples[i][at[i]];
		count = n + sides_fill(&join->sides, chosen, row + n);
		count += span_values_end(&join->span, window, row + count);
		r = join_emit(join, task, &plain, count);
	} while (r == 0 && join_step(join, &lists, at));
	return r;
}

static const struct gust_windowing join_windowing = {
	.size = sizeof(struct gust_windowing),
	.whole = join_whole,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "join",
	.summary = "puts the tuples of several streams together by their keys",
	.options = join_options,
	.instance_size = sizeof(struct join),
	.declare = join_declare,
	.open = join_open,
	.execute = join_execute,
	.timer = join_timer,
	.flush = join_flush,
	.close = join_close,
	.windowing = &join_windowing,
};
