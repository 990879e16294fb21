/* SPDX-License-Identifier: MIT */

/*
 * rate: tells how many tuples come in a second, by keys.
 *
 * With `of: FIELD` it is the sum of that field in a second, such as bytes: null
 * and nan count for nothing, and a sum of ints stays at the limits of an int.
 *
 * With `window:` there is a row for each of its windows and keys, and the rate
 * is that over the time of the window; where a window is handed over early, it
 * is that up to the watermark.
 *
 * Without it there is a row for each key of `by` at every tick
 * (topology.tick.tuple.freq.secs of this component), with what has come since
 * the one before; and when no input will follow, for the rest. A key of which
 * nothing came has one row with 0, and is then forgotten. `by: []` counts all
 * tuples as one. What has come since the last tick is state
 * (topology.state.provider): in memory it is lost with the process; in a
 * durable store it counts in the first row after a restart, whose rate is over
 * the time since then. A tuple that is emitted again after a failure counts
 * again, but with topology.state.dedupe.
 *
 * Tuples of one key must meet: with several tasks group the stream by the keys.
 *
 * Input:
 *	any streams that have the keys, and the field `of`
 * Output:
 *	default, with a window: its keys, window_start, window_end, count: int
 *	(with `of`: the sum, called as the field is), rate: float, and firing:
 *	string (on_time, early or late) if the window has `early` or
 *	`allowed_lateness`
 *	default, without: the fields of `by`, count or the sum, rate: float
 *
 * Example: requests a second, by host, every ten seconds.
 *	bolts:
 *	  - id: rate
 *	    plugin: rate
 *	    options: {by: [host]}
 *	    config: {topology.tick.tuple.freq.secs: 10}
 */

#include <errno.h>
#include <math.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/span.h>
#include <gust/state.h>
#include <gust/window.h>

#define RATE_COLUMNS_MAX (SPAN_COLUMNS_MAX + 2u)

/* What came of a key; the accumulator of a window, and what is stored. */
struct rate_total {
	uint64_t count;
	union {
		int64_t integer;
		double number;
	} sum;
};

struct rate {
	struct gust_list by; /* options */
	const char *of;
	struct span span;

	bool windowed;
	enum gust_type type; /* of what is summed */
	struct gust_field number;
	struct gust_field fields[SPAN_KEYS_MAX];
	bool hashed; /* tuples come with the hash of these fields */
	struct gust_state *state;
	uint64_t since; /* the last tick */
};

static const struct gust_option rate_options[] = {
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct rate, by),
	  .help = "without a window, the fields that are the keys, at most "
		  "32" },
	{ .name = "of",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct rate, of),
	  .help = "the int or float field to sum; left out: tuples count" },
	SPAN_OPTION(struct rate, span),
	{ .name = NULL },
};

static int rate_declare_by(const struct rate *rate,
			   const struct gust_declaration *about,
			   struct gust_column *columns,
			   struct gust_error *error)
{
	size_t i;
	int r;

	if (rate->by.count > SPAN_KEYS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'by' names %zu fields, expected "
				      "at most %u",
				      rate->by.count, SPAN_KEYS_MAX);
	for (i = 0; i < rate->by.count; i++) {
		columns[i].name = rate->by.items[i];
		r = gust_declared_type(about, rate->by.items[i],
				       &columns[i].type, error);
		if (r < 0)
			return r;
	}
	return (int)i;
}

static int rate_declare_of(struct rate *rate,
			   const struct gust_declaration *about,
			   struct gust_error *error)
{
	int r;

	rate->type = GUST_INT;
	if (rate->of == NULL)
		return 0;
	r = gust_declared_type(about, rate->of, &rate->type, error);
	if (r == 0 && rate->type != GUST_INT && rate->type != GUST_FLOAT)
		r = gust_error_set(error, -EINVAL,
				   "option 'of': field '%.60s' is %s, expected "
				   "int or float",
				   rate->of, gust_type_name(rate->type));
	return r;
}

static int rate_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	struct rate *rate = self;
	struct gust_column columns[RATE_COLUMNS_MAX + 1];
	int n, r;

	rate->windowed = gust_declared_window(about) != NULL;
	if (rate->windowed && rate->by.count > 0)
		return gust_error_set(error, -EINVAL,
				      "option 'by' has no meaning beside a "
				      "window, expected 'keys' of 'window'");
	r = rate_declare_of(rate, about, error);
	if (r < 0)
		return r;
	n = rate->windowed ? span_declare(&rate->span, about, columns, error)
			   : rate_declare_by(rate, about, columns, error);
	if (n < 0)
		return n;
	columns[n].name = rate->of != NULL ? rate->of : "count";
	columns[n].type = rate->type;
	columns[n + 1] = (struct gust_column){ "rate", GUST_FLOAT };
	span_declare_end(&rate->span, &columns[n + 2]);
	return gust_declare_stream(about, "default", columns);
}

static int rate_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct rate *rate = self;
	size_t i;
	int r = 0;

	if (rate->of != NULL)
		r = gust_field(task, rate->of, GUST_NULL, &rate->number, error);
	for (i = 0; i < rate->by.count && r == 0; i++)
		r = gust_field(task, rate->by.items[i], GUST_NULL,
			       &rate->fields[i], error);
	if (r < 0 || rate->windowed)
		return r;
	rate->hashed = gust_hashed_by(task, rate->by.items, rate->by.count);
	rate->since = gust_now(task);
	return gust_state(task, "rates", 0, &rate->state, error);
}

static void rate_join(struct rate_total *into, const struct rate_total *from,
		      enum gust_type type)
{
	const int64_t late = from->sum.integer;

