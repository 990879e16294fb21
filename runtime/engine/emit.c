/* SPDX-License-Identifier: MIT */

/*
 * The emits of gust/task.h: from values to a tuple in the arena, and on to
 * the routes. This is the hot path.
 */

#include <errno.h>
#include <stdlib.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit.h"
#include "engine/count.h"
#include "engine/credit.h"
#include "engine/dating.h"
#include "engine/identity.h"
#include "engine/keep.h"
#include "engine/outbox.h"
#include "engine/root.h"
#include "engine/route.h"
#include "engine/volley.h"
#include "tuple/record.h"

/* Says what is wrong with the values; they did not fit the columns. */
static int emit_misfit(struct gust_task *task, const struct output *output,
		       const struct gust_value *values, size_t count)
{
	struct executor *x = task->x;
	const char *stream = x->plan->streams[output->header.stream].name;

	if (count != output->header.fields) {
		call_mistake(x, task,
			     "emits %zu values to stream '%s', expected %u",
			     count, stream, (unsigned)output->header.fields);
		return -EINVAL;
	}
	for (size_t i = 0; i < count; i++) {
		const struct gust_column *column = &output->columns[i];

		if (values[i].type == (uint32_t)column->type ||
		    values[i].type == GUST_NULL)
			continue;
		call_mistake(x, task,
			     "emits %s to field '%s' of stream '%s', expected "
			     "%s",
			     gust_type_name((enum gust_type)values[i].type),
			     column->name, stream,
			     gust_type_name(column->type));
		return -EINVAL;
	}
	return -EINVAL;
}

static int emit_too_large(struct gust_task *task, size_t size)
{
	call_mistake(task->x, task,
		     "emits a tuple of %zu bytes, expected at most %llu "
		     "(topology.tuple.max.bytes)",
		     size,
		     (unsigned long long)task->x->plan->config.tuple_max_bytes);
	return -EMSGSIZE;
}

static struct output *emit_output(struct gust_task *task, uint32_t stream)
{
	if (stream < task->output_count && task->frame != NULL)
		return &task->outputs[stream];
	if (task->frame == NULL)
		call_mistake(task->x, task,
			     "emits outside of its callbacks, or in open()");
	else
		call_mistake(task->x, task,
			     "emits to stream number %u, declared are %u",
			     stream, task->output_count);
	return NULL;
}

/* The tuple of `values` where it does not fit what is left of the chunk of the
 * arena, or is wrong; NULL sets `*r`. */
static struct gust_tuple *emit_build(struct gust_task *task,
				     const struct output *output,
				     const struct gust_value *values,
				     size_t count, int *r)
{
	struct executor *x = task->x;
	struct gust_tuple *tuple;
	size_t size;

	size = count == output->header.fields
		       ? record_measure(output->columns, values,
					(uint32_t)count)
		       : RECORD_MISFIT;
	if (size > x->tuple_max) {
		*r = size == RECORD_MISFIT
			     ? emit_misfit(task, output, values, count)
			     : emit_too_large(task, size);
		return NULL;
	}
	tuple = arena_alloc(&x->arena, size);
	if (tuple == NULL) {
		*r = -ENOMEM;
		return NULL;
	}
	record_write(tuple, size, &output->header, output->columns, values);
	count_add(&task->counters.emitted, 1);
	call_turn_count(x, size);
	call_clock_count(x);
	return tuple;
}

/* The tuple of `values`, one a column, at the end of the arena's chunk, where
 * there is room as a rule. NULL: not there, or not at all. */
static inline struct gust_tuple *emit_write(struct gust_task *task,
					    const struct output *output,
					    const struct gust_value *values)
{
	struct executor *x = task->x;
	struct gust_tuple *tuple;
	size_t size, left;

	tuple = arena_room(&x->arena, &left);
	size = record_write(tuple, left, &output->header, output->columns,
			    values);
	if (size == 0 || size > x->tuple_max)
		return NULL;
	arena_take(&x->arena, size);
	count_add(&task->counters.emitted, 1);
	call_turn_count(x, size);
	call_clock_count(x);
	return tuple;
}

static const struct gust_emission emit_plain = { .direct = -1 };
static const struct tree_start emit_start = { .how = &emit_plain };

