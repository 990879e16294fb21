/* SPDX-License-Identifier: MIT */
#ifndef CLI_SNAPSHOT_H
#define CLI_SNAPSHOT_H

/*
 * The counters of all tasks at one moment, copied, so that what is computed
 * from them agrees. Taken by the main thread while the executors run.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/executor.h"
#include "topology/plan.h"
#include "worker/board.h"

#define SNAPSHOT_UNKNOWN UINT32_MAX

struct snapshot {
	const struct plan *plan;
	uint64_t time_ns; /* monotonic */
	uint64_t elapsed_ns;
	struct task_counters *tasks;
	struct executor_usage *executors;
};

/* The counts among the members of struct task_counters: not the states. */
struct snapshot_member {
	const char *name;
	size_t offset;
	bool now; /* how many there are now, not how often it happened */
};

/* Up to one without a name. */
extern const struct snapshot_member snapshot_members[];

static inline uint64_t snapshot_count(const struct task_counters *counters,
				      const struct snapshot_member *member)
{
	const char *base = (const char *)counters + member->offset;

	return *(const uint64_t *)(const void *)base;
}

/* All zero, for tasks and executors of `plan`, which it borrows. -ENOMEM. */
int snapshot_init(struct snapshot *snapshot, const struct plan *plan);
/* Takes a zeroed one, too. */
void snapshot_fini(struct snapshot *snapshot);

/* Copies all that is on the board now, and the time. */
void snapshot_take(struct snapshot *snapshot, const struct board *board);

/*
 * Then fills in what other hosts have told of their tasks (worker/tidings.h).
 * Of those that told nothing, or cannot be reached, the state is
 * SNAPSHOT_UNKNOWN.
 */
void snapshot_hear(struct snapshot *snapshot, const struct board *board);

/* Adds up the counts over the tasks of a component. */
void snapshot_component(const struct snapshot *snapshot, uint32_t component,
			struct task_counters *sum);

/* Adds up the counts over all spouts, or over all tasks. */
void snapshot_spouts(const struct snapshot *snapshot,
		     struct task_counters *sum);
void snapshot_total(const struct snapshot *snapshot, struct task_counters *sum);

/* The mean self time of execute in ns, from the sample; 0 if there is none. */
double snapshot_latency(const struct task_counters *counters);

#endif
