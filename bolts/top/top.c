/* SPDX-License-Identifier: MIT */

/*
 * top: ranks keys by how often they came, or by a number.
 *
 * Tuples with the same values in all fields of `by` belong to one key; null is
 * a value like others. Without `of` a key is ranked by how many tuples it has;
 * with `of: FIELD` by that number of its tuples: their sum, the largest one,
 * or the last one (`take`). Null and nan count for nothing, and a sum of ints
 * stays at the limits of an int. Equal numbers are ranked by their keys, the
 * smaller one first, so the same input always gives the same ranking.
 *
 * The first `n` keys are emitted, the greatest first, and with `ties` also
 * those whose number is that of the last of them. That is when no input will
 * follow, and besides at every tick (topology.tick.tuple.freq.secs of this
 * component). `window: W` has a tuple count for the last W ticks only, the one
 * that has not ended included: a rolling ranking. Keys that have no tuple left
 * are forgotten.
 *
 * Several tasks rank a part each: group the stream by the same fields, and
 * have a second `top` with one task merge their rankings. With ticks that one
 * takes the last number it was told of a key, and forgets what it has not
 * been told for two ticks.
 *
 * With a window of the topology (`window: {type: ...}` beside the plugin, not
 * the option) there is a ranking for each of its windows and keys when it ends,
 * and no other. Its keys are then what is ranked apart, such as the pages
 * (`by`) of each country (`keys`). Several tasks rank a part each here, too,
 * unless the stream is grouped by the keys of the window.
 *
 * The numbers of all keys of the window are state. In memory, as it is by
 * default, they are lost with the process, and a tuple that is emitted again
 * after a failure may be counted again. With `topology.state.provider: lmdb`
 * the next run goes on with them, `gust state` prints them, and with
 * `topology.state.dedupe` no tuple is counted twice, whatever was killed.
 *
 * Input:
 *	any streams that have all fields of `by`, and that of `of`
 * Output:
 *	default: rank: int, the fields of `by`, and the number, called `output`.
 *	With a window of the topology its keys, window_start and window_end
 *	stand before them, and firing: string (on_time, early or late) behind,
 *	if it has `early` or `allowed_lateness`
 *
 * Example: the ten most frequent words of the last minute, every 10 seconds.
 *	bolts:
 *	  - id: part
 *	    plugin: top
 *	    parallelism: 4
 *	    options: {by: [word], window: 6}
 *	    config: {topology.tick.tuple.freq.secs: 10}
 *	  - id: whole
 *	    plugin: top
 *	    options: {by: [word], of: count, take: last, window: 2}
 *	    config: {topology.tick.tuple.freq.secs: 10}
 *	streams:
 *	  - {from: split, to: part, grouping: {type: fields, args: [word]}}
 *	  - {from: part, to: whole, grouping: {type: global}}
 */

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include <gust/bolt.h>
#include <gust/state.h>

#include "ranked.h"
#include "ranking.h"
#include "scores.h"

#define TOP_FIELDS_MAX 32u

struct top {
	struct gust_list by; /* options */
	int64_t n;
	const char *of;
	int take;
	int64_t window;
	bool ties;
	const char *output;

	struct gust_field fields[TOP_FIELDS_MAX];
	struct gust_field number;
	bool hashed; /* tuples come with the hash of these fields */
	bool quick;  /* of one field, and they are counted */

	bool windowed; /* by the topology */
	struct ranked ranked;
	struct scores scores;
	struct ranking ranking;
	size_t emitted; /* of the ranking */
	bool ending;    /* finish() has begun to emit */
};

/* In the order of enum heavy_take. */
static const char *const top_takes[] = { "sum", "max", "last", NULL };

static const struct gust_option top_options[] = {
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct top, by),
	  .help = "the fields whose values are ranked, at most 32",
	  .flags = GUST_REQUIRED },
	{ .name = "n",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct top, n),
	  .fallback = "10",
	  .help = "how many keys a ranking has at most",
	  .min = 1,
	  .max = 10000 },
	{ .name = "of",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct top, of),
	  .help = "the int or float field to rank by; left out: count tuples" },
	{ .name = "take",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct top, take),
	  .fallback = "sum",
	  .help = "which number of a key counts, where it has several",
	  .choices = top_takes },
	{ .name = "window",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct top, window),
	  .fallback = "0",
	  .help = "for how many ticks a tuple counts; 0: to the end",
	  .min = 0,
	  .max = 1000 },
	{ .name = "ties",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct top, ties),
	  .fallback = "false",
	  .help = "also emit the keys whose number is that of the last one" },
	{ .name = "output",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct top, output),
	  .help = "the name of the field with the number; as 'of', or count" },
	SPAN_OPTION(struct top, ranked.span),
	{ .name = NULL },
};

/* The type of what is ranked by. */
static int top_number_type(const struct top *top,
			   const struct gust_declaration *about,
			   enum gust_type *type, struct gust_error *error)
{
	int r;