/* With all checks, one at a time. */
static __attribute__((noinline)) int
emit_carefully(struct gust_task *task, uint32_t stream,
	       const struct gust_value *values, size_t count)
{
	const struct gust_emission how = { .stream = stream, .direct = -1 };

	return gust_emit_with(task, &how, values, count);
}

/* A root with something of its own: a position, an id, inputs. */
static __attribute__((noinline)) int
emit_special(struct gust_task *task, struct output *output,
	     struct gust_tuple *tuple, const struct tree_start *start)
{
	if (outbox_waits(task))
		return outbox_emit(task->x, task, output, tuple, start);
	return root_emit(task->x, task, output, tuple, start);
}

/* A spout's root that nobody listens to: checked and counted, not written. */
static __attribute__((noinline)) int
emit_unheard(struct gust_task *task, struct output *output, uint32_t stream,
	     const struct gust_value *values)
{
	const uint32_t count = output->header.fields;
	struct executor *x = task->x;
	const size_t size = record_measure(output->columns, values, count);
	struct gust_tuple nothing = output->header;

	if (size > x->tuple_max ||
	    (task->timed && !dating_unheard(task, output, values)))
		return emit_carefully(task, stream, values, count);
	count_add(&task->counters.emitted, 1);
	call_turn_count(x, size);
	call_clock_count(x);
	return emit_special(task, output, &nothing, &emit_start);
}

/* From a spout, a tick and the like: a root of its own. Out of line, so that
 * emit_otherwise() needs no place for registers. */
static __attribute__((noinline)) int emit_root(struct gust_task *task,
					       uint32_t stream,
					       const struct gust_value *values)
{
	struct output *output = &task->outputs[stream];
	struct executor *x = task->x;
	struct gust_tuple *tuple;
	int r;

	if (output->route_count == 0 && task->spout != NULL)
		return emit_unheard(task, output, stream, values);
	tuple = emit_write(task, output, values);
	if (tuple == NULL)
		return emit_carefully(task, stream, values,
				      output->header.fields);
	if (!task->timed || dating_emit(task, output, tuple, &emit_start, &r))
		r = root_emit(x, task, output, tuple, &emit_start);
	arena_drop(&x->arena, tuple);
	return r;
}

/* To another stream than the volley that is open. */
static __attribute__((noinline)) int
emit_elsewhere(struct gust_task *task, uint32_t stream,
	       const struct gust_value *values, size_t count)
{
	volley_finish(task);
	return gust_emit_values(task, stream, values, count);
}

/*
 * What does not go on with the volley: the first emit of a call, or one to
 * another stream, or outside of execute(); and whatever is wrong.
 */
static __attribute__((noinline)) int
emit_otherwise(struct gust_task *task, uint32_t stream,
	       const struct gust_value *values, size_t count)
{
	if (task->frame == NULL || stream >= task->output_count ||
	    task->outputs[stream].plain_count != count)
		return emit_carefully(task, stream, values, count);
	if (task->frame->lineage == NULL)
		return emit_root(task, stream, values);
	if (task->outputs[stream].route_count == 0 &&
	    volley_unheard(task, &task->outputs[stream], values))
		return 0;
	if (volley_is_open(task))
		return emit_elsewhere(task, stream, values, count);
	volley_begin(task, stream);
	return gust_emit_values(task, stream, values, count);
}

/* It does not fit behind the others, or is wrong. */
static __attribute__((noinline)) int
emit_misplaced(struct gust_task *task, const struct gust_value *values)
{
	const struct volley *volley = &task->volley;

	if (volley->at == volley->from)
		return emit_carefully(task, volley->stream, values,
				      volley->values);
	volley_fire(task);
	return gust_emit_values(task, volley->stream, values, volley->values);
}

/* Any tuple, behind the others of its volley. */
static __attribute__((noinline)) int
emit_behind(struct gust_task *task, const struct gust_value *values)
{
	struct volley *volley = &task->volley;
	struct gust_tuple *tuple = (void *)volley->at;
	size_t size = record_write(tuple, (size_t)(volley->limit - volley->at),
				   &volley->output->header,
				   volley->output->columns, values);

	if (size == 0)
		return emit_misplaced(task, values);
	if (volley->output->hashed)
		tuple->hash = route_hash(volley->output->routes, tuple);
	volley->at += size;
	return 0;
}

