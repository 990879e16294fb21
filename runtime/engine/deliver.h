/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DELIVER_H
#define ENGINE_DELIVER_H

/*
 * From a tuple to the tasks that get it: along each route of its stream, by a
 * direct call where nothing stands in the way. Inline for the emits that are
 * called for every tuple; others use route_deliver(), which is the same.
 */

#include "engine/credit.h"
#include "engine/direct.h"
#include "engine/route.h"
#include "tuple/record.h"

/* Whether `to` may be called now: it is not at work already, nothing waits
 * before this tuple, and whom it emits to has room. */
static inline bool deliver_callable(const struct executor *x,
				    const struct gust_task *to)
{
	return to->frame == NULL && to->queued == 0 && !x->unwinding &&
	       credit_room(x, to);
}

/* To one task: by a call if that is possible, else by the queue. */
static inline void deliver_one(struct executor *x, struct gust_task *from,
			       const struct route *route, uint32_t place,
			       struct gust_tuple *tuple,
			       struct lineage *lineage)
{
	struct gust_task *to = route->called[place];

	count_add(&from->counters.transferred, 1);
	if (to != NULL && deliver_callable(x, to))
		direct_call(x, to, tuple, lineage);
	else
		route_queue(x, from, route, place, tuple, lineage);
}

static inline void deliver(struct executor *x, struct gust_task *from,
			   struct output *output, struct gust_tuple *tuple,
			   struct lineage *lineage, int32_t direct)
{
	struct route *end = output->routes + output->route_count;

	for (struct route *route = output->routes; route < end; route++) {
		uint32_t place;

		if (route->grouping == PLAN_FIELDS) {
			tuple->hash = record_hash(tuple, route->keys,
						  route->key_count);
			place = hash_pick(tuple->hash, route->count);
		} else {
			place = route_choose(x, route, tuple, direct);
			if (place == ROUTE_ALL) {
				route_all(x, from, route, tuple, lineage);
				continue;
			}
		}
		deliver_one(x, from, route, place, tuple, lineage);
	}
}

#endif
