/* SPDX-License-Identifier: MIT */

/*
 * sessions: sums up each visit: when it began and ended, and what was in it.
 *
 * A session is what comes of one key without a pause of `gap`. The component
 * needs `window: {type: session, gap: 30m, keys: [user]}`, which decides what
 * belongs together; sessions that a late tuple connects become one.
 *
 * A row has the keys, the times of the first and the last tuple, how many
 * seconds lie between them, how many tuples there were, and the results that
 * `aggregates` names, as those of the bolt `aggregate` (`gust info aggregate`
 * has the list): first(page) is where somebody came in, last(page) where they
 * left.
 *
 * With several tasks group the stream by the keys. What a session comes to is
 * lost with the process, unless topology.state.provider keeps it; its tuples
 * are then emitted again by their spouts. A row that is longer than
 * topology.tuple.max.bytes is emitted without the texts of its results: they
 * are null, and the counter `shortened` tells.
 *
 * Input:
 *	any streams that have the keys and all fields of the aggregates
 * Output:
 *	default: the keys, session_start, session_end (as `times` says),
 *	seconds: float, count: int, the results, and firing: string (on_time,
 *	early or late) if the window has `early` or `allowed_lateness`
 *
 * Example:
 *	bolts:
 *	  - id: visits
 *	    plugin: sessions
 *	    window: {type: session, gap: 30m, keys: [user]}
 *	    options:
 *	      aggregates:
 *	        entry: first(page)
 *	        exit: last(page)
 *	        pages: distinct(page)
 */

#include <errno.h>

#include <gust/bolt.h>
#include <gust/kit/columns.h>
#include <gust/kit/flat.h>
#include <gust/kit/span.h>
#include <gust/kit/tally.h>
#include <gust/window.h>

#define SESSIONS_COLUMNS_MAX (SPAN_COLUMNS_MAX + TALLY_FORMULAS_MAX + 2u)

struct sessions {
	struct gust_map aggregates; /* options */
	struct span span;

	int64_t gap;
	struct tally tally;
	struct gust_counter *shortened;
};

static const struct gust_option sessions_options[] = {
	{ .name = "aggregates",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct sessions, aggregates),
	  .help = "further results: {name: what}, at most 32" },
	SPAN_OPTION(struct sessions, span),
	{ .name = NULL },
};

static int sessions_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	struct sessions *sessions = self;
	const struct gust_window_spec *spec = gust_declared_window(about);
	struct gust_column columns[SESSIONS_COLUMNS_MAX + 1];
	int n, r;

	if (spec == NULL || spec->type != GUST_SESSION)
		return gust_error_set(error, -EINVAL,
				      "'sessions' needs a window of sessions, "
				      "expected 'window: {type: session, gap: "
				      "30m, keys: [FIELD]}'");
	sessions->gap = spec->gap;
	n = span_declare(&sessions->span, about, columns, error);
	if (n < 0)
		return n;
	columns[n - 2].name = "session_start";
	columns[n - 1].name = "session_end";
	columns[n++] = (struct gust_column){ "seconds", GUST_FLOAT };
	columns[n++] = (struct gust_column){ "count", GUST_INT };
	r = tally_declare(&sessions->tally, "aggregates", &sessions->aggregates,
			  about, columns + n, error);
	if (r < 0)
		return r;
	span_declare_end(&sessions->span, columns + n + sessions->tally.count);
	return gust_declare_stream(about, "default", columns);
}

static int sessions_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct sessions *sessions = self;

	sessions->shortened = gust_counter(task, "shortened");
	return tally_open(&sessions->tally, task, error);
}

static void sessions_close(void *self)
{
	struct sessions *sessions = self;

	tally_close(&sessions->tally);
}

static int sessions_misfit(struct gust_task *task)
{
	return gust_give_up(task, -EBADMSG,
			    "the state has other aggregates than these, "
			    "expected those of the run before");
}

static int sessions_init(void *self, struct gust_accumulator *accumulator)
{
	struct sessions *sessions = self;
	struct flat flat = flat_accumulator(accumulator);

	return tally_begin(&sessions->tally, &flat);
}

static int sessions_add(void *self, struct gust_task *task,
			struct gust_accumulator *accumulator,
			const struct gust_tuple *in)
{
	struct sessions *sessions = self;
	struct flat flat = flat_accumulator(accumulator);

	if (!tally_fits(&sessions->tally, flat.data, flat.size))
		return sessions_misfit(task);
	return tally_add(&sessions->tally, &flat, in, in->time);
}

static int sessions_merge(void *self, struct gust_accumulator *into,
			  const struct gust_accumulator *from)
{
	struct sessions *sessions = self;
	struct flat flat = flat_accumulator(into);

	return tally_merge(&sessions->tally, &flat, from->data, from->size);
}

static int sessions_result(void *self, struct gust_task *task,
			   const struct gust_window *window,
			   const struct gust_accumulator *accumulator)
{
	struct sessions *sessions = self;
	const size_t results = sessions->tally.count;
	struct gust_value row[SESSIONS_COLUMNS_MAX];
	struct gust_window session = *window;
	size_t n, i;
	int r;

	/* A window ends a gap after its last tuple. */
	session.end -= sessions->gap;
	n = span_values(&sessions->span, &session, row);
	row[n++] = gust_float((double)(session.end - session.begin) / 1e9);
	row[n++] = gust_int((int64_t)window->count);
	r = tally_values(&sessions->tally, accumulator->data, accumulator->size,
			 row + n);
	if (r < 0)
		return r == -EBADMSG ? sessions_misfit(task) : r;
	n += results;
	n += span_values_end(&sessions->span, window, row + n);
	if (columns_size(row, n) > gust_tuple_max(task)) {
		for (i = sessions->span.key_count + 4; i < n; i++)
			if (row[i].type >= GUST_STRING)
				row[i] = gust_null();
		gust_counter_add(sessions->shortened, 1);
	}
	return gust_emit_values(task, 0, row, n);
}

static const struct gust_windowing sessions_windowing = {
	.size = sizeof(struct gust_windowing),
	.grows = true,
	.init = sessions_init,
	.add = sessions_add,
	.merge = sessions_merge,
	.result = sessions_result,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "sessions",
	.summary =
		"sums up each visit: when it began and ended, what was in it",
	.options = sessions_options,
	.instance_size = sizeof(struct sessions),
	.declare = sessions_declare,
	.open = sessions_open,
	.close = sessions_close,
	.windowing = &sessions_windowing,
};
