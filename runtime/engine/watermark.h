/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WATERMARK_H
#define ENGINE_WATERMARK_H

/*
 * The event clock of a task: its watermark, what waits for it, and how it is
 * passed on.
 *
 * A *source* is a task of a component with a `timestamp:`. Its watermark is the
 * latest event time that it has seen, less the lag. That of other tasks is the
 * least of those of the tasks before it; inputs that are idle or have sent
 * FLUSH are left out. It never goes back. Where no event time comes from, it
 * is the wall clock.
 *
 * When it has moved, windows are handed over (`advance` of the task) and timers
 * of gust_timer_at() called, and only then is it passed on, as a mark, to every
 * task behind: no further than the event time of what the task has still open,
 * which are trees that are neither complete nor held, and tuples that it keeps.
 * So what may still come of these is not late. It is passed on at most once a
 * turn. After FLUSH from all inputs the watermark is INT64_MAX for windows and
 * timers, before flush().
 */

#include "engine/state.h"

/* Counts the inputs of a task, and sets `timed`. 0 or -ENOMEM. */
int watermark_init(struct executor *x, struct gust_task *task);
void watermark_fini(struct gust_task *task);

/* When its executor is opened. 0 or -ENOMEM. */
int watermark_open(struct executor *x, struct gust_task *task);

/* Event time: as above, or GUST_NO_TIME; else the wall clock; INT64_MAX when
 * FLUSH has come from all. */
int64_t watermark_of(const struct gust_task *task);

/* The time of a tuple: its event time, which it may lack (GUST_NO_TIME); where
 * there is no event time, the wall clock. */
int64_t watermark_time(const struct gust_task *task,
		       const struct gust_tuple *in);

/* Has `advance` called soon, though nothing has moved. */
void watermark_ask(struct executor *x, struct gust_task *task);

/* Where there is no event time: has it called when the wall clock has reached
 * `at`; calls in between bring it sooner. Else nothing: the watermark itself
 * does. Without memory for the alarm it comes with the next one. */
void watermark_alarm(struct executor *x, struct gust_task *task, int64_t at);

/* A source has seen a tuple of that event time; a spout, that it will emit. */
void watermark_seen(struct executor *x, struct gust_task *task, int64_t time);

/* For engine/mark.c: a MARK_WATERMARK or MARK_IDLE is at the head of the queue;
 * FLUSH has come from task `from`, or it is lost. */
void watermark_arrived(struct executor *x, struct gust_task *task,
		       const struct section *section);
void watermark_ended(struct executor *x, struct gust_task *task, uint32_t from);
void watermark_forget(struct gust_task *task, uint32_t from);

/* FLUSH has come from all, and flush() is to be called: what waits comes
 * first. */
void watermark_last(struct executor *x, struct gust_task *task);

/* FLUSH is about to be passed on: first what is left, for those who have other
 * inputs as well. */
void watermark_rest(struct executor *x, struct gust_task *task);

/* A worker was lost, and what was open has failed: all is passed on again, and
 * may be less than before, for tasks that begin anew. */
void watermark_again(struct executor *x);

/* Hands windows over and calls timers where these are due; false: nothing was,
 * or there is no room. The stack is empty. */
bool watermark_call(struct executor *x, struct gust_task *task);

/* The same for all tasks. */
bool watermark_step(struct executor *x);

/* The end of a turn: passes on what has moved; at rest also what has hardly
 * moved. False: nothing. */
bool watermark_pass(struct executor *x, bool rest);

/* Parts of this: the inputs of a task; the watermark has moved; a task that was
 * taken for idle is to be waited for again. */
int watermark_init_inputs(struct executor *x, struct gust_task *task);
void watermark_moved(struct executor *x, struct gust_task *task);
void watermark_return(struct executor *x, struct gust_task *task);

/* The timers of these. */
void watermark_alarmed(struct executor *x, struct gust_task *task);
void watermark_silent(struct executor *x, struct gust_task *task);

#endif
