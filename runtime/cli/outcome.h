/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

/*
 * How a run went: what the summary and the report are made of. All of it is
 * borrowed, most of it from the worker.
 */

#include <stdbool.h>
#include <stdint.h>

#include "cli/snapshot.h"
#include "metric/histogram.h"
#include "metric/metric_set.h"
#include "worker/worker.h"

struct outcome {
	const char *path; /* of the topology file */
	const struct snapshot *last;
	const struct worker_result *result;
	const struct board *board;
	uint64_t begun_wall_ns, ended_wall_ns;

	/* By task; their elements may be NULL. */
	const struct gust_histogram *const *latencies;
	const struct metric_set *const *metrics;

	/* How often a look found a task waiting for room at this component. */
	const uint64_t *blamed;
	uint64_t looks;
};

/* The two equations that hold at every end; see struct task_counters. */
struct balance {
	uint64_t roots, ends;
	uint64_t attempts, results;
};

/* Takes the counts of all tasks together. */
void outcome_balance(const struct task_counters *total,
		     struct balance *balance);

static inline bool balance_even(const struct balance *balance)
{
	return balance->roots == balance->ends &&
	       balance->attempts == balance->results;
}

/* The complete latencies of a spout, merged; free it. NULL: no memory. */
struct gust_histogram *outcome_latency(const struct outcome *outcome,
				       uint32_t component);

/* The component that others waited for in a tenth of the time at least, and
 * most of all; UINT32_MAX where there was none. */
uint32_t outcome_slowest(const struct outcome *outcome);

/* Whether an executor is of this host, and how many tasks of a component are:
 * what others do is counted there. */
bool outcome_is_here(const struct outcome *outcome, uint32_t executor);
uint32_t outcome_tasks_here(const struct outcome *outcome, uint32_t component);

/* The part of its time that an executor worked, from 0 to 1. */
double outcome_busy(const struct outcome *outcome, uint32_t executor);

#endif
