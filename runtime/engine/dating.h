/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DATING_H
#define ENGINE_DATING_H

/*
 * The event time of tuples: read from a field where the component has a
 * `timestamp:`, else that of the input; and of trees, which hold the watermark
 * of their task back while they are open.
 *
 * A spout's timestamp is read from what it emits, and what has none that can
 * be read is rejected with its position; that of a bolt from its input, before
 * execute(), which is not called if it cannot be read. Nothing here is reached
 * in tasks that event time does not come to.
 *
 * A tree holds the watermark back from the moment in which something of it
 * outlives its emit, while it is not held, and for
 * topology.replay.hold.secs at most: about, since its age is kept in sixteenths
 * of that.
 */

#include "engine/state.h"

struct tree_start;

/* Finds the fields of the timestamp. 0 or -ENOMEM. */
int dating_init(struct executor *x, struct gust_task *task);
void dating_fini(struct gust_task *task);

/* The time of a plain emit of the callback that is on the stack. */
static inline int64_t dating_now(const struct gust_task *task)
{
	const struct frame *frame = task->frame;

	if ((frame->marks & FRAME_TIMED) != 0)
		return task->set_time;
	return frame->in == NULL ? GUST_NO_TIME : frame->in->time;
}

/* Gives a tuple that is about to be emitted its time. False: it has none that
 * can be read, and was put aside; `*r` is what the emit returns. */
bool dating_emit(struct gust_task *task, struct output *output,
		 struct gust_tuple *tuple, const struct tree_start *start,
		 int *r);

/* The same where nobody listens: the time only counts for the watermark. False:
 * there is none that can be read, or it is to be put aside. */
bool dating_unheard(struct gust_task *task, const struct output *output,
		    const struct gust_value *values);

/* Something of a tree is open after an attempt, be it that all of that is held;
 * it is held now; it has failed; it is closed; and a walk over the ledger meets
 * one that counts. */
void dating_open(struct executor *x, struct gust_task *task, struct tree *tree,
		 bool held);
void dating_held(struct executor *x, struct gust_task *task, struct tree *tree);
void dating_failed(struct gust_task *task, struct tree *tree);
void dating_close(struct executor *x, struct gust_task *task,
		  struct tree *tree);
void dating_expire(struct executor *x, struct tree *tree);

/* A tuple of that time is kept, and no longer. False: it does not count. */
bool dating_count(struct gust_task *task, int64_t time);
void dating_forget(struct executor *x, struct gust_task *task, int64_t time);

#endif