/*
 * The short way is for one short text: it calls nothing, so that it needs no
 * place for registers, which would cost as much as writing the tuple.
 */
int gust_emit_values(struct gust_task *task, uint32_t stream,
		     const struct gust_value *values, size_t count)
{
	struct volley *volley = &task->volley;
	const struct output *output = volley->output;
	struct gust_tuple *tuple = (void *)volley->at;
	const size_t left = (size_t)(volley->limit - volley->at);
	const char *text;
	uint32_t length;
	size_t size;

	if (volley->stream != stream || volley->values != count)
		return emit_otherwise(task, stream, values, count);
	if (count != 1)
		return emit_behind(task, values);
	text = values->as.data;
	length = values->length;
	size = record_short_size(length);
	if (values->type != GUST_STRING || length >= RECORD_SHORT ||
	    output->columns->type != GUST_STRING || size + RECORD_SLACK > left)
		return emit_behind(task, values);
	volley->at += size;
	record_write_short(tuple, &output->header, text, length,
			   output->hashed);
	return 0;
}

/* What an emit that is anchored to kept tuples belongs to. */
struct emit_anchors {
	struct kept **kept;
	uint32_t count;
	bool derived; /* held ones, or too many roots */
	int64_t time; /* the latest of theirs */
	struct lineage lineage;
};

static void emit_join_root(struct emit_anchors *anchors, uint64_t root)
{
	struct lineage *lineage = &anchors->lineage;

	for (uint32_t i = 0; i < lineage->count; i++)
		if (lineage->anchors[i].root == root)
			return;
	if (lineage->count == BATCH_ANCHORS_MAX) {
		anchors->derived = true;
		return;
	}
	lineage->anchors[lineage->count++] = (struct anchor){ root, 0 };
}

static int emit_find_anchors(struct gust_task *task,
			     const struct gust_emission *how,
			     struct emit_anchors *anchors)
{
	anchors->kept = calloc(how->anchor_count + 1, sizeof(struct kept *));
	if (anchors->kept == NULL)
		return -ENOMEM;
	anchors->time = GUST_NO_TIME;
	for (size_t i = 0; i < how->anchor_count; i++) {
		struct kept *kept = keep_find(task, how->anchors[i]);

		if (kept == NULL || kept->ended) {
			call_mistake(task->x, task,
				     "anchors an emit to a tuple that it does "
				     "not keep");
			free(anchors->kept);
			return -EINVAL;
		}
		anchors->kept[anchors->count++] = kept;
		anchors->derived |= kept->held;
		if (keep_tuple(kept)->time > anchors->time)
			anchors->time = keep_tuple(kept)->time;
		for (uint32_t j = 0; j < kept->count; j++)
			emit_join_root(anchors, kept->anchors[j].root);
	}
	return 0;
}

/* What was drawn belongs to each root once: to the first that has it. */
static void emit_share_drawn(struct emit_anchors *anchors)
{
	const struct lineage *lineage = &anchors->lineage;

	for (uint32_t i = 0; i < lineage->count; i++) {
		uint64_t root = lineage->anchors[i].root;
		bool given = false;

		for (uint32_t j = 0; j < anchors->count && !given; j++) {
			struct kept *kept = anchors->kept[j];

			for (uint32_t k = 0; k < kept->count && !given; k++) {
				if (kept->anchors[k].root != root)
					continue;
				kept->anchors[k].edge ^= lineage->drawn;
				given = true;
			}
		}
	}
}

static int emit_anchored(struct gust_task *task, struct output *output,
			 struct gust_tuple *tuple,
			 const struct gust_emission *how)
{
	struct emit_anchors anchors = { 0 };
	int r = emit_find_anchors(task, how, &anchors);

	if (r != 0)
		return r;
	if (task->timed && (task->frame->marks & FRAME_TIMED) == 0)
		tuple->time = anchors.time;
	if (anchors.derived || anchors.count == 0 || outbox_waits(task)) {
		struct tree_start start = { .how = how,
					    .inputs = anchors.kept,
					    .input_count = anchors.count };

		return emit_special(task, output, tuple, &start);
	}
	route_deliver(task->x, task, output, tuple, &anchors.lineage,
		      how->direct);
	if (!anchors.lineage.failed)
		emit_share_drawn(&anchors);
	free(anchors.kept);
	return 0;
}

