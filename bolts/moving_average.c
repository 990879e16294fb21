/* SPDX-License-Identifier: MIT */

/*
 * moving_average: averages the last values of a field, by keys.
 *
 * Every tuple is passed on with all its fields, and with the mean of `of` over
 * the last `last` tuples of its key, this one included, in the field `output`;
 * of fewer as long as there are fewer. `by: []` takes all tuples as one key.
 * Null and nan count for nothing: such a tuple has the mean of those before it,
 * or null. The order is that in which tuples come, and the bolt `sort` in front
 * makes it that of their times: replays, and tuples from several tasks, may
 * come later than they did.
 *
 * With `window:` there is no tuple for each one, but a row for each window and
 * key, with the mean of what is in it; `last` and `by` then have no meaning.
 *
 * Tuples of one key must meet: with several tasks group the stream by the keys.
 * Without a window the values are kept in the state of the task, 8 bytes each:
 * in memory they are lost with the process, and a tuple that is emitted again
 * after a failure counts again; topology.state.provider keeps them.
 *
 * Input:
 *	any streams with the same fields, with the keys and the field `of`
 * Output:
 *	default, without a window: the fields of the input, and `output`
 *	(average: float)
 *	default, with one: its keys, window_start, window_end, `output`, count:
 *	int, and firing: string (on_time, early or late) if the window has
 *	`early` or `allowed_lateness`
 *
 * Example: spikes, values that are 3 % above or below the average.
 *	bolts:
 *	  - id: average
 *	    plugin: moving_average
 *	    options: {by: [device], of: value, last: 1000}
 *	  - id: spikes
 *	    plugin: filter
 *	    options: {where: "math.abs(value - average) > 0.03 * average"}
 *	streams:
 *	  - {from: average, to: spikes}
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/columns.h>
#include <gust/kit/forward.h>
#include <gust/kit/span.h>
#include <gust/state.h>
#include <gust/window.h>

/* The values of a key, a ring, as they are stored. */
struct average_ring {
	uint32_t count; /* at most `last` */
	uint32_t at;    /* where the next one goes */
	double sum;
	double values[];
};

/* What a window comes to. */
struct average_total {
	uint64_t count;
	double mean;
};

struct average {
	struct gust_list by; /* options */
	const char *of;
	int64_t last;
	const char *output;
	struct span span;

	bool windowed;
	struct gust_field number;
	struct gust_field fields[SPAN_KEYS_MAX];
	bool hashed; /* tuples come with the hash of these fields */
	struct forward forward;
	struct gust_state *state;
	struct average_ring *ring; /* room for one */
};

static const struct gust_option average_options[] = {
	{ .name = "of",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct average, of),
	  .help = "the int or float field to average",
	  .flags = GUST_REQUIRED },
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct average, by),
	  .help = "the fields that are the keys, at most 32" },
	{ .name = "last",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct average, last),
	  .fallback = "10",
	  .help = "over how many values of a key",
	  .min = 1,
	  .max = 1000000 },
	{ .name = "output",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct average, output),
	  .fallback = "average",
	  .help = "the name of the field that holds the average" },
	SPAN_OPTION(struct average, span),
	{ .name = NULL },
};

static int average_check(const struct average *average,
			 const struct gust_declaration *about,
			 struct gust_error *error)
{
	enum gust_type type;
	size_t i;
	int r = gust_declared_type(about, average->of, &type, error);

	if (r == 0 && type != GUST_INT && type != GUST_FLOAT)
		r = gust_error_set(error, -EINVAL,
				   "option 'of': field '%.60s' is %s, expected "
				   "int or float",
				   average->of, gust_type_name(type));
	if (average->windowed && average->by.count > 0)
		r = gust_error_set(error, -EINVAL,
				   "option 'by' has no meaning beside a "
				   "window, expected 'keys' of 'window'");
	if (average->by.count > SPAN_KEYS_MAX)
		r = gust_error_set(error, -EINVAL,
				   "option 'by' names %zu fields, expected at "
				   "most %u",
				   average->by.count, SPAN_KEYS_MAX);
	for (i = 0; i < average->by.count && r == 0; i++)
		r = gust_declared_type(about, average->by.items[i], &type,
				       error);
	return r;
}

