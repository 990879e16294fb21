/* SPDX-License-Identifier: MIT */

#include "engine/volley.h"

#include "engine/call.h"
#include "engine/deliver.h"

/* How many bytes are gathered: some dozens of short tuples, which stay in the
 * nearest cache. */
#define VOLLEY_BYTES ((size_t)4096)

/* Where the tuples go; the arena has nothing above them. */
static void volley_place(struct volley *volley, struct executor *x)
{
	size_t left;

	volley->from = arena_room(&x->arena, &left);
	volley->at = volley->from;
	/* Where even a short tuple may be too long, each takes the long way. */
	if (x->tuple_max < VOLLEY_BYTES)
		left = 0;
	volley->limit =
		volley->from + (left < VOLLEY_BYTES ? left : VOLLEY_BYTES);
}

void volley_begin(struct gust_task *task, uint32_t stream)
{
	struct volley *volley = &task->volley;

	volley_end(task);
	volley->stream = stream;
	volley->output = &task->outputs[stream];
	volley->values = volley->output->plain_count;
	volley_place(volley, task->x);
}

/* Calls `to`, which may be called, in a frame that is on the stack already. */
static inline void volley_call(struct executor *x, struct frame *frame,
			       struct gust_task *to, struct gust_tuple *tuple)
{
	int r;

	frame->task = to;
	frame->in = tuple;
	to->frame = frame;
	if (--x->sample_in == 0)
		r = call_timed(x, frame);
	else
		r = to->execute(to->self, to, tuple);
	volley_end(to);
	to->frame = NULL;
	to->idle_due = true;
	if (r == 0 && frame->marks == 0) {
		to->retry_since_ns = 0;
		count_add(&to->counters.executed, 1);
		count_add(&to->counters.acked, 1);
		return;
	}
	direct_settle(x, to, frame, tuple, frame->lineage, r);
	frame->marks = 0;
}

/* What nobody subscribes to is emitted, too. */
static uint64_t volley_count(const struct volley *volley)
{
	uint64_t tuples = 0;

	for (const char *at = volley->from; at < volley->at; tuples++)
		at += ((const struct gust_tuple *)(const void *)at)->size;
	return tuples;
}

/* Along one route; returns how many tuples there are. */
static uint64_t volley_deliver(struct gust_task *from, struct route *route)
{
	struct frame frame = { .lineage = from->frame->lineage };
	char *at = from->volley.from, *end = from->volley.at;
	const bool hashed = from->volley.output->hashed;
	struct executor *x = from->x;
	uint64_t tuples = 0, called = 0;

	frame.up = x->frame;
	x->frame = &frame;
	while (at < end) {
		struct gust_tuple *tuple = (void *)at;
		struct gust_task *to;
		uint32_t place;

		at += tuple->size;
		tuples++;
		call_clock_count(x);
		place = hashed ? hash_pick(tuple->hash, route->count)
			       : deliver_choose(x, route, tuple, -1);
		to = place == ROUTE_ALL ? NULL : route->called[place];
		if (to == NULL || !deliver_callable(x, to)) {
			deliver_to(x, from, route, place, tuple, frame.lineage);
			continue;
		}
		volley_call(x, &frame, to, tuple);
		called++;
	}
	x->frame = frame.up;
	count_add(&from->counters.transferred, called);
	return tuples;
}

void volley_fire(struct gust_task *task)
{
	struct volley *volley = &task->volley;
	struct output *output = volley->output;
	struct executor *x = task->x;
	uint64_t tuples = 0;

	arena_take(&x->arena, (size_t)(volley->at - volley->from));
	call_turn_count(x, (uint64_t)(volley->at - volley->from));
	for (uint32_t i = 0; i < output->route_count; i++)
		tuples = volley_deliver(task, &output->routes[i]);
	if (output->route_count == 0)
		tuples = volley_count(volley);
	count_add(&task->counters.emitted, tuples);
	arena_drop(&x->arena, volley->from);
	volley_place(volley, x);
}

void volley_finish(struct gust_task *task)
{
	if (task->volley.at > task->volley.from)
		volley_fire(task);
	task->volley.stream = VOLLEY_NONE;
}
