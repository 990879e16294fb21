/* SPDX-License-Identifier: MIT */

#include "engine/executing.h"

#include <string.h>

#include "engine/count.h"

/* Derived trees may stand for derived ones; so often that is looked at. */
#define FIND_DEPTH 3

/* What is looked for, and what was found. */
struct find {
	const struct plan *plan;
	const struct executor_shared *shared;
	uint32_t worker; /* that died */
	uint32_t task;
	struct executing_charge *charges;
	uint32_t count;
};

/* What the executor with the ledger noted of the tree of `root`, or NULL. */
static const struct executing_place *find_place(const struct find *find,
						uint64_t root)
{
	const struct executor_shared *shared = find->shared;
	uint32_t owner = find->plan->tasks[root >> 48].executor;
	uint32_t slot = (uint32_t)(root >> 24) & 0xffffffu;
	const struct executing_place *place;
	uint64_t noted;

	if (shared->places == NULL || slot >= shared->place_count)
		return NULL;
	place = &shared->places[(size_t)owner * shared->place_count + slot];
	noted = count_get(&place->root);
	/* It may be that of an earlier attempt. */
	if (noted >> 24 != root >> 24 ||
	    (((uint32_t)noted - (uint32_t)root) & 0xffffffu) >
		    (uint32_t)count_get(&place->renewals))
		return NULL;
	return place;
}

static struct executing_charge *find_add(struct find *find, uint64_t root)
{
	struct executing_charge *charge = &find->charges[find->count];

	for (uint32_t i = 0; i < find->count; i++)
		if (find->charges[i].root == root)
			return NULL;
	if (find->count == EXECUTING_CHARGES_MAX)
		return NULL;
	find->count++;
	memset(charge, 0, sizeof(*charge));
	charge->root = root;
	charge->task = find->task;
	charge->component = find->plan->tasks[root >> 48].component;
	return charge;
}

static void find_tree(struct find *find, uint64_t root, int depth)
{
	const struct plan *plan = find->plan;
	const struct executing_place *place;
	const struct plan_task *task;
	struct executing_charge *charge;
	bool derived;

	if (root == 0 || root >> 48 >= plan->task_count)
		return;
	task = &plan->tasks[root >> 48];
	place = find_place(find, root);
	derived = place != NULL &&
		  plan->components[task->component].kind == PLAN_BOLT &&
		  !(count_get(&place->renewals) & EXECUTING_POSITIONED);
	if (derived && plan->worker_of[task->executor] == find->worker &&
	    depth < FIND_DEPTH) {
		find_tree(find, count_get(&place->inputs[0]), depth + 1);
		find_tree(find, count_get(&place->inputs[1]), depth + 1);
		return;
	}
	charge = find_add(find, root);
	if (charge == NULL || place == NULL || derived)
		return;
	charge->positioned = true;
	charge->source = count_get(&place->source);
	charge->offset = count_get(&place->offset);
}

uint32_t executing_find(const struct plan *plan,
			const struct executor_shared *shared, uint32_t number,
			bool crashed,
			struct executing_charge charges[EXECUTING_CHARGES_MAX])
{
	const struct executing *executing = &shared->executing[number];
	uint64_t state = count_get(&executing->state);
	uint64_t root = count_get(&executing->root);
	struct find find = { .plan = plan,
			     .shared = shared,
			     .worker = plan->worker_of[number],
			     .task = (uint32_t)count_get(&executing->task),
			     .charges = charges };
	struct executing_charge *charge;

	if (state != (crashed ? EXECUTING_CRASHED : EXECUTING_ROOT) ||
	    root == 0 || root >> 48 >= plan->task_count ||
	    find.task >= plan->task_count)
		return 0;
	if (count_get(&executing->source) == 0) {
		find_tree(&find, root, 0);
		return find.count;
	}
	charge = find_add(&find, root);
	charge->positioned = true;
	charge->source = count_get(&executing->source);
	charge->offset = count_get(&executing->offset);
	return find.count;
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

void task_counters_copy(struct task_counters *into,
			const struct task_counters *live)
{
	const uint64_t *from = &live->emitted;
	uint64_t *to = &into->emitted;

	for (size_t i = 0; i < offsetof(struct task_counters, state) / 8; i++)
		count_set(&to[i], count_get(&from[i]));
	__atomic_store_n(&into->state,
			 __atomic_load_n(&live->state, __ATOMIC_RELAXED),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&into->blocked_by,
			 __atomic_load_n(&live->blocked_by, __ATOMIC_RELAXED),
			 __ATOMIC_RELAXED);
	count_set(&into->state_since, count_get(&live->state_since));
	__atomic_store_n(&into->watermark,
			 __atomic_load_n(&live->watermark, __ATOMIC_RELAXED),
			 __ATOMIC_RELAXED);
}

void executor_forget(struct task_counters *c, uint64_t since)
{
	c->open_trees = 0;
	c->held_trees = 0;
	c->derived_trees = 0;
	c->window_tuples = 0;
	c->window_bytes = 0;
	c->input_bytes = 0;
	if (c->state != TASK_DONE)
		c->state = TASK_IDLE;
	c->blocked_by = 0;
	c->state_since = since;
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
	executor_forget(c, 0);
	return open - again;
}
