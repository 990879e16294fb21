/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "sets.h"

uint64_t oracle_progress(const struct oracle *oracle)
{
	return oracle->tuple_count + oracle->node_count;
}

void oracle_describe(struct oracle *oracle)
{
	struct world *world = oracle->world;
	uint32_t i;

	for (i = 0; i < world->plan.task_count; i++) {
		const struct task_counters *c = sim_counters(world->sim, i);

		world_trace(
			world,
			"task %u of %s on executor %u: state %u, roots "
			"%" PRIu64 ", acked %" PRIu64 ", dead %" PRIu64
			", open %" PRIu64 ", held %" PRIu64 ", queued %" PRIu64
			" bytes, bolt acked %" PRIu64,
			i, world->components[world->plan.tasks[i].component].id,
			world->plan.tasks[i].executor, c->state, c->roots,
			c->trees_acked, c->dead_lettered, c->open_trees,
			c->held_trees, c->input_bytes, c->acked);
	}
}

void oracle_check(struct oracle *oracle)
{
	struct world *world = oracle->world;
	uint32_t i;

	for (i = 0; i < world->plan.task_count; i++) {
		const struct task_counters *c = sim_counters(world->sim, i);
		const struct tally *tally = &oracle->tallies[i];

		if (c->trees_acked > tally->complete &&
		    !oracle_repeats(oracle, i))
			world_fail(world,
				   "task %u counts %" PRIu64 " trees acked, "
				   "but only %" PRIu64 " are complete",
				   i, c->trees_acked, tally->complete);
		if (c->dead_lettered > tally->letters[LETTER_FAILED] ||
		    c->rejected > tally->letters[LETTER_REJECTED])
			world_fail(world,
				   "task %u counts a dead letter that "
				   "was not stored",
				   i);
		if (c->mistakes > 0)
			world_fail(world, "task %u is blamed for a mistake", i);
	}
}

bool oracle_repeats(const struct oracle *oracle, uint32_t task)
{
	const struct world *world = oracle->world;

	return world->bolts[world->plan.tasks[task].component].state &&
	       world_has_died(world, task);
}

static void check_balance(struct oracle *oracle, uint32_t task)
{
	const struct task_counters *c = sim_counters(oracle->world->sim, task);
	struct tally *tally = &oracle->tallies[task];
	uint64_t ends = c->trees_acked + c->dead_lettered + c->rejected +
			c->lost + c->aborted;

	if (c->roots != ends || c->open_trees != 0 || c->held_trees != 0)
		world_fail(oracle->world,
			   "task %u: %" PRIu64 " roots, %" PRIu64 " acked, "
			   "%" PRIu64 " dead-lettered, %" PRIu64 " rejected, "
			   "%" PRIu64 " lost, %" PRIu64 " aborted, %" PRIu64
			   " open, %" PRIu64 " held",
			   task, c->roots, c->trees_acked, c->dead_lettered,
			   c->rejected, c->lost, c->aborted, c->open_trees,
			   c->held_trees);
	if (c->attempts != c->trees_acked + c->trees_failed)
		world_fail(oracle->world,
			   "task %u: %" PRIu64 " attempts, %" PRIu64
			   " acked, %" PRIu64 " failed",
			   task, c->attempts, c->trees_acked, c->trees_failed);
	if (oracle->world->deaths > 0)
		return;
	if (c->roots < tally->roots_min || c->roots > tally->roots_max)
		world_fail(oracle->world,
			   "task %u: %" PRIu64 " roots are counted, expected "
			   "%" PRIu64 " to %" PRIu64,
			   task, c->roots, tally->roots_min, tally->roots_max);
	if (c->emitted != tally->emits)
		world_fail(oracle->world,
			   "task %u: %" PRIu64 " emits are counted, "
			   "expected %" PRIu64,
			   task, c->emitted, tally->emits);
}

