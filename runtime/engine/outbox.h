/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_OUTBOX_H
#define ENGINE_OUTBOX_H

/*
 * The outbox: derived roots of a task with durable state outlive its process.
 *
 * What such a task emits in tick(), a timer, flush() or finish(), for a window,
 * or anchored to tuples that it holds, is stored in the transaction of the
 * effects that it comes of, and removed by a later one when its tree has ended.
 * What is found there when the task opens is emitted again. So the inputs need
 * not wait for it: they are acked when that transaction is stored.
 *
 * The task is a source of these roots (struct source): each has a number there,
 * which grows, and with topology.state.dedupe an identity made of it. Then a
 * root is emitted only when it is stored, so that all that anybody has seen of
 * it comes again with the same identity, and nothing that was undone is seen.
 * Else it is emitted at once, and stored only if it has not ended by the time
 * of the commit. With identities what is emitted in execute() goes this way as
 * well, unless the bolt is deterministic: it might be something else the next
 * time, when durable state of others has seen it already.
 *
 * A source belongs to one store. State that is moved to another number of tasks
 * takes the roots along, those of one source to one task (state/reshard.h),
 * which tells how far that source is; the new stores have new sources.
 */

#include "engine/state.h"

struct outbox;
struct tree_start;

/* After open() of a task with a store: what an earlier run has left is queued
 * as replays. 0, or an error of the store, which sets `error`. */
int outbox_open(struct gust_task *task, struct gust_error *error);
void outbox_close(struct gust_task *task);

/* Whether a root has to be stored before it is emitted. */
static inline bool outbox_waits(const struct gust_task *task)
{
	return task->outbox != NULL && task->x->dedupe;
}

/* Whether all that the task emits goes this way. */
bool outbox_takes_all(const struct gust_task *task);

/* The source and the number of the next root. */
const struct source *outbox_source(const struct gust_task *task);

/* Whether a root is emitted for the first time now, be it in this run. */
bool outbox_first(const struct gust_task *task, const struct tree *tree);

/* A root that is to be stored first. 0 or -ENOMEM. */
int outbox_emit(struct executor *x, struct gust_task *task,
		const struct output *output, const struct gust_tuple *tuple,
		const struct tree_start *start);

/* Parts of tree_open() and tree_close(): a root, which takes over what it would
 * stand for; its end. */
void outbox_enter(struct gust_task *task, struct tree *tree,
		  const struct tree_start *start);
void outbox_leave(struct executor *x, struct gust_task *task,
		  const struct tree *tree);

/* A call begins; it has failed, and what it emitted is not to be seen. */
void outbox_begin(struct gust_task *task);
void outbox_undo(struct executor *x, struct gust_task *task);

/* Whether something is not as it is stored. */
bool outbox_changed(const struct gust_task *task);

/* Puts what has changed among what is to be stored: 0 or -errno, as
 * gust/state.h; it is to be called again then. And that is stored. */
int outbox_freeze(struct gust_task *task);
void outbox_stored(struct executor *x, struct gust_task *task);

#endif
