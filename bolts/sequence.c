/* SPDX-License-Identifier: MIT */

/*
 * sequence: tells when one thing was followed by another within a time.
 *
 * `first`, `then` and `without` are conditions, expressions in Lua 5.4 over the
 * fields of the tuple (`gust info map` lists what may stand in them); null, and
 * so nil, is false. When a tuple for which `then` holds comes at most `within`
 * after at least `at_least` tuples with the same key for which `first` holds,
 * and none for which `without` holds came between, it is emitted. What has led
 * to that is then used up: the next one needs as many new ones. A tuple may be
 * several of these: it ends what was before, then it follows it, then it begins
 * anew.
 *
 * What counts are the times of the tuples, not the order in which they come: a
 * tuple that matters is held, in memory and within topology.memory.max.bytes,
 * until the watermark has passed it. One that is late, because the watermark
 * had passed it before, follows what it finds. Without `timestamp:` the time is
 * that at which it comes. Of a key at most 1,000 first ones are kept, or
 * `at_least`, if that is more.
 *
 * With several tasks group the stream by the fields of `by`. First ones that
 * wait for others are state (topology.state.provider), up to `within` and an
 * hour after the last one: in memory they are lost with the process. What is
 * emitted comes again from this bolt if it fails further on; a durable store
 * has it in one transaction with the first ones that it has used up. A tuple
 * that is emitted again after a failure counts again, but with
 * topology.state.dedupe.
 *
 * A condition that raises an error, takes too many steps or too much memory
 * sends its tuple to the dead letters, with the reason.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the fields of the tuple that followed; since: when the first
 *	one came, as `times` says; count: int, how many there were
 *
 * Example: five failed logins, then one that succeeds.
 *	bolts:
 *	  - id: guessed
 *	    plugin: sequence
 *	    options:
 *	      by: [user]
 *	      first: event == "failed"
 *	      at_least: 5
 *	      then: event == "login"
 *	      within: 10m
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/agenda.h>
#include <gust/kit/columns.h>
#include <gust/kit/forward.h>
#include <gust/kit/script.h>
#include <gust/kit/span.h>
#include <gust/state.h>

#define SEQUENCE_KEYS_MAX 32u
#define SEQUENCE_KEPT_MAX 1000u

#define SEQUENCE_HOUR_NS UINT64_C(3600000000000)

/* What a tuple may be, by the number of its condition. */
enum sequence_part {
	SEQUENCE_FIRST,
	SEQUENCE_THEN,
	SEQUENCE_WITHOUT,
	SEQUENCE_PARTS
};

/* A tuple that waits for the watermark. */
struct sequence_item {
	const struct gust_tuple *kept;
	int64_t time;
	bool is[SEQUENCE_PARTS];
};

struct sequence {
	struct gust_list by; /* options */
	const char *conditions[SEQUENCE_PARTS];
	uint64_t within;
	int64_t at_least;
	int times;
	struct script_limits limits;

	struct script *script;
	struct forward forward;
	struct gust_value *row; /* what is emitted */
	struct gust_field fields[SEQUENCE_KEYS_MAX];
	bool hashed; /* tuples come with the hash of these fields */
	struct gust_state *state;
	struct agenda agenda;
	int64_t *first; /* times; room for `most` and one more */
	size_t count, most;
};

static const char *const sequence_names[] = { "first", "then", "without" };

static const struct gust_option sequence_options[] = {
	{ .name = "first",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sequence, conditions[SEQUENCE_FIRST]),
	  .help = "what has to come first, a condition in Lua over the fields",
	  .flags = GUST_REQUIRED },
	{ .name = "then",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sequence, conditions[SEQUENCE_THEN]),
	  .help = "what has to follow, a condition",
	  .flags = GUST_REQUIRED },
	{ .name = "without",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sequence, conditions[SEQUENCE_WITHOUT]),
	  .help = "what must not come between, a condition" },
	{ .name = "within",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct sequence, within),
	  .help = "how long after the first ones it may follow",
	  .flags = GUST_REQUIRED,
	  .min = 1,
	  .max = 1000 * 86400e9 },
	{ .name = "at_least",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct sequence, at_least),
	  .fallback = "1",
	  .help = "how many first ones it takes",
	  .min = 1,
	  .max = 100000 },
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct sequence, by),
	  .help = "the fields that are the key, at most 32; all tuples have "
		  "one if left out" },
	{ .name = "times",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct sequence, times),
	  .fallback = "ms",
	  .help = "how `since` is written: a number since 1970, or rfc3339",
	  .choices = span_choices },
	SCRIPT_LIMITS(sequence, limits),
	{ .name = NULL },
};

