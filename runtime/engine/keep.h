/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_KEEP_H
#define ENGINE_KEEP_H

/*
 * Tuples that bolts keep beyond execute(): retained, held, or in a batch.
 *
 * Keeping draws an edge id that is acked when the keeping ends, so the tree
 * stays open. A kept tuple is found by its address, so that an ack of what is
 * not kept, or no longer, is noticed.
 */

#include "engine/state.h"

/* The kept tuple behind what a plugin passes, or NULL. */
struct kept *keep_find(const struct gust_task *task,
		       const struct gust_tuple *tuple);

static inline struct gust_tuple *keep_tuple(struct kept *kept)
{
	return (struct gust_tuple *)(void *)(kept + 1);
}

/* What a retained tuple stands for is held from now on: it is done, but for
 * something else. */
void keep_wait(struct executor *x, struct kept *kept);

/* A derived root that stood for `kept` has ended. */
void keep_derived_done(struct executor *x, struct kept *kept);

/* Fails a kept tuple and frees it. */
void keep_fail(struct executor *x, struct gust_task *task, struct kept *kept,
	       enum failure_kind kind, const char *reason);

/* The input of the call is another copy of a kept tuple, and shares its fate.
 * Which of them is of an attempt that is over is not known here. 0 or -ENOMEM.
 */
int keep_join(struct executor *x, struct gust_task *task, struct kept *kept);

/* After flush(): what is still held or gathered fails, and is a mistake of a
 * bolt whose flush() did not fail itself. */
void keep_leftovers(struct executor *x, struct gust_task *task, bool mistaken);

void keep_fini(struct executor *x, struct gust_task *task);

#endif
