/* SPDX-License-Identifier: MIT */

#include "engine/executing.h"

#include <string.h>

#include "engine/count.h"

/* The executor with the ledger noted where the tree of `root` began. */
static void find_place(const struct plan *plan,
		       const struct executor_shared *shared,
		       struct executing_charge *charge)
{
	uint32_t owner = plan->tasks[charge->root >> 48].executor;
	uint32_t slot = (uint32_t)(charge->root >> 24) & 0xffffffu;
	const struct executing_place *place;
	uint64_t root;

	if (shared->places == NULL || slot >= shared->place_count)
		return;
	place = &shared->places[(size_t)owner * shared->place_count + slot];
	root = count_get(&place->root);
	/* It may be that of an earlier attempt. */
	if (root >> 24 != charge->root >> 24 ||
	    (((uint32_t)root - (uint32_t)charge->root) & 0xffffffu) >
		    count_get(&place->renewals))
		return;
	charge->source = count_get(&place->source);
	charge->offset = count_get(&place->offset);
	charge->positioned = true;
}

bool executing_find(const struct plan *plan,
		    const struct executor_shared *shared, uint32_t number,
		    bool crashed, struct executing_charge *charge)
{
	const struct executing *executing = &shared->executing[number];
	uint64_t state = count_get(&executing->state);

	memset(charge, 0, sizeof(*charge));
	if (state != (crashed ? EXECUTING_CRASHED : EXECUTING_ROOT))
		return false;
	charge->root = count_get(&executing->root);
	charge->task = (uint32_t)count_get(&executing->task);
	if (charge->root == 0 || charge->root >> 48 >= plan->task_count ||
	    charge->task >= plan->task_count)
		return false;
	charge->component = plan->tasks[charge->root >> 48].component;
	charge->source = count_get(&executing->source);
	charge->offset = count_get(&executing->offset);
	charge->positioned = charge->source != 0;
	if (!charge->positioned)
		find_place(plan, shared, charge);
	return true;
}

bool executing_crashed(const struct executor_shared *shared, uint32_t first,
		       uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++)
		if (count_get(&shared->executing[i].state) == EXECUTING_CRASHED)
			return true;
	return false;
}

void executing_crash(struct executing *executing, uint32_t task)
{
	if (executing == NULL)
		return;
	if (executing->state == EXECUTING_NOTHING)
		count_set(&executing->root, 0);
	if (task != UINT32_MAX)
		count_set(&executing->task, task);
	count_set(&executing->state, EXECUTING_CRASHED);
}

void executing_clear(const struct executor_shared *shared, uint32_t first,
		     uint32_t count)
{
	memset(shared->executing + first, 0,
	       count * sizeof(*shared->executing));
}

uint64_t executor_bury(const struct plan *plan, uint32_t task,
		       struct task_counters *c)
{
	const struct plan_component *component =
		&plan->components[plan->tasks[task].component];
	uint64_t ended = c->trees_acked + c->dead_lettered + c->rejected +
			 c->lost + c->aborted;
	uint64_t open = c->roots > ended ? c->roots - ended : 0;
	uint64_t again = 0;

	if (component->kind == PLAN_BOLT)
		again = c->derived_trees < open ? c->derived_trees : open;
	else if (component->replay == GUST_REPLAY_POSITION)
		again = open;
	c->roots -= again;
	c->lost += open - again;
	if (c->attempts > c->trees_acked)
		c->trees_failed = c->attempts - c->trees_acked;
	c->open_trees = 0;
	c->held_trees = 0;
	c->derived_trees = 0;
	c->window_tuples = 0;
	c->window_bytes = 0;
	c->input_bytes = 0;
	if (c->state != TASK_DONE)
		c->state = TASK_IDLE;
	c->blocked_by = 0;
	c->state_since = 0;
	return open - again;
}
