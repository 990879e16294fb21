/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DIRECT_H
#define ENGINE_DIRECT_H

/*
 * The direct call: a tuple goes to a task of the same executor by calling it.
 * This is the inner loop of every fused topology, so it is inline; all that
 * is rare is in call.c.
 */

#include <errno.h>

#include "engine/call.h"
#include "engine/count.h"
#include "engine/state.h"
#include "engine/volley.h"

static inline void direct_push(struct executor *x, struct frame *frame,
			       struct gust_task *task)
{
	frame->up = x->frame;
	frame->task = task;
	x->frame = frame;
	task->frame = frame;
}

static inline void direct_pop(struct executor *x, struct frame *frame,
			      struct gust_task *task)
{
	task->frame = NULL;
	x->frame = frame->up;
}

/* Calls execute() once; the frame then tells more than the code returned. */
static inline int direct_execute(struct executor *x, struct frame *frame,
				 struct gust_task *task,
				 const struct gust_tuple *in,
				 struct lineage *lineage)
{
	int r;

	frame->in = in;
	frame->lineage = lineage;
	frame->marks = 0;
	direct_push(x, frame, task);
	if (--x->sample_in == 0)
		r = call_timed(x, frame);
	else
		r = task->execute(task->self, task, in);
	volley_end(task);
	direct_pop(x, frame, task);
	task->idle_due = true;
	return r;
}

/* The tuple is dealt with, one way or the other. */
static inline void direct_answered(struct executor *x, struct gust_task *task,
				   const struct frame *frame,
				   struct lineage *lineage, int r)
{
	count_add(&task->counters.executed, 1);
	task->retry_since_ns = 0;
	if (r != 0)
		call_refused(x, task, frame, lineage, r);
	else if ((frame->marks & FRAME_KEPT) == 0)
		count_add(&task->counters.acked, 1);
}

/* The same, and a tuple to be called again goes to the front of its task's
 * queue, in which nothing may stand. */
static inline void direct_settle(struct executor *x, struct gust_task *task,
				 const struct frame *frame,
				 const struct gust_tuple *in,
				 struct lineage *lineage, int r)
{
	if (r != 0 && (r == GUST_MORE || r == -EAGAIN))
		call_unfinished(x, task, in, lineage, r);
	else
		direct_answered(x, task, frame, lineage, r);
}

/* Calls execute() under the caller's lineage and settles what it answers. The
 * task must not be on the stack. */
static inline void direct_call(struct executor *x, struct gust_task *task,
			       const struct gust_tuple *in,
			       struct lineage *lineage)
{
	struct frame frame;
	int r = direct_execute(x, &frame, task, in, lineage);

	direct_settle(x, task, &frame, in, lineage, r);
}

#endif