/* `without` is the last one and may be left out. */
static int sequence_compile(const struct sequence *sequence,
			    const struct gust_column *columns,
			    struct script **script, struct gust_error *error)
{
	char label[32];
	int i, r = script_create(script, &sequence->limits, columns);

	for (i = 0; r == 0 && i < SEQUENCE_PARTS; i++) {
		if (sequence->conditions[i] == NULL)
			continue;
		snprintf(label, sizeof(label), "option '%s'",
			 sequence_names[i]);
		r = script_add(*script, label, sequence->conditions[i],
			       SCRIPT_EXPRESSION, error);
	}
	return r;
}

static int sequence_declare_stream(const struct sequence *sequence,
				   struct gust_declaration *about,
				   const struct gust_column *input)
{
	const size_t n = columns_count(input);
	struct gust_column *columns = calloc(n + 3, sizeof(*columns));
	int r;

	if (columns == NULL)
		return -ENOMEM;
	memcpy(columns, input, n * sizeof(*columns));
	columns[n].name = "since";
	columns[n].type = span_type((enum span_times)sequence->times);
	columns[n + 1] = (struct gust_column){ "count", GUST_INT };
	r = gust_declare_stream(about, "default", columns);
	free(columns);
	return r;
}

static int sequence_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	const struct sequence *sequence = self;
	const struct gust_column *columns;
	struct script *script = NULL;
	enum gust_type type;
	size_t i;
	int r = forward_columns(about, &columns, error);

	if (sequence->by.count > SEQUENCE_KEYS_MAX)
		r = gust_error_set(error, -EINVAL,
				   "option 'by' names %zu fields, expected at "
				   "most %u",
				   sequence->by.count, SEQUENCE_KEYS_MAX);
	for (i = 0; i < sequence->by.count && r == 0; i++)
		r = gust_declared_type(about, sequence->by.items[i], &type,
				       error);
	if (r == 0)
		r = sequence_compile(sequence, columns, &script, error);
	script_destroy(script);
	return r < 0 ? r : sequence_declare_stream(sequence, about, columns);
}

static int sequence_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct sequence *sequence = self;
	const struct gust_list *by = &sequence->by;
	size_t i;
	int r = forward_open(&sequence->forward, task, error);

	for (i = 0; i < by->count && r == 0; i++)
		r = gust_field(task, by->items[i], GUST_NULL,
			       &sequence->fields[i], error);
	if (r == 0)
		r = sequence_compile(sequence,
				     gust_task_input(task, 0)->columns,
				     &sequence->script, error);
	if (r < 0)
		return r;
	sequence->hashed = gust_hashed_by(task, by->items, by->count);
	sequence->most = sequence->at_least > SEQUENCE_KEPT_MAX
				 ? (size_t)sequence->at_least
				 : SEQUENCE_KEPT_MAX;
	sequence->first = calloc(sequence->most + 1, sizeof(int64_t));
	sequence->row =
		calloc(sequence->forward.count + 2, sizeof(*sequence->row));
	if (sequence->first == NULL || sequence->row == NULL)
		return -ENOMEM;
	return gust_state(task, "firsts", sequence->within + SEQUENCE_HOUR_NS,
			  &sequence->state, error);
}

/* What a tuple is; none of it as a rule. */
static int sequence_judge(struct sequence *sequence,
			  const struct gust_tuple *in, bool *is,
			  struct gust_error *error)
{
	struct gust_value holds;
	size_t number = 0;
	int i, r;

