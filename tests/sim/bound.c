/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "world.h"

/* A tuple's header and cells, and a run of its own with four anchors. */
#define TUPLE_BYTES 224u
/* What local_or_shuffle lets wait at home beside another's queue. */
#define SLACK_BYTES 4096u
/* FLUSH and END, some times from each task. */
#define MARK_BYTES 16u
#define MARKS 64u

/* The most tuples that one callback of a component emits, in bytes. */
static uint64_t bound_call(const struct world *world, uint32_t component)
{
	const struct bolt_habits *h = &world->bolts[component];
	uint64_t children = h->children;

	if (world->components[component].kind == PLAN_SPOUT) {
		children = world->spouts[component].at_once + 1;
		return children * (TUPLE_BYTES + world->spouts[component].pad);
	}
	if (h->burst_chance > 0 && h->burst > children)
		children = h->burst;
	/* Those anchored to kept tuples, and its own. */
	return (children + 3) * (TUPLE_BYTES + h->pad);
}

static bool bound_hosts(const struct world *world, uint32_t executor,
			uint32_t component)
{
	const struct plan_component *c = &world->components[component];
	uint32_t i;

	for (i = 0; i < c->task_count; i++)
		if (world->plan.tasks[c->first_task + i].executor == executor)
			return true;
	return false;
}

/* From the tasks on one executor: a window, and for each component that sends
 * what one call may overshoot it by. A feedback edge has its own window. */
static uint64_t bound_sender(const struct world *world, uint32_t sender,
			     uint32_t component)
{
	uint64_t window = 2 * world->plan.config.credit_bytes, bound = 0;
	bool fed = false;
	uint32_t i;

	for (i = 0; i < world->plan.edge_count; i++) {
		const struct plan_edge *edge = &world->edges[i];
		uint64_t copies = 1;

		if (edge->to != component ||
		    !bound_hosts(world, sender, edge->from))
			continue;
		if (edge->grouping == PLAN_ALL)
			copies = world->components[component].task_count;
		if (edge->feedback)
			bound += window;
		else
			fed = true;
		if (edge->grouping == PLAN_LOCAL_OR_SHUFFLE)
			bound += window + SLACK_BYTES;
		bound += 2 * copies * bound_call(world, edge->from);
	}
	return fed ? bound + window : bound;
}

uint64_t bound_queued(const struct world *world, uint32_t executor,
		      uint32_t component)
{
	uint64_t bound = (uint64_t)MARK_BYTES * MARKS * world->plan.task_count;
	uint32_t i;

	if (world->plan.config.credit_bytes == 0)
		return UINT64_MAX;
	if (!bound_hosts(world, executor, component))
		return 0;
	for (i = 0; i < world->plan.executor_count; i++)
		bound += bound_sender(world, i, component);
	/* A descriptor that is ready waits for no room. */
	return bound + bound / 4;
}

static void bound_prepare(struct world *world)
{
	uint32_t i, k, count = world->plan.component_count;

	world->bounds = calloc((size_t)world->plan.executor_count * count,
			       sizeof(*world->bounds));
	assert(world->bounds != NULL);
	for (i = 0; i < world->plan.executor_count; i++)
		for (k = 0; k < count; k++)
			world->bounds[i * count + k] =
				bound_queued(world, i, k);
}

/* The tasks of a component stand together, but not those of an executor. */
static void bound_check_component(struct world *world, uint32_t component)
{
	const struct plan_component *c = &world->components[component];
	uint64_t queued[WORLD_TASKS + 16] = { 0 };
	uint32_t i;

	for (i = c->first_task; i < c->first_task + c->task_count; i++) {
		uint32_t executor = world->plan.tasks[i].executor;
		uint64_t bound =
			world->bounds[executor * world->plan.component_count +
				      component];

		/* What a lost worker sent waits beside that of the next. */
		if (bound != UINT64_MAX)
			bound *= 1 + world->deaths;

		queued[executor] += sim_counters(world->sim, i)->input_bytes;
		if (queued[executor] > bound)
			world_fail(world,
				   "%" PRIu64 " bytes wait for %s on executor "
				   "%u, expected at most %" PRIu64,
				   queued[executor], c->id, executor, bound);
	}
}

void bound_check(struct world *world)
{
	uint32_t i;

	if (world->bounds == NULL)
		bound_prepare(world);
	for (i = 0; i < world->plan.component_count; i++)
		bound_check_component(world, i);
}
