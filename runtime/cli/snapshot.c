/* SPDX-License-Identifier: MIT */
#include "cli/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/count.h"

#define MEMBER(member, now)                                                    \
	{                                                                      \
#member, offsetof(struct task_counters, member), now           \
	}

const struct snapshot_member snapshot_members[] = {
	MEMBER(emitted, false),       MEMBER(transferred, false),
	MEMBER(executed, false),      MEMBER(acked, false),
	MEMBER(failed, false),        MEMBER(mistakes, false),
	MEMBER(roots, false),         MEMBER(attempts, false),
	MEMBER(trees_acked, false),   MEMBER(trees_failed, false),
	MEMBER(replayed, false),      MEMBER(timed_out, false),
	MEMBER(dead_lettered, false), MEMBER(rejected, false),
	MEMBER(lost, false),          MEMBER(aborted, false),
	MEMBER(untracked, false),     MEMBER(open_trees, true),
	MEMBER(held_trees, true),     MEMBER(derived_trees, true),
	MEMBER(late, false),          MEMBER(window_tuples, true),
	MEMBER(window_bytes, true),   MEMBER(input_bytes, true),
	MEMBER(retries, false),       MEMBER(blocked_ns, false),
	MEMBER(sampled_calls, false), MEMBER(sampled_ns, false),
	{ NULL, 0, false },
};

int snapshot_init(struct snapshot *snapshot, const struct plan *plan)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->plan = plan;
	snapshot->tasks =
		calloc(plan->task_count + 1, sizeof(*snapshot->tasks));
	snapshot->executors =
		calloc(plan->executor_count + 1, sizeof(*snapshot->executors));
	if (snapshot->tasks != NULL && snapshot->executors != NULL)
		return 0;
	snapshot_fini(snapshot);
	return -ENOMEM;
}

void snapshot_fini(struct snapshot *snapshot)
{
	free(snapshot->tasks);
	free(snapshot->executors);
	memset(snapshot, 0, sizeof(*snapshot));
}

static uint64_t *count_of(struct task_counters *counters,
			  const struct snapshot_member *member)
{
	char *base = (char *)counters + member->offset;

	return (uint64_t *)(void *)base;
}

void snapshot_take(struct snapshot *snapshot, const struct board *board)
{
	uint32_t i;

	snapshot->time_ns = clock_now_ns();
	snapshot->elapsed_ns = board_elapsed_ns(board);
	for (i = 0; i < snapshot->plan->task_count; i++)
		task_counters_copy(&snapshot->tasks[i], &board->tasks[i]);
	for (i = 0; i < snapshot->plan->executor_count; i++)
		executor_usage_copy(&snapshot->executors[i], &board->usages[i]);
}

/* Whether any worker of this host hears that one. */
static bool is_heard(const struct board *board, uint32_t worker)
{
	for (uint32_t i = 0; i < board->worker_count; i++)
		if (count_get(&board->links[i * board->worker_count + worker]
				       .up) != 0)
			return true;
	return false;
}

void snapshot_hear(struct snapshot *snapshot, const struct board *board)
{
	const struct plan *plan = snapshot->plan;

	for (uint32_t i = 0; i < plan->task_count; i++) {
		uint32_t worker = plan->worker_of[plan->tasks[i].executor];

		if (board_is_here(board, worker))
			continue;
		task_counters_copy(&snapshot->tasks[i], &board->told[i]);
		if (count_get(&board->told_ns[i]) == 0 ||
		    !is_heard(board, worker))
			snapshot->tasks[i].state = SNAPSHOT_UNKNOWN;
	}
}

static void add(struct task_counters *sum, const struct task_counters *counters)
{
	const struct snapshot_member *member;

	for (member = snapshot_members; member->name != NULL; member++)
		*count_of(sum, member) += snapshot_count(counters, member);
}

void snapshot_component(const struct snapshot *snapshot, uint32_t component,
			struct task_counters *sum)
{
	const struct plan_component *it =
		&snapshot->plan->components[component];
	uint32_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < it->task_count; i++)
		add(sum, &snapshot->tasks[it->first_task + i]);
}

void snapshot_spouts(const struct snapshot *snapshot, struct task_counters *sum)
{
	const struct plan *plan = snapshot->plan;
	uint32_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < plan->task_count; i++)
		if (plan->components[plan->tasks[i].component].kind ==
		    PLAN_SPOUT)
			add(sum, &snapshot->tasks[i]);
}

void snapshot_total(const struct snapshot *snapshot, struct task_counters *sum)
{
	uint32_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < snapshot->plan->task_count; i++)
		add(sum, &snapshot->tasks[i]);
}

double snapshot_latency(const struct task_counters *counters)
{
	if (counters->sampled_calls == 0)
		return 0;
	return (double)counters->sampled_ns / (double)counters->sampled_calls;
}