/* What cannot be without a reason. */
static void check_reasons(struct oracle *oracle, uint32_t task)
{
	const struct world *world = oracle->world;
	const struct plan_component *component =
		&world->components[world->plan.tasks[task].component];
	const struct task_counters *c = sim_counters(world->sim, task);
	bool replays = component->kind == PLAN_BOLT ||
		       component->replay == GUST_REPLAY_RECORD ||
		       component->replay == GUST_REPLAY_POSITION;

	if (world_has_died(world, task) &&
	    (component->kind == PLAN_BOLT ||
	     component->replay != GUST_REPLAY_POSITION))
		replays = false;
	if (replays && c->lost > 0)
		world_fail(oracle->world, "task %u loses, but replays", task);
	if (component->message_timeout_ns == 0 && c->timed_out > 0)
		world_fail(oracle->world, "task %u times out, but must not",
			   task);
	if (c->timed_out > c->trees_failed || c->replayed > c->attempts)
		world_fail(oracle->world,
			   "task %u counts %" PRIu64 " timeouts, %" PRIu64
			   " failures, %" PRIu64 " replays, %" PRIu64
			   " attempts",
			   task, c->timed_out, c->trees_failed, c->replayed,
			   c->attempts);
}

/* Whether the engine may leave roots of a task behind without a trace. */
static uint64_t allowed_losses(const struct oracle *oracle, uint32_t task)
{
	const struct task_counters *c = sim_counters(oracle->world->sim, task);

	return c->lost + c->aborted;
}

/* What was acked has been handed over, though its task has died since. */
static void check_windows(struct oracle *oracle)
{
	struct world *world = oracle->world;

	if (world->aborted || world->stopped)
		return;
	for (size_t i = 1; i < oracle->node_count; i++) {
		const struct node *node = &oracle->nodes[i];

		if (node->done && node->windows < node->windows_due)
			world_fail(world,
				   "node %zu is done, but was in %u of %u "
				   "windows",
				   i, node->windows, node->windows_due);
	}
}

/* Windows get no tuple that is late, which only a commit that fails may make
 * of one: it comes again, and the watermark did not wait for it. */
static void check_executed(struct oracle *oracle, uint32_t task)
{
	struct world *world = oracle->world;
	const struct task_counters *c = sim_counters(world->sim, task);

	if (world->aborted || world->deaths > 0)
		return;
	if (c->executed != oracle->tallies[task].nodes + c->late)
		world_fail(world,
			   "task %u executed %" PRIu64 " tuples, and %" PRIu64
			   " were late, but %" PRIu64 " are counted",
			   task, oracle->tallies[task].nodes, c->late,
			   c->executed);
	if (c->late > 0 &&
	    (!world->timed || world->sim_config.commit_fail == 0))
		world_fail(world, "%" PRIu64 " tuples of task %u are late",
			   c->late, task);
}

void oracle_check_end(struct oracle *oracle)
{
	struct world *world = oracle->world;
	uint64_t missing[WORLD_TASKS] = { 0 };
	uint64_t example[WORLD_TASKS] = { 0 };
	uint32_t i;
	size_t k;

	for (k = oracle->tuple_first; k < oracle->tuple_count; k++) {
		const struct tuple *tuple = &oracle->tuples[k];

		if ((tuple->kind != ORACLE_ROOT &&
		     tuple->kind != ORACLE_DERIVED) ||
		    tuple->complete || tuple->lettered || tuple->superseded)
			continue;
		missing[tuple->task]++;
		example[tuple->task] = k;
	}
	check_windows(oracle);
	for (i = 0; i < world->plan.task_count; i++) {
		const struct task_counters *c = sim_counters(world->sim, i);

		check_balance(oracle, i);
		check_reasons(oracle, i);
		if (missing[i] > allowed_losses(oracle, i) &&
		    !world_has_died(world, i))
			world_fail(world,
				   "%" PRIu64 " trees of task %u have no end, "
				   "tuple %" PRIu64 " among them",
				   missing[i], i, example[i]);
		if (c->aborted > 0 && !world->aborted && !world->stopped)
			world_fail(world, "task %u counts aborted trees", i);
		check_executed(oracle, i);
	}
}