/* The fields of the input, and the average. */
static int average_declare_all(const struct average *average,
			       struct gust_declaration *about,
			       struct gust_error *error)
{
	const struct gust_column *input;
	struct gust_column *columns;
	size_t n;
	int r = forward_columns(about, &input, error);

	if (r < 0)
		return r;
	n = columns_count(input);
	columns = calloc(n + 2, sizeof(*columns));
	if (columns == NULL)
		return -ENOMEM;
	memcpy(columns, input, n * sizeof(*columns));
	columns[n] = (struct gust_column){ average->output, GUST_FLOAT };
	r = gust_declare_stream(about, "default", columns);
	free(columns);
	return r;
}

static int average_declare(void *self, struct gust_declaration *about,
			   struct gust_error *error)
{
	struct average *average = self;
	struct gust_column columns[SPAN_COLUMNS_MAX + 3];
	int n, r;

	average->windowed = gust_declared_window(about) != NULL;
	r = average_check(average, about, error);
	if (r < 0)
		return r;
	if (!average->windowed)
		return average_declare_all(average, about, error);
	n = span_declare(&average->span, about, columns, error);
	if (n < 0)
		return n;
	columns[n] = (struct gust_column){ average->output, GUST_FLOAT };
	columns[n + 1] = (struct gust_column){ "count", GUST_INT };
	span_declare_end(&average->span, &columns[n + 2]);
	return gust_declare_stream(about, "default", columns);
}

static size_t average_size(const struct average *average)
{
	return sizeof(*average->ring) + (size_t)average->last * sizeof(double);
}

static int average_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct average *average = self;
	size_t i;
	int r = gust_field(task, average->of, GUST_NULL, &average->number,
			   error);

	if (r < 0 || average->windowed)
		return r;
	for (i = 0; i < average->by.count && r == 0; i++)
		r = gust_field(task, average->by.items[i], GUST_NULL,
			       &average->fields[i], error);
	if (r == 0)
		r = forward_open(&average->forward, task, error);
	if (r < 0)
		return r;
	average->hashed =
		gust_hashed_by(task, average->by.items, average->by.count);
	average->ring = malloc(average_size(average));
	if (average->ring == NULL)
		return -ENOMEM;
	return gust_state(task, "averages", 0, &average->state, error);
}

/* Whether there is a number, which is written to `number`. */
static bool average_number(const struct average *average,
			   const struct gust_tuple *in, double *number)
{
	*number = gust_number(in, average->number);
	return !gust_is_null(in, average->number) && !isnan(*number);
}

/*
 * Adds a number in place of the oldest one. Once a round the sum is made anew,
 * so that it does not drift, nor stay infinite.
 */
static void average_push(struct average_ring *ring, uint32_t last,
			 double number)
{
	uint32_t i;

	if (ring->count == last)
		ring->sum -= ring->values[ring->at];
	else
		ring->count++;
	ring->values[ring->at] = number;
	ring->sum += number;
	ring->at = ring->at + 1 == last ? 0 : ring->at + 1;
	if (ring->at != 0 && isfinite(ring->sum))
		return;
	for (ring->sum = 0, i = 0; i < ring->count; i++)
		ring->sum += ring->values[i];
}

/*
 * Reads the ring of a key. One of another length is that of a run in which
 * `last` was another one: as many of its values are taken as there is room for.
 */