	*type = GUST_INT;
	if (top->of == NULL)
		return 0;
	r = gust_declared_type(about, top->of, type, error);
	if (r == 0 && *type != GUST_INT && *type != GUST_FLOAT)
		r = gust_error_set(error, -EINVAL,
				   "option 'of': field '%.60s' is %s, expected "
				   "int or float",
				   top->of, gust_type_name(*type));
	return r;
}

/* What a ranking has: rank, fields and number; returns how many they are. */
static int top_declare_columns(const struct top *top,
			       const struct gust_declaration *about,
			       struct gust_column *columns,
			       struct gust_error *error)
{
	const char *name = top->of != NULL ? top->of : "count";
	const size_t n = top->by.count;
	size_t i;
	int r = 0;

	columns[0] = (struct gust_column){ "rank", GUST_INT };
	for (i = 0; i < n && r == 0; i++) {
		columns[i + 1].name = top->by.items[i];
		r = gust_declared_type(about, top->by.items[i],
				       &columns[i + 1].type, error);
	}
	columns[n + 1].name = top->output != NULL ? top->output : name;
	if (r == 0)
		r = top_number_type(top, about, &columns[n + 1].type, error);
	return r == 0 ? (int)n + 2 : r;
}

static int top_declare(void *self, struct gust_declaration *about,
		       struct gust_error *error)
{
	struct top *top = self;
	struct gust_column columns[SPAN_COLUMNS_MAX + TOP_FIELDS_MAX + 3];
	int begin = 0, n;

	if (top->by.count > TOP_FIELDS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'by' names %zu fields, expected "
				      "at most %u",
				      top->by.count, TOP_FIELDS_MAX);
	top->windowed = gust_declared_window(about) != NULL;
	if (top->windowed && top->window > 0)
		return gust_error_set(error, -EINVAL,
				      "option 'window' has no meaning beside "
				      "'window' of the component, expected one "
				      "of them");
	if (top->windowed)
		begin = span_declare(&top->ranked.span, about, columns, error);
	if (begin < 0)
		return begin;
	n = top_declare_columns(top, about, columns + begin, error);
	if (n < 0)
		return n;
	top->scores.type = columns[begin + n - 1].type;
	span_declare_end(&top->ranked.span, columns + begin + n);
	return gust_declare_stream(about, "default", columns);
}

/* Begins with what is ranked at ticks and at the end. */
static int top_open_scores(struct top *top, struct gust_task *task,
			   struct gust_error *error)
{
	struct scores *scores = &top->scores;

	top->hashed = gust_hashed_by(task, top->by.items, top->by.count);
	top->ranking.field_count = top->by.count;
	top->ranking.most = (size_t)top->n;
	scores->field_count = top->by.count;
	scores->take = (enum heavy_take)top->take;
	scores->turns = (size_t)top->window;
	scores->counted = top->of == NULL && top->window == 0;
	top->quick = scores->counted && top->hashed && top->by.count == 1;
	return scores_open(scores, task, error);
}

static int top_open(void *self, struct gust_task *task,
		    struct gust_error *error)
{
	struct top *top = self;
	size_t i;
	int r = 0;

	for (i = 0; i < top->by.count && r == 0; i++)
		r = gust_field(task, top->by.items[i], GUST_NULL,
			       &top->fields[i], error);
	if (r == 0 && top->of != NULL)
		r = gust_field(task, top->of, GUST_NULL, &top->number, error);
	if (r < 0)
		return r;
	top->ranked.kind.take = (enum heavy_take)top->take;
	top->ranked.most = (size_t)top->n;
	top->ranked.ties = top->ties;
	top->ranked.field_count = top->by.count;
	return top->windowed ? 0 : top_open_scores(top, task, error);
}

/* Both zeros are one key, as they are for groupings. */
static void top_read(const struct top *top, const struct gust_tuple *in,
		     struct gust_value *key)
{
	size_t i;

	for (i = 0; i < top->by.count; i++) {
		key[i] = gust_value(in, top->fields[i]);
		if (key[i].type == GUST_FLOAT && key[i].as.number == 0)
			key[i].as.number = 0;
	}
}

/* What a tuple's key is ranked by; false: it counts for nothing. */
static bool top_number(const struct top *top, const struct gust_tuple *in,
		       struct gust_value *number)
{
	*number = top->of != NULL ? gust_value(in, top->number) : gust_int(1);
	return number->type != GUST_NULL &&
	       !(number->type == GUST_FLOAT && isnan(number->as.number));
}

