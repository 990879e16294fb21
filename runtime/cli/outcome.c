/* SPDX-License-Identifier: MIT */
#include "cli/outcome.h"

#include <stdlib.h>

/* Fewer looks say nothing. */
#define LOOKS_MIN 5

void outcome_balance(const struct task_counters *total, struct balance *balance)
{
	balance->roots = total->roots;
	balance->ends = total->trees_acked + total->dead_lettered +
			total->rejected + total->lost + total->aborted;
	balance->attempts = total->attempts;
	balance->results = total->trees_acked + total->trees_failed;
}

struct gust_histogram *outcome_latency(const struct outcome *outcome,
				       uint32_t component)
{
	const struct plan_component *it =
		&outcome->last->plan->components[component];
	struct gust_histogram *merged = calloc(1, sizeof(*merged));
	uint32_t i;

	if (merged == NULL)
		return NULL;
	for (i = it->first_task; i < it->first_task + it->task_count; i++)
		if (outcome->latencies[i] != NULL)
			histogram_merge(merged, outcome->latencies[i]);
	return merged;
}

uint32_t outcome_slowest(const struct outcome *outcome)
{
	uint32_t count = outcome->last->plan->component_count;
	uint32_t i, slowest = UINT32_MAX;
	uint64_t most = outcome->looks / 10;

	if (outcome->looks < LOOKS_MIN)
		return UINT32_MAX;
	for (i = 0; i < count; i++) {
		if (outcome->blamed[i] <= most)
			continue;
		most = outcome->blamed[i];
		slowest = i;
	}
	return slowest;
}

bool outcome_is_here(const struct outcome *outcome, uint32_t executor)
{
	return board_is_here(outcome->board,
			     outcome->last->plan->worker_of[executor]);
}

uint32_t outcome_tasks_here(const struct outcome *outcome, uint32_t component)
{
	const struct plan *plan = outcome->last->plan;
	const struct plan_component *it = &plan->components[component];
	uint32_t here = 0;

	for (uint32_t i = 0; i < it->task_count; i++)
		here += outcome_is_here(
			outcome, plan->tasks[it->first_task + i].executor);
	return here;
}

double outcome_busy(const struct outcome *outcome, uint32_t executor)
{
	uint64_t run_ns = outcome->result->run_ns;
	uint64_t busy_ns = outcome->last->executors[executor].busy_ns;

	if (run_ns == 0)
		return 0;
	return busy_ns < run_ns ? (double)busy_ns / (double)run_ns : 1;
}
