/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ROUTE_H
#define ENGINE_ROUTE_H

/*
 * Routes: by which grouping a tuple finds its tasks, and how it gets there.
 */

#include "engine/state.h"

/* Builds the outputs, routes and needs of a task. 0 or -ENOMEM. */
int route_init(struct executor *x, struct gust_task *task);
void route_fini(struct gust_task *task);

/*
 * Gives `tuple` to all subscribers of `output`: calls them directly where that
 * is allowed and queues it for them where not. `direct` is the index of the
 * task for direct groupings, else -1. What fails marks `lineage`. `tuple` is
 * changed (its hash), and no longer needed on return.
 */
void route_deliver(struct executor *x, struct gust_task *task,
		   struct output *output, struct gust_tuple *tuple,
		   struct lineage *lineage, int32_t direct);

#endif
