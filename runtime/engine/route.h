/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ROUTE_H
#define ENGINE_ROUTE_H

/*
 * Routes: by which grouping a tuple finds its tasks, and how it gets there.
 */

#include "engine/state.h"
#include "tuple/record.h"

/* Builds the outputs, routes and needs of a task. 0 or -ENOMEM. */
int route_init(struct executor *x, struct gust_task *task);
void route_fini(struct gust_task *task);

/* The hash of the fields that a grouping goes by. */
static inline uint64_t route_hash(const struct route *route,
				  const struct gust_tuple *tuple)
{
	const char *at = (const char *)tuple;
	const struct gust_cell *cell = (const void *)(at + route->key_cell);

	/* The commonest case by far. */
	if (route->key_cell != 0 && cell->type == GUST_STRING)
		return record_hash_text(at + cell->as.offset, cell->length);
	return record_hash(tuple, route->keys, route->key_count);
}

/* What route_choose() says where all tasks of the subscriber get the tuple. */
#define ROUTE_ALL UINT32_MAX

/* Parts of engine/deliver.h: which task of the subscriber gets a tuple where
 * that is no simple matter; to all of them; and the way to a task that cannot
 * be called directly. */
uint32_t route_choose(struct executor *x, struct route *route,
		      struct gust_tuple *tuple, int32_t direct);
void route_all(struct executor *x, struct gust_task *from,
	       const struct route *route, struct gust_tuple *tuple,
	       struct lineage *lineage);
void route_queue(struct executor *x, struct gust_task *from,
		 const struct route *route, uint32_t place,
		 struct gust_tuple *tuple, struct lineage *lineage);

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