	forward_read(&sequence->forward, in);
	r = script_run(sequence->script, sequence->forward.row, error);
	for (i = 0; r == 0 && i < SEQUENCE_PARTS; i++) {
		is[i] = false;
		if (sequence->conditions[i] == NULL)
			continue;
		r = script_value(sequence->script, number++, GUST_BOOL, &holds,
				 error);
		is[i] = r == 0 && holds.as.integer != 0;
	}
	return r;
}

/* Reads the times of the first ones, in no order. */
static int sequence_load(struct sequence *sequence, const struct gust_key *key)
{
	struct gust_text bytes;
	int r = gust_state_get(sequence->state, key, &bytes);

	sequence->count = 0;
	if (r <= 0)
		return r;
	if (bytes.length % sizeof(int64_t) != 0)
		return -EBADMSG;
	sequence->count = bytes.length / sizeof(int64_t);
	if (sequence->count > sequence->most)
		sequence->count = sequence->most;
	memcpy(sequence->first, bytes.data, sequence->count * sizeof(int64_t));
	return 0;
}

static int sequence_store(struct sequence *sequence, const struct gust_key *key)
{
	if (sequence->count == 0)
		return gust_state_remove(sequence->state, key);
	return gust_state_put(sequence->state, key, sequence->first,
			      sequence->count * sizeof(int64_t));
}

/* Forgets those that are not younger than `time`. */
static void sequence_forget(struct sequence *sequence, int64_t time)
{
	size_t i, n = 0;

	for (i = 0; i < sequence->count; i++)
		if (sequence->first[i] > time)
			sequence->first[n++] = sequence->first[i];
	sequence->count = n;
}

/* Whether a time is within reach of a later one. */
static bool sequence_reaches(const struct sequence *sequence, int64_t time,
			     int64_t later)
{
	int64_t apart;

	if (time > later)
		return false;
	if (__builtin_sub_overflow(later, time, &apart))
		return false;
	return (uint64_t)apart <= sequence->within;
}

/* Keeps one more, in place of the oldest if there are too many. */
static void sequence_begin(struct sequence *sequence, int64_t time)
{
	size_t i, n = 0, oldest = 0;

	for (i = 0; i < sequence->count; i++)
		if (sequence->first[i] > time ||
		    sequence_reaches(sequence, sequence->first[i], time))
			sequence->first[n++] = sequence->first[i];
	sequence->first[n++] = time;
	for (i = 0; i < n; i++)
		if (sequence->first[i] < sequence->first[oldest])
			oldest = i;
	if (n > sequence->most)
		sequence->first[oldest] = sequence->first[--n];
	sequence->count = n;
}

/* Emits a tuple that follows enough first ones, anchored to it. */
static int sequence_follow(struct sequence *sequence, struct gust_task *task,
			   const struct sequence_item *item)
{
	const struct gust_emission how = { .kind = GUST_EMIT_ANCHORED,
					   .direct = -1,
					   .anchors = &item->kept,
					   .anchor_count = 1 };
	const size_t n = sequence->forward.count;
	struct gust_value *row = sequence->row;
	char text[SPAN_TEXT_MAX];
	int64_t since = INT64_MAX, count = 0;
	size_t i;

	for (i = 0; i < sequence->count; i++) {
		if (!sequence_reaches(sequence, sequence->first[i], item->time))
			continue;
		count++;
		if (sequence->first[i] < since)
			since = sequence->first[i];
	}
	if (count < sequence->at_least)
		return 0;
	sequence_forget(sequence, item->time);
	forward_read(&sequence->forward, item->kept);
	memcpy(row, sequence->forward.row, n * sizeof(*row));
	row[n] = span_time((enum span_times)sequence->times, since, text);
	row[n + 1] = gust_int(count);
	return gust_emit_with(task, &how, row, n + 2);
}