static int average_read(struct average *average, struct gust_text bytes)
{
	const uint32_t last = (uint32_t)average->last;
	struct average_ring head;
	double value;
	uint32_t i;

	if (bytes.length < sizeof(head))
		return -EBADMSG;
	memcpy(&head, bytes.data, sizeof(head));
	if (bytes.length != sizeof(head) + head.count * sizeof(double) ||
	    head.at > head.count)
		return -EBADMSG;
	memset(average->ring, 0, sizeof(head));
	if (head.count <= last &&
	    (head.at == head.count || head.count == last)) {
		memcpy(average->ring, bytes.data, bytes.length);
		return 0;
	}
	for (i = 0; i < head.count; i++) {
		memcpy(&value,
		       bytes.data + sizeof(head) +
			       (head.at + i) % head.count * sizeof(value),
		       sizeof(value));
		average_push(average->ring, last, value);
	}
	return 0;
}

static int average_load(struct average *average, const struct gust_key *key)
{
	struct gust_text bytes;
	int r = gust_state_get(average->state, key, &bytes);

	if (r == 1)
		return average_read(average, bytes);
	memset(average->ring, 0, sizeof(*average->ring));
	return r;
}

static int average_execute(void *self, struct gust_task *task,
			   const struct gust_tuple *in)
{
	struct average *average = self;
	struct average_ring *ring = average->ring;
	struct gust_value keys[SPAN_KEYS_MAX], *row = average->forward.row;
	const size_t n = average->forward.count;
	const struct gust_key key = { keys, average->by.count,
				      average->hashed ? in->hash : 0 };
	double number;
	size_t i;
	int r;

	for (i = 0; i < average->by.count; i++)
		keys[i] = gust_value(in, average->fields[i]);
	r = average_load(average, &key);
	if (r < 0)
		return r;
	if (average_number(average, in, &number)) {
		average_push(ring, (uint32_t)average->last, number);
		r = gust_state_put(average->state, &key, ring,
				   sizeof(*ring) +
					   ring->count * sizeof(double));
		if (r < 0)
			return r;
	}
	forward_read(&average->forward, in);
	row[n] = ring->count == 0 ? gust_null()
				  : gust_float(ring->sum / ring->count);
	if (columns_size(row, n + 1) > gust_tuple_max(task))
		return gust_reject(task, in,
				   "it is longer with its average than a tuple "
				   "may be, %zu bytes",
				   gust_tuple_max(task));
	return gust_emit_values(task, 0, row, n + 1);
}

static void average_close(void *self)
{
	struct average *average = self;

	forward_close(&average->forward);
	free(average->ring);
}

static void average_join(struct average_total *into, uint64_t count,
			 double mean)
{
	into->count += count;
	into->mean +=
		(mean - into->mean) * ((double)count / (double)into->count);
}

static int average_add(void *self, struct gust_task *task,
		       struct gust_accumulator *accumulator,
		       const struct gust_tuple *in)
{
	double number;

	(void)task;
	if (average_number(self, in, &number))
		average_join(accumulator->data, 1, number);
	return 0;
}

static int average_merge(void *self, struct gust_accumulator *into,
			 const struct gust_accumulator *from)
{
	const struct average_total *other = from->data;

	(void)self;
	if (other->count > 0)
		average_join(into->data, other->count, other->mean);
	return 0;
}

static int average_result(void *self, struct gust_task *task,
			  const struct gust_window *window,
			  const struct gust_accumulator *accumulator)
{
	struct average *average = self;
	const struct average_total *total = accumulator->data;
	struct gust_value row[SPAN_COLUMNS_MAX + 2];
	size_t n = span_values(&average->span, window, row);

	row[n++] = total->count == 0 ? gust_null() : gust_float(total->mean);
	row[n++] = gust_int((int64_t)total->count);
	n += span_values_end(&average->span, window, row + n);
	return gust_emit_values(task, 0, row, n);
}

static const struct gust_windowing average_windowing = {
	.size = sizeof(struct gust_windowing),
	.accumulator_size = sizeof(struct average_total),
	.add = average_add,
	.merge = average_merge,
	.result = average_result,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "moving_average",
	.summary = "averages the last values of a field, by keys",
	.options = average_options,
	.instance_size = sizeof(struct average),
	.flags = GUST_STATE,
	.declare = average_declare,
	.open = average_open,
	.execute = average_execute,
	.close = average_close,
	.windowing = &average_windowing,
};
