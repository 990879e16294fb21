/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_COMMIT_H
#define ENGINE_COMMIT_H

/*
 * Durable state: no tuple is acked before what it has changed is stored.
 *
 * A task whose state is in a store gathers what it acks, as gust_batch_add()
 * does: the trees are held. Every topology.state.commit.ms, after
 * topology.state.commit.tuples, and at a FLUSH and at its end, what was written
 * is frozen and given to the host, which stores it as one transaction and says
 * so with executor_committed(); then what had been gathered before is acked.
 * The task goes on meanwhile, and gathers for the next one.
 *
 * It stands in front of execute(), so that tasks without a store do not know of
 * it: what a call has written is undone when it fails, and nothing is frozen
 * while a call wants to go on with its tuple (GUST_MORE).
 *
 * A commit that fails is tried again, and the task waits for it, with the
 * reason of the store. After topology.retry.max.secs what was gathered fails.
 */

#include "engine/state.h"

struct dedupe;
struct store;

/*
 * In open(), at the first gust_state(): asks the host for the store of the
 * task. `*store` is left NULL where state is in memory alone, as that of bolts
 * without GUST_STATE and without a window. 0, or an error of
 * the store, which sets `error`.
 */
int commit_open(struct gust_task *task, struct store **store,
		struct gust_error *error);

/* After open(): has a task with a store gather what it acks, and a bolt of a
 * topology with identities count what it emits. 0, or an error of the store,
 * which sets `error`. */
int commit_begin(struct executor *x, struct gust_task *task,
		 struct gust_error *error);
void commit_fini(struct executor *x, struct gust_task *task);

/* Part of the functions below: whether something is neither stored nor
 * released. */
bool commit_is_pending(const struct gust_task *task);

/* Whether the task may not end yet, nor ack. */
static inline bool commit_pending(const struct gust_task *task)
{
	return task->commit != NULL && commit_is_pending(task);
}

/* Whether the store fails: the task does nothing until it does not. */
bool commit_stalled(const struct gust_task *task);

/* A callback other than execute() has returned. */
void commit_touched(struct executor *x, struct gust_task *task);

/* A tuple is kept: 0 or -ENOMEM; and no longer. */
int commit_kept(struct gust_task *task, struct kept *kept);
void commit_let_go(struct gust_task *task, struct kept *kept);

/* Something has changed outside of a callback. */
void commit_wanted(struct executor *x, struct gust_task *task);

/* Takes over the edges of what is to be acked: a kept tuple, the batch; false:
 * they need not wait. */
bool commit_take(struct executor *x, struct gust_task *task, struct kept *kept);
bool commit_take_batch(struct executor *x, struct gust_task *task);

/* What the task has applied; NULL: it does not matter. */
struct dedupe *commit_dedupe(const struct gust_task *task);

/* An emit within execute(). */
void commit_emitted(const struct gust_task *task, const struct output *output,
		    const struct gust_tuple *tuple, int32_t direct);

/* What a tuple has written so far counts for nothing: it is not called with
 * again. */
void commit_undo(struct gust_task *task);

/* At a FLUSH or the end: as soon as possible. */
void commit_soon(struct executor *x, struct gust_task *task);

/* Between callbacks: begins the commits that are due; false: none was. */
bool commit_run(struct executor *x);

/* A timer of the task. */
void commit_timer(struct executor *x, struct gust_task *task, uint64_t cookie);

#endif
