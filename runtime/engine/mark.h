/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_MARK_H
#define ENGINE_MARK_H

/*
 * The end: FLUSH and END, which keep their place among the tuples.
 *
 * A spout task that is done sends FLUSH when all its open trees are held, and
 * again when it has replayed some since; END when no tree is open. A bolt task
 * with FLUSH from all its inputs gets flush() and passes FLUSH on; with END
 * from all it gets finish() once, and passes END on when the derived roots
 * that it has emitted are complete. Feedback edges carry no marks.
 */

#include "engine/state.h"

/* Counts the inputs of a task. 0 or -ENOMEM. */
int mark_init(struct executor *x, struct gust_task *task);
void mark_fini(struct gust_task *task);

/* A mark of task `from` has reached the head of the queue. */
void mark_arrived(struct executor *x, struct gust_task *task, uint32_t from,
		  uint32_t mark);

/* The rest of mark_check(), not to be called. */
void mark_check_slow(struct executor *x, struct gust_task *task);

/* Something changed that may let the task send a mark: a tree was closed or
 * is held, the spout is done. Calls no plugin. Nothing is sent from under a
 * callback, whose end checks again, nor while the spout goes on. */
static inline void mark_check(struct executor *x, struct gust_task *task)
{
	if (task->frame == NULL && (task->spout == NULL || task->depleted))
		mark_check_slow(x, task);
}

/* Feedback edges carry no marks: what came by one after the last FLUSH has
 * flush() called again when the task comes to rest. */
void mark_loop(struct executor *x, struct gust_task *task);

/* Whether flush() or finish() is due, though it may not be called just now. */
bool mark_pending(const struct gust_task *task);

/* Calls flush() and finish() where they are due; false: nothing was. */
bool mark_call(struct executor *x, struct gust_task *task);

#endif
