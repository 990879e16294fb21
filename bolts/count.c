/* SPDX-License-Identifier: MIT */

/*
 * count: counts tuples by the values of some fields.
 *
 * Tuples with equal values in all fields of `by` are counted together; null is
 * a value like others, and `by: []` counts all tuples as one. With several
 * tasks, group the stream by the same fields, so that equal tuples meet.
 *
 * The counts are state. In memory, as they are by default, they are lost with
 * the process, and a tuple that is emitted again after a failure may be counted
 * again. With `topology.state.provider: lmdb` the next run goes on with them,
 * `gust state` prints them, and with `topology.state.dedupe` no tuple is
 * counted twice, whatever was killed.
 *
 * `emit: running` emits the new count for every tuple; `emit: final` emits
 * each count once, when no input will follow, in no particular order; what
 * earlier runs have counted is among them.
 *
 * Input:
 *	any streams that have all fields of `by`, with the same types
 * Output:
 *	default: the fields of `by`, then the field `output` (count: int)
 *
 * Example:
 *	bolts:
 *	  - {id: count, plugin: count, options: {by: [word], emit: final}}
 *	streams:
 *	  - from: split
 *	    to: count
 *	    grouping: {type: fields, args: [word]}
 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/state.h>

#define COUNT_FIELDS_MAX 32u

#define COUNT_MISFIT                                                           \
	"the state has counts by other fields than these, expected those of "  \
	"the run before"

enum count_emit { COUNT_RUNNING, COUNT_FINAL };

struct count {
	struct gust_list by; /* options */
	int emit;
	const char *output;

	struct gust_field fields[COUNT_FIELDS_MAX];
	bool hashed; /* tuples come with the hash of these fields */
	bool quick;  /* that of one field */
	struct gust_state *counts;
	struct gust_cursor *cursor; /* of finish() */
	bool ended;                 /* it has told all of them */
};

static const char *const count_emits[] = { "running", "final", NULL };

static const struct gust_option count_options[] = {
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct count, by),
	  .help = "the fields whose values are counted, at most 32",
	  .flags = GUST_REQUIRED },
	{ .name = "emit",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct count, emit),
	  .fallback = "running",
	  .help = "every new count, or each count once at the end",
	  .choices = count_emits },
	{ .name = "output",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct count, output),
	  .fallback = "count",
	  .help = "the name of the field that holds the count" },
	{ .name = NULL },
};

static int count_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct count *count = self;
	struct gust_column columns[COUNT_FIELDS_MAX + 2];
	size_t i, n = count->by.count;
	int r;

	if (n > COUNT_FIELDS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'by' names %zu fields, "
				      "expected at most %u",
				      n, COUNT_FIELDS_MAX);
	for (i = 0; i < n; i++) {
		columns[i].name = count->by.items[i];
		r = gust_declared_type(about, columns[i].name, &columns[i].type,
				       error);
		if (r < 0)
			return r;
	}
	columns[n] = (struct gust_column){ count->output, GUST_INT };
	columns[n + 1] = (struct gust_column){ NULL, GUST_NULL };
	return gust_declare_stream(about, "default", columns);
}

/* Whether a key of the state is one of these fields, and counted. */
static bool count_fits(const struct count *count, const struct gust_key *key,
		       struct gust_text value)
{
	return key->count == count->by.count && value.length == sizeof(int64_t);
}

/* Whether what an earlier run has left are counts by these fields: looks at one
 * of them. */
static int count_check(const struct count *count, struct gust_error *error)
{
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;
	int r = gust_state_walk(count->counts, &cursor);

	if (r < 0)
		return r;
	r = gust_cursor_next(cursor, &key, &value);
	if (r == 1)
		r = count_fits(count, &key, value)
			    ? 0
			    : gust_error_set(error, -EBADMSG, COUNT_MISFIT);
	gust_cursor_close(cursor);
	return r;
}

