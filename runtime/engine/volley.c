/* SPDX-License-Identifier: MIT */

#include "engine/volley.h"

#include "engine/call.h"
#include "engine/deliver.h"
#include "engine/outlet.h"

/* Of the routes that are sorted by task, and of the tuples of a volley: each
 * has at least a header and a cell. */
#define VOLLEY_TUPLES                                                          \
	(VOLLEY_BYTES / (sizeof(struct gust_tuple) + sizeof(struct gust_cell)))

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
	direct_settle(x, to, frame, frame->in, frame->lineage, r);
	frame->marks = 0;
}

void volley_count_unheard(struct gust_task *task, size_t size)
{
	count_add(&task->counters.emitted, 1);
	call_turn_count(task->x, size);
	call_clock_count(task->x);
}

bool volley_unheard(struct gust_task *task, const struct output *output,
		    const struct gust_value *values)
{
	struct executor *x = task->x;
	const size_t size =
		record_measure(output->columns, values, output->header.fields);

	/* A misfit is larger than anything. */
	if (size > x->tuple_max)
		return false;
	count_add(&task->counters.emitted, 1);
	call_turn_count(x, size);
	call_clock_count(x);
	return true;
}

/* What nobody subscribes to is emitted, too. */
static uint64_t volley_count(const struct volley *volley)
{
	uint64_t tuples = 0;

	for (const char *at = volley->from; at < volley->at; tuples++)
		at += ((const struct gust_tuple *)(const void *)at)->size;
	return tuples;
}

/* Along one route; returns how many tuples there are. Inline, as a loop each
 * for tuples whose hash is known and for others is faster than one for both. */
static inline __attribute__((always_inline)) uint64_t
volley_deliver(struct gust_task *from, struct route *route, const bool hashed)
{
	struct frame frame = { .lineage = from->frame->lineage };
	char *at = from->volley.from, *end = from->volley.at;
	struct executor *x = from->x;
	uint64_t tuples = 0, given = 0;

	frame.up = x->frame;
	x->frame = &frame;
	for (; at < end; tuples++) {
		struct gust_tuple *tuple = (void *)at;
		struct gust_task *to;
		uint32_t place;

		at += tuple->size;
		call_clock_count(x);
		place = hashed ? hash_pick(tuple->hash, route->count)
			       : deliver_choose(x, route, tuple, -1);
		if (!hashed && place == ROUTE_ALL) {
			route_all(x, from, route, tuple, frame.lineage);
			given++;
			continue;
		}
		to = route->called[place];
		if (to != NULL && deliver_callable(x, to))
			volley_call(x, &frame, to, tuple);
		else
			route_queue(x, from, route, place, tuple,
				    frame.lineage);
	}
	x->frame = frame.up;
	/* route_all() counts by itself. */
	count_add(&from->counters.transferred, tuples - given);
	return tuples;
}

/* The tuples of a task of this executor; what cannot be called is queued. */
static void volley_near(struct gust_task *from, struct route *route,
			struct frame *frame, uint32_t place,
			struct gust_tuple *const *tuples, uint32_t count)
{
	struct gust_task *to = route->called[place];
	struct executor *x = from->x;

	for (uint32_t i = 0; i < count; i++) {
		call_clock_count(x);
		if (deliver_callable(x, to))
			volley_call(x, frame, to, tuples[i]);
		else
			route_queue(x, from, route, place, tuples[i],
				    frame->lineage);
	}
}

/* Those of a task of another one. */
static void volley_far(struct gust_task *from, struct route *route,
		       struct lineage *lineage, uint32_t place,
		       struct gust_tuple *const *tuples, uint32_t count)
{
	struct executor *x = from->x;
	uint32_t taken;

	for (uint32_t i = 0; i < count; i += taken) {
		call_clock_count(x);
		taken = outlet_texts(x, route->first + place, route->line,
				     tuples + i, count - i, lineage);
		if (taken > 0)
			continue;
		route_queue(x, from, route, place, tuples[i], lineage);
		taken = 1;
	}
}

/*
 * Along a route to this executor and to others. Whether a tuple is called or
 * sent is a matter of its hash, which no processor foresees; so they are sorted
 * by task first, without a branch. Between two tasks their order stays.
 */
static __attribute__((noinline)) uint64_t volley_spread(struct gust_task *from,
							struct route *route)
{
	struct gust_tuple *sorted[VOLLEY_PLACES][VOLLEY_TUPLES];
	struct frame frame = { .lineage = from->frame->lineage };
	uint32_t counts[VOLLEY_PLACES] = { 0 };
	char *at = from->volley.from, *end = from->volley.at;
	uint64_t tuples = 0;

	for (; at < end; tuples++) {
		struct gust_tuple *tuple = (void *)at;
		uint32_t place = hash_pick(tuple->hash, route->count);

		at += tuple->size;
		sorted[place][counts[place]++] = tuple;
	}
	frame.up = from->x->frame;
	from->x->frame = &frame;
	for (uint32_t place = 0; place < route->count; place++) {
		if (route->called[place] == NULL)
			volley_far(from, route, frame.lineage, place,
				   sorted[place], counts[place]);
		else
			volley_near(from, route, &frame, place, sorted[place],
				    counts[place]);
	}
	from->x->frame = frame.up;
	count_add(&from->counters.transferred, tuples);
	return tuples;
}

static __attribute__((noinline)) uint64_t volley_others(struct gust_task *from)
{
	const struct output *output = from->volley.output;
	uint64_t tuples = 0;

	for (uint32_t i = 0; i < output->route_count; i++)
		tuples = volley_deliver(from, &output->routes[i], false);
	return output->route_count == 0 ? volley_count(&from->volley) : tuples;
}

void volley_fire(struct gust_task *task)
{
	struct volley *volley = &task->volley;
	struct output *output = volley->output;
	struct executor *x = task->x;
	uint64_t tuples;

	arena_take(&x->arena, (size_t)(volley->at - volley->from));
	call_turn_count(x, (uint64_t)(volley->at - volley->from));
	if (output->spread)
		tuples = volley_spread(task, output->routes);
	else if (output->hashed)
		tuples = volley_deliver(task, output->routes, true);
	else
		tuples = volley_others(task);
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
