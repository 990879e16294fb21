/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_VOLLEY_H
#define ENGINE_VOLLEY_H

/*
 * Volleys: what a call of execute() emits to one stream is delivered a few
 * tuples at a time.
 *
 * The tuples lie one behind the other in the arena. They are delivered when
 * there are VOLLEY_BYTES of them, when the call emits in another way, and when
 * it returns: always within the call, under its lineage and in the order of the
 * emits. So nothing that is promised changes, but what an emit and what a
 * delivery cost once is paid once for many, and the loops of the emitter and of
 * its subscribers do not push each other out of the processor.
 */

#include "engine/dating.h"
#include "engine/state.h"

/* How many bytes are gathered: some dozens of short tuples, which stay in the
 * nearest cache. */
#define VOLLEY_BYTES ((size_t)4096)

/* To so many tasks at most the tuples of a volley are sorted by task. */
#define VOLLEY_PLACES 8u

/* Delivers what is there; the volley stays open. */
void volley_fire(struct gust_task *task);

/* The same, if there is one, and ends it. */
void volley_finish(struct gust_task *task);

/*
 * Counts a tuple that is emitted in execute() to a stream that nobody
 * subscribes to, as filter's `rest` often is; it is not written. False: it is
 * too large or does not fit the columns.
 */
bool volley_unheard(struct gust_task *task, const struct output *output,
		    const struct gust_value *values);

/* The same of one that is known to fit. */
void volley_count_unheard(struct gust_task *task, size_t size);

static inline bool volley_is_open(const struct gust_task *task)
{
	return task->volley.stream != VOLLEY_NONE;
}

static inline void volley_end(struct gust_task *task)
{
	if (volley_is_open(task))
		volley_finish(task);
}

/* Where the tuples go; the arena has nothing above them. */
static inline void volley_place(struct volley *volley, struct executor *x)
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

/* Begins a volley to `stream`, within execute(); none is open. */
static inline void volley_begin(struct gust_task *task, uint32_t stream)
{
	struct volley *volley = &task->volley;

	volley->stream = stream;
	volley->output = &task->outputs[stream];
	volley->values = volley->output->plain_count;
	if (task->timed)
		volley->output->header.time = dating_now(task);
	volley_place(volley, task->x);
}

#endif