static int top_execute(void *self, struct gust_task *task,
		       const struct gust_tuple *in)
{
	struct top *top = self;
	struct gust_value row[TOP_FIELDS_MAX];
	struct gust_value number;
	const struct gust_key key = { row, top->by.count,
				      top->hashed ? in->hash : 0 };
	int r;

	if (!top_number(top, in, &number))
		return 0;
	if (top->quick) {
		r = gust_state_count(top->scores.state, in, top->fields[0], 1,
				     NULL);
	} else {
		top_read(top, in, row);
		r = top->scores.counted
			    ? gust_state_add(top->scores.state, &key, 1, NULL)
			    : scores_add(&top->scores, &key, number);
	}
	return r != -EMSGSIZE ? r
			      : gust_reject(task, in,
					    "its key is longer than 64 KiB, "
					    "which is what a store takes");
}

/* Emits what is left of the ranking, as long as there is `room` for it. */
static int top_emit(struct top *top, struct gust_task *task, bool all)
{
	struct gust_value row[TOP_FIELDS_MAX + 2];
	const struct ranking_entry *entry;
	const size_t n = top->by.count;
	size_t i;
	int r = 0;

	while (r == 0 && top->emitted < top->ranking.count) {
		if (!all && gust_room(task) == 0)
			return GUST_MORE;
		entry = &top->ranking.entries[top->emitted++];
		row[0] = gust_int((int64_t)top->emitted);
		for (i = 0; i < n; i++)
			row[i + 1] = entry->key[i];
		row[n + 1] = entry->number;
		r = gust_emit_values(task, 0, row, n + 2);
	}
	return r;
}

/* Offers all keys to the ranking, or those that are as great as the `last` one
 * of it. */
static int top_offer(struct top *top, const struct ranking_entry *last)
{
	struct ranking_entry entry;
	struct gust_cursor *cursor;
	struct gust_key key;
	int r = gust_state_walk(top->scores.state, &cursor);

	if (r < 0)
		return r;
	while ((r = scores_next(&top->scores, cursor, &key, &entry.number)) ==
	       1) {
		entry.key = key.values;
		r = last == NULL ? ranking_offer(&top->ranking, &entry)
				 : ranking_tie(&top->ranking, last, &entry);
		if (r < 0)
			break;
	}
	gust_cursor_close(cursor);
	return r;
}

static int top_rank(struct top *top, struct gust_task *task)
{
	struct ranking *ranking = &top->ranking;
	struct ranking_entry last;
	int r;

	top->emitted = 0;
	ranking_clear(ranking);
	r = top_offer(top, NULL);
	ranking_sort(ranking);
	if (r == 0 && top->ties && ranking->count > 0) {
		last = ranking->entries[ranking->count - 1];
		r = top_offer(top, &last);
		ranking_sort(ranking);
	}
	return r == -EBADMSG ? gust_give_up(task, r, SCORES_MISFIT) : r;
}

static int top_tick(void *self, struct gust_task *task)
{
	struct top *top = self;
	int r;

	if (top->ending || top->windowed)
		return 0;
	r = top_rank(top, task);
	if (r == 0)
		r = top_emit(top, task, true);
	return r == 0 && top->window > 0 ? scores_turn(&top->scores) : r;
}

/*
 * Not in flush(): a tuple may be replayed after one, and its key would then be
 * emitted twice.
 */
static int top_finish(void *self, struct gust_task *task)
{
	struct top *top = self;
	int r = 0;

	if (top->windowed)
		return 0;
	if (!top->ending)
		r = top_rank(top, task);
	top->ending = true;
	return r < 0 ? r : top_emit(top, task, false);
}

static void top_close(void *self)
{
	struct top *top = self;

	scores_close(&top->scores);
	ranking_destroy(&top->ranking);
	ranked_close(&top->ranked);
}

static int top_add(void *self, struct gust_task *task,
		   struct gust_accumulator *accumulator,
		   const struct gust_tuple *in)
{
	struct top *top = self;
	struct gust_value key[TOP_FIELDS_MAX];
	struct gust_value number;

	(void)task;
	if (!top_number(top, in, &number))
		return 0;
	top_read(top, in, key);
	return ranked_add(&top->ranked, accumulator, key, number);
}

static int top_merge(void *self, struct gust_accumulator *into,
		     const struct gust_accumulator *from)
{
	struct top *top = self;

	return ranked_merge(&top->ranked, into, from);
}

static int top_result(void *self, struct gust_task *task,
		      const struct gust_window *window,
		      const struct gust_accumulator *accumulator)
{
	struct top *top = self;

	return ranked_result(&top->ranked, task, window, accumulator);
}

static const struct gust_windowing top_windowing = {
	.size = sizeof(struct gust_windowing),
	.grows = true,
	.add = top_add,
	.merge = top_merge,
	.result = top_result,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "top",
	.summary = "ranks keys by how often they came, or by a number",
	.options = top_options,
	.instance_size = sizeof(struct top),
	.flags = GUST_STATE,
	.declare = top_declare,
	.open = top_open,
	.execute = top_execute,
	.tick = top_tick,
	.finish = top_finish,
	.close = top_close,
	.windowing = &top_windowing,
};
