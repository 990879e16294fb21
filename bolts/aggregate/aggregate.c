/* SPDX-License-Identifier: MIT */

/*
 * aggregate: counts, sums, means, quantiles and more, by keys.
 *
 * `aggregates` names the results and says what each is:
 *
 *	count			how many tuples
 *	count(FIELD)		in how many the field is not null
 *	sum(FIELD)		of an int or a float; null if there is none
 *	min(FIELD) max(FIELD)	of any type but json; texts byte by byte
 *	mean(FIELD)		as a float
 *	stddev(FIELD)		the standard deviation of a sample, so of two
 *				numbers at least
 *	quantile(FIELD, Q)	0 <= Q <= 1: 0.5 is the median
 *	distinct(FIELD)		how many different values
 *	first(FIELD)		that of the earliest tuple
 *	last(FIELD)		that of the latest one
 *	top(FIELD, N)		the N commonest values (10 if N is left out), as
 *				json: [{"value": "a", "count": 3}]
 *	collect(FIELD, N)	the values in the order of their times, the
 *				first N that come (1000), as json: ["a", "b"]
 *
 * Null counts for nothing in all of them but `count`. A sum of ints stays at
 * the limits of an int. All are exact but for these, whose memory is bounded:
 * a quantile of more than 512 numbers is that of a rank which is off by less
 * than 0.028 sqrt(Q (1 - Q)) of all, 1.4 % for the median and 0.3 % for 0.99
 * (t-digest; 8 KiB); distinct() of more than 1,536 values has a standard error
 * of 0.8 % (HyperLogLog; 16 KiB); top() is exact up to 2,000 different values
 * (20 N if N is above 100): with more, a count is too low by at most what a
 * member "error" says (Misra and Gries).
 *
 * With `window:` there is a row for each of its windows and keys: the keys, the
 * window's times and the results. Windows that overlap share their work, and no
 * tuples are kept. Without it there is a row for each key of `by` (`by: []` is
 * one for all tuples): `emit: running` emits it anew for every tuple, `emit:
 * final` once, when no input will follow, in the order of the keys. Tuples of
 * one key must meet: with several tasks group the stream by the keys.
 *
 * Without a window results are kept in the state of the task: in memory they
 * are lost with the process, and a tuple that is emitted again after a failure
 * is added again; topology.state.provider keeps them. A durable state is that
 * of certain aggregates: when they are changed the run ends with a message,
 * until the component gets another name or the state is removed.
 *
 * A row that is longer than topology.tuple.max.bytes is emitted without its
 * texts: they are null, and the counter `shortened` tells.
 *
 * Input:
 *	any streams that have the keys and all fields of the aggregates
 * Output:
 *	default, with a window: its keys, window_start, window_end, the results,
 *	and firing: string (on_time, early or late) if the window has `early`
 *	or `allowed_lateness`
 *	default, without: the fields of `by`, the results
 *
 * Example: each page's visits by minute.
 *	bolts:
 *	  - id: visits
 *	    plugin: aggregate
 *	    window: {type: tumbling, length: 1m, keys: [page]}
 *	    options:
 *	      times: rfc3339
 *	      aggregates:
 *	        visits: count
 *	        visitors: distinct(user)
 *	        p99: quantile(latency, 0.99)
 */

#include <errno.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/columns.h>
#include <gust/kit/flat.h>
#include <gust/kit/span.h>
#include <gust/kit/tally.h>
#include <gust/window.h>

#include "running.h"

#define AGGREGATE_COLUMNS_MAX (SPAN_COLUMNS_MAX + TALLY_FORMULAS_MAX)

enum aggregate_emit { AGGREGATE_RUNNING, AGGREGATE_FINAL };

struct aggregate {
	struct gust_list by; /* options */
	struct gust_map aggregates;
	int emit;
	struct span span;

	bool windowed;
	struct tally tally;
	struct running running;
	struct gust_counter *shortened;
};

static const char *const aggregate_emits[] = { "running", "final", NULL };

static const struct gust_option aggregate_options[] = {
	{ .name = "aggregates",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct aggregate, aggregates),
	  .help = "the results: {name: what}, at most 32",
	  .flags = GUST_REQUIRED },
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct aggregate, by),
	  .help = "without a window, the fields that are the keys, at most "
		  "32" },
	{ .name = "emit",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct aggregate, emit),
	  .fallback = "running",
	  .help = "without a window, for every tuple, or once at the end",
	  .choices = aggregate_emits },
	SPAN_OPTION(struct aggregate, span),
	{ .name = NULL },
};

/* The keys without a window; returns how many. */
static int aggregate_declare_by(const struct aggregate *aggregate,
				const struct gust_declaration *about,
				struct gust_column *columns,
				struct gust_error *error)
{
	const struct gust_list *by = &aggregate->by;
	size_t i;
	int r;

	if (by->count > RUNNING_KEYS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'by' names %zu fields, expected "
				      "at most %u",
				      by->count, RUNNING_KEYS_MAX);
	for (i = 0; i < by->count; i++) {
		columns[i].name = by->items[i];
		r = gust_declared_type(about, by->items[i], &columns[i].type,
				       error);
		if (r < 0)
			return r;
	}
	return (int)i;
}

static int aggregate_declare(void *self, struct gust_declaration *about,
			     struct gust_error *error)
{
	struct aggregate *aggregate = self;
	struct gust_column columns[AGGREGATE_COLUMNS_MAX + 1];
	int n, r;