	into->count += from->count;
	if (type == GUST_FLOAT)
		into->sum.number += from->sum.number;
	else if (__builtin_add_overflow(into->sum.integer, late,
					&into->sum.integer))
		into->sum.integer = late < 0 ? INT64_MIN : INT64_MAX;
}

/* Adds a tuple. */
static void rate_take(const struct rate *rate, struct rate_total *total,
		      const struct gust_tuple *in)
{
	struct rate_total one = { .count = 1, .sum = { .integer = 1 } };
	struct gust_value value;

	if (rate->of != NULL) {
		value = gust_value(in, rate->number);
		if (value.type == GUST_NULL ||
		    (value.type == GUST_FLOAT && isnan(value.as.number)))
			return;
		one.sum.integer = value.as.integer;
	}
	rate_join(total, &one, rate->type);
}

/* Writes what came in so many ns to `row`, as two values. */
static void rate_values(const struct rate *rate, const struct rate_total *total,
			double ns, struct gust_value *row)
{
	row[0] = rate->type == GUST_FLOAT ? gust_float(total->sum.number)
					  : gust_int(total->sum.integer);
	row[1] = gust_float((rate->type == GUST_FLOAT
				     ? total->sum.number
				     : (double)total->sum.integer) *
			    1e9 / (ns > 0 ? ns : 1));
}

/* What the state has of a key; 1, or 0 where that is nothing. */
static int rate_read(struct gust_text bytes, struct rate_total *total)
{
	if (bytes.length != sizeof(*total))
		return -EBADMSG;
	memcpy(total, bytes.data, sizeof(*total));
	return 1;
}

static int rate_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct rate *rate = self;
	struct gust_value row[SPAN_KEYS_MAX];
	const struct gust_key key = { row, rate->by.count,
				      rate->hashed ? in->hash : 0 };
	struct rate_total total = { 0 };
	struct gust_text bytes;
	size_t i;
	int r;

	(void)task;
	for (i = 0; i < rate->by.count; i++)
		row[i] = gust_value(in, rate->fields[i]);
	r = gust_state_get(rate->state, &key, &bytes);
	if (r == 1)
		r = rate_read(bytes, &total);
	if (r < 0)
		return r;
	rate_take(rate, &total, in);
	return gust_state_put(rate->state, &key, &total, sizeof(total));
}

/* Emits a key, and begins anew with it; one that had nothing is forgotten. */
static int rate_emit(struct rate *rate, struct gust_task *task,
		     const struct gust_key *key, struct gust_text bytes,
		     double ns)
{
	struct gust_value row[SPAN_KEYS_MAX + 2];
	struct rate_total total;
	size_t i;
	int r = rate_read(bytes, &total);

	if (r < 0)
		return r;
	for (i = 0; i < key->count; i++)
		row[i] = key->values[i];
	rate_values(rate, &total, ns, row + i);
	r = gust_emit_values(task, 0, row, i + 2);
	if (r < 0)
		return r;
	if (total.count == 0)
		return gust_state_remove(rate->state, key);
	memset(&total, 0, sizeof(total));
	return gust_state_put(rate->state, key, &total, sizeof(total));
}

static int rate_tick(void *self, struct gust_task *task)
{
	struct rate *rate = self;
	const uint64_t now = gust_now(task);
	struct gust_cursor *cursor;
	struct gust_text bytes;
	struct gust_key key;
	int r;

	if (rate->windowed)
		return 0;
	r = gust_state_cursor(rate->state, &cursor);
	if (r < 0)
		return r;
	while ((r = gust_cursor_next(cursor, &key, &bytes)) == 1) {
		r = rate_emit(rate, task, &key, bytes,
			      (double)(now - rate->since));
		if (r < 0)
			break;
	}
	gust_cursor_close(cursor);
	if (r == 0)
		rate->since = now;
	return r;
}

static int rate_add(void *self, struct gust_task *task,
		    struct gust_accumulator *accumulator,
		    const struct gust_tuple *in)
{
	(void)task;
	rate_take(self, accumulator->data, in);
	return 0;
}

static int rate_merge(void *self, struct gust_accumulator *into,
		      const struct gust_accumulator *from)
{
	const struct rate *rate = self;

	rate_join(into->data, from->data, rate->type);
	return 0;
}

static int rate_result(void *self, struct gust_task *task,
		       const struct gust_window *window,
		       const struct gust_accumulator *accumulator)
{
	struct rate *rate = self;
	struct gust_value row[RATE_COLUMNS_MAX];
	size_t n = span_values(&rate->span, window, row);
	const int64_t watermark = gust_watermark(task);
	int64_t end = window->end;

	if (window->firing == GUST_EARLY && watermark > window->begin &&
	    watermark < end)
		end = watermark;
	rate_values(rate, accumulator->data,
		    (double)end - (double)window->begin, row + n);
	n += 2;
	n += span_values_end(&rate->span, window, row + n);
	return gust_emit_values(task, 0, row, n);
}

static const struct gust_windowing rate_windowing = {
	.size = sizeof(struct gust_windowing),
	.accumulator_size = sizeof(struct rate_total),
	.add = rate_add,
	.merge = rate_merge,
	.result = rate_result,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "rate",
	.summary = "tells how many tuples come in a second, by keys",
	.options = rate_options,
	.instance_size = sizeof(struct rate),
	.flags = GUST_STATE,
	.declare = rate_declare,
	.open = rate_open,
	.execute = rate_execute,
	.tick = rate_tick,
	.finish = rate_tick,
	.windowing = &rate_windowing,
};