static int sequence_work(struct sequence *sequence, struct gust_task *task,
			 const struct sequence_item *item)
{
	struct gust_value values[SEQUENCE_KEYS_MAX];
	const struct gust_key key = { values, sequence->by.count,
				      sequence->hashed ? item->kept->hash : 0 };
	size_t i;
	int r;

	for (i = 0; i < sequence->by.count; i++)
		values[i] = gust_value(item->kept, sequence->fields[i]);
	r = sequence_load(sequence, &key);
	if (r < 0)
		return r;
	if (item->is[SEQUENCE_WITHOUT])
		sequence_forget(sequence, item->time);
	if (item->is[SEQUENCE_THEN])
		r = sequence_follow(sequence, task, item);
	if (item->is[SEQUENCE_FIRST])
		sequence_begin(sequence, item->time);
	return r < 0 ? r : sequence_store(sequence, &key);
}

/* A tuple's turn has come. */
static void sequence_turn(struct sequence *sequence, struct gust_task *task,
			  struct sequence_item *item)
{
	int r;

	gust_set_time(task, item->time);
	r = sequence_work(sequence, task, item);
	if (r == 0)
		gust_ack(task, item->kept);
	else
		gust_fail(task, item->kept, "%s", strerror(-r));
	free(item);
}

static int sequence_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	struct sequence *sequence = self;
	const int64_t time = gust_time(task, in);
	int64_t due;
	struct sequence_item item = { .time = time }, *kept;
	struct gust_error error = { 0 };
	int r = sequence_judge(sequence, in, item.is, &error);

	if (r < 0)
		return script_failed(task, in, &error);
	if (!item.is[SEQUENCE_FIRST] && !item.is[SEQUENCE_THEN] &&
	    !item.is[SEQUENCE_WITHOUT])
		return 0;
	if (time == GUST_NO_TIME)
		return gust_reject(task, in, "it has no event time");
	if (columns_size(sequence->forward.row, sequence->forward.count) +
		    SPAN_TEXT_MAX + 2 * sizeof(struct gust_cell) >
	    gust_tuple_max(task))
		return gust_reject(task, in, "it is too long to be emitted");
	/* Then no other one of that time can come. */
	due = time < INT64_MAX ? time + 1 : time;
	r = agenda_reserve(&sequence->agenda, task, due);
	kept = r == 0 ? malloc(sizeof(*kept)) : NULL;
	if (kept == NULL)
		return -ENOMEM;
	item.kept = gust_hold(task, in);
	if (item.kept == NULL) {
		free(kept);
		return -ENOMEM;
	}
	*kept = item;
	agenda_add(&sequence->agenda, due, kept);
	return 0;
}

static int sequence_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct sequence *sequence = self;
	const int64_t watermark = gust_watermark(task);
	struct sequence_item *item;

	while (gust_room(task) > 0 &&
	       (item = agenda_due(&sequence->agenda, watermark)) != NULL)
		sequence_turn(sequence, task, item);
	return agenda_rest(&sequence->agenda, task, cookie);
}

static int sequence_flush(void *self, struct gust_task *task)
{
	struct sequence *sequence = self;
	struct sequence_item *item;

	while ((item = agenda_due(&sequence->agenda, INT64_MAX)) != NULL) {
		sequence_turn(sequence, task, item);
		if (gust_room(task) == 0)
			return GUST_MORE;
	}
	return 0;
}

static void sequence_close(void *self)
{
	struct sequence *sequence = self;
	size_t i;

	for (i = 0; i < sequence->agenda.count; i++)
		free(sequence->agenda.heap[i].item);
	agenda_destroy(&sequence->agenda);
	script_destroy(sequence->script);
	forward_close(&sequence->forward);
	free(sequence->first);
	free(sequence->row);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "sequence",
	.summary = "tells when one thing was followed by another within a time",
	.options = sequence_options,
	.instance_size = sizeof(struct sequence),
	.flags = GUST_STATE,
	.declare = sequence_declare,
	.open = sequence_open,
	.execute = sequence_execute,
	.timer = sequence_timer,
	.flush = sequence_flush,
	.close = sequence_close,
};