/* Whether this kind of emit is this component's to make. */
static int emit_allowed(struct gust_task *task, const struct output *output,
			const struct gust_emission *how)
{
	enum gust_replay replay = task->component->replay;
	struct executor *x = task->x;

	if (output->direct && how->direct < 0) {
		call_mistake(x, task,
			     "emits to a direct grouping without "
			     "naming the task");
		return -EINVAL;
	}
	for (uint32_t i = 0; how->direct >= 0 && i < output->route_count; i++) {
		const struct route *route = &output->routes[i];

		if (route->edge->grouping != PLAN_DIRECT ||
		    (uint32_t)how->direct < route->count)
			continue;
		call_mistake(x, task, "emits to task %d, there are %u",
			     how->direct, route->count);
		return -EINVAL;
	}
	if (how->kind == GUST_EMIT_AT &&
	    (task->spout == NULL || how->source >= task->source_count)) {
		call_mistake(x, task, "emits at a position of no source");
		return -EINVAL;
	}
	if (how->kind == GUST_EMIT_ID && replay != GUST_REPLAY_OWN) {
		call_mistake(x, task,
			     "emits an id, but does not replay by "
			     "itself");
		return -EINVAL;
	}
	return 0;
}

/* Gives the tuple its identity, if it has one. NULL: out of memory. */
static struct gust_tuple *emit_identify(struct gust_task *task,
					const struct output *output,
					const struct gust_emission *how,
					struct gust_tuple *tuple)
{
	tuple = identity_stamp(task, output, how, tuple);
	if (tuple != NULL && how->kind == GUST_EMIT_PLAIN &&
	    !outbox_takes_all(task))
		commit_emitted(task, output, tuple, how->direct);
	return tuple;
}

int gust_emit_with(struct gust_task *task, const struct gust_emission *how,
		   const struct gust_value *values, size_t count)
{
	struct executor *x = task->x;
	struct output *output = emit_output(task, how->stream);
	struct tree_start start = { .how = how };
	struct lineage untracked = { 0 };
	struct arena_mark mark;
	struct gust_tuple *tuple;
	int r;

	if (output == NULL)
		return -ENOENT;
	volley_end(task);
	mark = arena_mark(&x->arena);
	r = emit_allowed(task, output, how);
	if (r != 0)
		return r;
	tuple = count == output->header.fields
			? emit_write(task, output, values)
			: NULL;
	if (tuple == NULL)
		tuple = emit_build(task, output, values, count, &r);
	if (tuple == NULL)
		return r;
	if (task->timed && !dating_emit(task, output, tuple, &start, &r)) {
		arena_release(&x->arena, mark);
		return r;
	}
	if (x->dedupe)
		tuple = emit_identify(task, output, how, tuple);
	if (tuple == NULL)
		r = -ENOMEM;
	else if (how->kind == GUST_EMIT_ANCHORED)
		r = emit_anchored(task, output, tuple, how);
	else if (how->kind == GUST_EMIT_UNANCHORED)
		route_deliver(x, task, output, tuple, &untracked, how->direct);
	else if (task->frame->lineage != NULL && !outbox_takes_all(task))
		route_deliver(x, task, output, tuple, task->frame->lineage,
			      how->direct);
	else
		r = emit_special(task, output, tuple, &start);
	count_add(&task->counters.untracked, how->kind == GUST_EMIT_UNANCHORED);
	arena_release(&x->arena, mark);
	return r;
}

/* What is left of the turn and of the narrowest line. */
size_t gust_room(const struct gust_task *task)
{
	const struct executor *x = task->x;
	uint64_t room =
		TURN_BYTES > x->turn_bytes ? TURN_BYTES - x->turn_bytes : 0;

	if (x->unwinding || !credit_room(x, task))
		return 0;
	return room;
}
