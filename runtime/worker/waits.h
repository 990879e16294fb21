/* SPDX-License-Identifier: MIT */
#ifndef WORKER_WAITS_H
#define WORKER_WAITS_H

/*
 * How long what is next for each task has waited, over all workers: executors
 * tell it of their own tasks (executor_shared.waits), the post of those of
 * other workers, by their heartbeats, or by their silence.
 */

#include <stdint.h>

#include "topology/plan.h"
#include "worker/beat.h"

/* Lists the longer waits of a worker's tasks, BEAT_WAITS_MAX at most. Returns
 * how many. */
uint32_t waits_tell(const struct plan *plan, uint32_t worker,
		    const uint64_t *waits, struct beat_wait *list);

/* What a worker has told of its tasks; others in the list are left out. */
void waits_take(const struct plan *plan, uint32_t worker,
		const struct beat_wait *list, uint32_t count, uint64_t *waits);

/* A worker has been silent for so long, and so all its tasks wait. */
void waits_silent(const struct plan *plan, uint32_t worker, uint64_t ns,
		  uint64_t *waits);

#endif
