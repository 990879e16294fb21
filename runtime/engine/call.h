/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CALL_H
#define ENGINE_CALL_H

/*
 * Calling plugins: the stack of frames, turns, and what an answer means.
 */

#include "engine/state.h"

/* Begins a turn; call_turn_over() says that it should end. */
void call_turn_begin(struct executor *x);
void call_turn_end(struct executor *x);

static inline bool call_turn_over(const struct executor *x)
{
	return x->unwinding;
}

/* Reads the clock; the turn is over when its time is. */
void call_read_clock(struct executor *x);

/* Counts output against the turn. */
static inline void call_turn_count(struct executor *x, uint64_t bytes)
{
	x->turn_bytes += bytes;
	if (x->turn_bytes >= TURN_BYTES)
		x->unwinding = true;
}

/* Counts a tuple, so that the clock is read every so often. */
static inline void call_clock_count(struct executor *x)
{
	if (--x->clock_in == 0)
		call_read_clock(x);
}

/*
 * Puts a frame on the stack for a callback other than execute(), and takes it
 * off again; its emits start roots. When the stack is empty, the acks that
 * waited are applied.
 */
void call_begin(struct executor *x, struct frame *frame, struct gust_task *task,
		const char *callback);
void call_end(struct executor *x, struct frame *frame);

/* Parts of engine/direct.h: calls execute() and takes the time; fails a tuple
 * for the code returned; queues one that is to be called again. */
int call_timed(struct executor *x, struct frame *frame);
void call_refused(struct executor *x, struct gust_task *task,
		  const struct frame *frame, struct lineage *lineage, int r);
void call_unfinished(struct executor *x, struct gust_task *task,
		     const struct gust_tuple *in, struct lineage *lineage,
		     int r);

/* Does the first work of a task's queue, or a part of it. */
void call_work(struct executor *x, struct gust_task *task);

/* Has the spout told of an id when it is off the stack; and tells it. */
void call_notice(struct executor *x, struct gust_task *task, uint64_t id,
		 bool acked);
void call_notices(struct executor *x, struct gust_task *task);

/* The task said -EAGAIN: it is left alone for a while. */
void call_wait(struct executor *x, struct gust_task *task);

/* What it waited for may have come: it need not wait for the end of that. */
void call_resume(struct gust_task *task);

/* Calls timer(), if the task has one, which ends such a wait, too. What it
 * emits has that time; GUST_NO_TIME: none. */
void call_timer(struct executor *x, struct gust_task *task, int64_t time,
		uint64_t cookie);

/* A callback of the task failed: the run has to end. */
void call_failed(struct executor *x, struct gust_task *task,
		 const char *callback, int code);

/* A mistake of the plugin: counted and, now and then, logged. */
void call_mistake(struct executor *x, struct gust_task *task,
		  const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
