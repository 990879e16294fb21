/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DELIVER_H
#define ENGINE_DELIVER_H

/*
 * From a tuple to the tasks that get it: along each route of its stream, by a
 * direct call where nothing stands in the way. Inline for volleys; others use
 * route_deliver(), which goes along all routes.
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

/* Which task of the subscriber gets the tuple, or ROUTE_ALL. */
static inline uint32_t deliver_choose(struct executor *x, struct route *route,
				      struct gust_tuple *tuple, int32_t direct)
{
	if (route->grouping == PLAN_FIELDS) {
		tuple->hash = route_hash(route, tuple);
		return hash_pick(tuple->hash, route->count);
	}
	tuple->hash = 0;
	if (route->grouping == PLAN_GLOBAL)
		return 0;
	return route_choose(x, route, tuple, direct);
}

/* To the one chosen: by a call if that is possible, else by the queue. */
static inline void deliver_to(struct executor *x, struct gust_task *from,
			      const struct route *route, uint32_t place,
			      struct gust_tuple *tuple, struct lineage *lineage)
{
	struct gust_task *to;

	if (place == ROUTE_ALL) {
		route_all(x, from, route, tuple, lineage);
		return;
	}
	to = route->called[place];
	count_add(&from->counters.transferred, 1);
	if (to != NULL && deliver_callable(x, to))
		direct_call(x, to, tuple, lineage);
	else
		route_queue(x, from, route, place, tuple, lineage);
}

/* Both of these. */
static inline void deliver_along(struct executor *x, struct gust_task *from,
				 struct route *route, struct gust_tuple *tuple,
				 struct lineage *lineage, int32_t direct)
{
	uint32_t place = deliver_choose(x, route, tuple, direct);

	deliver_to(x, from, route, place, tuple, lineage);
}

#endif