	aggregate->windowed = gust_declared_window(about) != NULL;
	if (aggregate->windowed && aggregate->by.count > 0)
		return gust_error_set(error, -EINVAL,
				      "option 'by' has no meaning beside a "
				      "window, expected 'keys' of 'window'");
	if (aggregate->windowed)
		n = span_declare(&aggregate->span, about, columns, error);
	else
		n = aggregate_declare_by(aggregate, about, columns, error);
	if (n < 0)
		return n;
	r = tally_declare(&aggregate->tally, "aggregates",
			  &aggregate->aggregates, about, columns + n, error);
	if (r < 0)
		return r;
	span_declare_end(&aggregate->span,
			 columns + n + aggregate->tally.count);
	return gust_declare_stream(about, "default", columns);
}

static int aggregate_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct aggregate *aggregate = self;
	int r = tally_open(&aggregate->tally, task, error);

	aggregate->shortened = gust_counter(task, "shortened");
	if (r == 0 && !aggregate->windowed)
		r = running_open(&aggregate->running, &aggregate->by,
				 &aggregate->tally, task, error);
	return r;
}

/* Emits a row that has `n` results from `begin` on, and `count` values. */
static int aggregate_emit(struct aggregate *aggregate, struct gust_task *task,
			  struct gust_value *row, size_t begin, size_t count)
{
	const size_t n = aggregate->tally.count;
	size_t i;

	if (columns_size(row, count) > gust_tuple_max(task)) {
		for (i = begin; i < begin + n; i++)
			if (row[i].type >= GUST_STRING)
				row[i] = gust_null();
		gust_counter_add(aggregate->shortened, 1);
	}
	return gust_emit_values(task, 0, row, count);
}

static int aggregate_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct aggregate *aggregate = self;
	struct gust_value row[AGGREGATE_COLUMNS_MAX];
	const struct flat *flat = &aggregate->running.flat;
	const size_t n = aggregate->by.count;
	int r = running_add(&aggregate->running, &aggregate->tally, task, in,
			    row);

	if (r < 0 || aggregate->emit == AGGREGATE_FINAL)
		return r;
	r = tally_values(&aggregate->tally, flat->data, flat->size, row + n);
	return r < 0 ? r
		     : aggregate_emit(aggregate, task, row, n,
				      n + aggregate->tally.count);
}

/*
 * Not in flush(): a tuple may be replayed after one, and its key would then be
 * emitted twice.
 */
static int aggregate_finish(void *self, struct gust_task *task)
{
	struct aggregate *aggregate = self;
	struct gust_value row[AGGREGATE_COLUMNS_MAX];
	const struct flat *flat = &aggregate->running.flat;
	const size_t n = aggregate->by.count;
	int r;

	if (aggregate->windowed || aggregate->emit != AGGREGATE_FINAL)
		return 0;
	while ((r = running_next(&aggregate->running, &aggregate->tally, task,
				 row)) == 1) {
		r = tally_values(&aggregate->tally, flat->data, flat->size,
				 row + n);
		if (r == 0)
			r = aggregate_emit(aggregate, task, row, n,
					   n + aggregate->tally.count);
		if (r < 0)
			return r;
		if (gust_room(task) == 0)
			return GUST_MORE;
	}
	return r;
}

static void aggregate_close(void *self)
{
	struct aggregate *aggregate = self;

	running_close(&aggregate->running);
	tally_close(&aggregate->tally);
}

static int aggregate_init(void *self, struct gust_accumulator *accumulator)
{
	struct aggregate *aggregate = self;
	struct flat flat = flat_accumulator(accumulator);

	return tally_begin(&aggregate->tally, &flat);
}

static int aggregate_add(void *self, struct gust_task *task,
			 struct gust_accumulator *accumulator,
			 const struct gust_tuple *in)
{
	struct aggregate *aggregate = self;
	struct flat flat = flat_accumulator(accumulator);

	/* A store may have had it. */
	if (!tally_fits(&aggregate->tally, flat.data, flat.size))
		return running_misfit(task);
	return tally_add(&aggregate->tally, &flat, in, in->time);
}

static int aggregate_merge(void *self, struct gust_accumulator *into,
			   const struct gust_accumulator *from)
{
	struct aggregate *aggregate = self;
	struct flat flat = flat_accumulator(into);

	return tally_merge(&aggregate->tally, &flat, from->data, from->size);
}

static int aggregate_result(void *self, struct gust_task *task,
			    const struct gust_window *window,
			    const struct gust_accumulator *accumulator)
{
	struct aggregate *aggregate = self;
	struct gust_value row[AGGREGATE_COLUMNS_MAX];
	const size_t n = span_values(&aggregate->span, window, row);
	size_t count = n + aggregate->tally.count;
	int r = tally_values(&aggregate->tally, accumulator->data,
			     accumulator->size, row + n);

	if (r == -EBADMSG)
		return running_misfit(task);
	if (r < 0)
		return r;
	count += span_values_end(&aggregate->span, window, row + count);
	return aggregate_emit(aggregate, task, row, n, count);
}

static const struct gust_windowing aggregate_windowing = {
	.size = sizeof(struct gust_windowing),
	.grows = true,
	.init = aggregate_init,
	.add = aggregate_add,
	.merge = aggregate_merge,
	.result = aggregate_result,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "aggregate",
	.summary = "counts, sums, means, quantiles and more, by keys",
	.options = aggregate_options,
	.instance_size = sizeof(struct aggregate),
	.flags = GUST_STATE,
	.declare = aggregate_declare,
	.open = aggregate_open,
	.execute = aggregate_execute,
	.finish = aggregate_finish,
	.close = aggregate_close,
	.windowing = &aggregate_windowing,
};
