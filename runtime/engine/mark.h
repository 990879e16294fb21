/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_MARK_H
#define ENGINE_MARK_H

/*
 * Marks, which keep their place among the tuples: FLUSH and END, which are
 * about the end, and the watermarks of engine/watermark.h.
 *
 * A spout task that is done sends FLUSH when all its open trees are held, and
 * again when it has replayed some since; END when no tree is open. A bolt task
 * with FLUSH from all its inputs gets flush() and passes FLUSH on; with END
 * from all it gets finish() once, and passes END on when the derived roots
 * that it has emitted are complete. Feedback edges carry no marks.
 */

#include "engine/state.h"

/* Whether an input brings marks, and none before it from the same component
 * does. */
bool mark_first(const struct plan *plan, const struct plan_component *c,
		uint32_t input);

/* Counts the inputs of a task. 0 or -ENOMEM. */
int mark_init(struct executor *x, struct gust_task *task);
void mark_fini(struct gust_task *task);

/* Sends a mark of the task to those that come after it: to the tasks of one
 * worker, or with UINT32_MAX to all. `time` is that of a MARK_WATERMARK. */
void mark_send(struct executor *x, struct gust_task *task, enum batch_mark mark,
	       int64_t time, uint32_t worker);

/* The task has ended in an earlier incarnation: says so once more. */
void mark_resume(struct executor *x, struct gust_task *task);

/* A mark has reached the head of the queue, in a batch of that executor. */
void mark_arrived(struct executor *x, struct gust_task *task,
		  const struct section *section, uint32_t executor);

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

/* A worker is lost: its tasks will send their marks again, unless who got them
 * has finished; and marks are sent to its tasks again. */
void mark_forget(struct executor *x, uint32_t worker);
void mark_repeat(struct executor *x, uint32_t worker);

/* Whether flush() or finish() is due, though it may not be called just now. */
bool mark_pending(const struct gust_task *task);

/* Calls flush() and finish() where they are due; false: nothing was. */
bool mark_call(struct executor *x, struct gust_task *task);

#endif