static int count_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct count *count = self;
	size_t i;
	int r;

	for (i = 0; i < count->by.count; i++) {
		r = gust_field(task, count->by.items[i], GUST_NULL,
			       &count->fields[i], error);
		if (r < 0)
			return r;
	}
	count->hashed = gust_hashed_by(task, count->by.items, count->by.count);
	count->quick = count->hashed && count->by.count == 1;
	r = gust_state(task, "counts", 0, &count->counts, error);
	return r < 0 ? r : count_check(count, error);
}

/* The key of a tuple; both zeros are one key, as they are for groupings. */
static void count_read(const struct count *count, const struct gust_tuple *in,
		       struct gust_value *row)
{
	size_t i;

	for (i = 0; i < count->by.count; i++) {
		row[i] = gust_value(in, count->fields[i]);
		if (row[i].type == GUST_FLOAT && row[i].as.number == 0)
			row[i].as.number = 0;
	}
}

/* Why a tuple could not be counted. */
static int count_refuse(struct gust_task *task, const struct gust_tuple *in,
			int r)
{
	return r != -EMSGSIZE ? r
			      : gust_reject(task, in,
					    "its key is longer than 64 KiB, "
					    "which is what a store takes");
}

/* Counts a tuple by any fields, and emits what was asked for. */
static int count_any(struct count *count, struct gust_task *task,
		     const struct gust_tuple *in)
{
	struct gust_value row[COUNT_FIELDS_MAX + 1];
	const size_t n = count->by.count;
	const struct gust_key key = { row, n, count->hashed ? in->hash : 0 };
	int64_t total;
	int r;

	count_read(count, in, row);
	if (count->quick)
		r = gust_state_count(count->counts, in, count->fields[0], 1,
				     &total);
	else
		r = gust_state_add(count->counts, &key, 1, &total);
	if (r < 0)
		return count_refuse(task, in, r);
	if (count->emit == COUNT_FINAL)
		return 0;
	row[n] = gust_int(total);
	r = gust_emit_values(task, 0, row, n + 1);
	/* In memory nobody else takes it back. */
	if (r < 0)
		(void)gust_state_add(count->counts, &key, -1, NULL);
	return r;
}

static int count_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct count *count = self;
	int r;

	if (!count->quick || count->emit != COUNT_FINAL)
		return count_any(count, task, in);
	r = gust_state_count(count->counts, in, count->fields[0], 1, NULL);
	return r == 0 ? 0 : count_refuse(task, in, r);
}

/* Emits the next count; 0: there is none. */
static int count_tell(struct count *count, struct gust_task *task)
{
	struct gust_value row[COUNT_FIELDS_MAX + 1];
	const size_t n = count->by.count;
	struct gust_text value;
	struct gust_key key;
	int64_t total;
	int r = gust_cursor_next(count->cursor, &key, &value);

	if (r <= 0)
		return r;
	if (!count_fits(count, &key, value))
		return gust_give_up(task, -EBADMSG, COUNT_MISFIT);
	memcpy(&total, value.data, sizeof(total));
	/* A count whose emit has failed. */
	if (total == 0)
		return 1;
	memcpy(row, key.values, n * sizeof(*row));
	row[n] = gust_int(total);
	r = gust_emit_values(task, 0, row, n + 1);
	return r < 0 ? r : 1;
}

/*
 * Not in flush(): a tuple may be replayed after one, and its count would then
 * be emitted twice.
 */
static int count_finish(void *self, struct gust_task *task)
{
	struct count *count = self;
	int r = 1;

	if (count->emit != COUNT_FINAL || count->ended)
		return 0;
	if (count->cursor == NULL)
		r = gust_state_walk(count->counts, &count->cursor);
	if (r < 0)
		return r;
	while ((r = count_tell(count, task)) == 1)
		if (gust_room(task) == 0)
			return GUST_MORE;
	count->ended = r == 0;
	return r;
}

static void count_close(void *self)
{
	struct count *count = self;

	if (count->cursor != NULL)
		gust_cursor_close(count->cursor);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "count",
	.summary = "counts tuples by the values of some fields",
	.options = count_options,
	.instance_size = sizeof(struct count),
	.flags = GUST_STATE,
	.declare = count_declare,
	.open = count_open,
	.execute = count_execute,
	.finish = count_finish,
	.close = count_close,
};
