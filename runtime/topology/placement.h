/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_PLACEMENT_H
#define TOPOLOGY_PLACEMENT_H

/*
 * Which task is on which executor, of which worker, on which host.
 *
 * It depends on the plan alone, so that all hosts compute the same. The tasks
 * of a component are dealt out to its hosts in turn, then to the workers of
 * each host, then to the executors of each worker: tasks with equal numbers
 * are together, whatever their component. A host with more slots gets more
 * tasks. `executor: N` means executor N % `config.executors` of the worker
 * that is N / `config.executors`th in turn. A component that is isolated has a
 * worker of its own on each host that it may be on, to which the same rules
 * apply. Workers to which no task falls are left out of the plan.
 */

#include <gust/error.h>

#include "topology/plan.h"

/*
 * How many workers a component may be on: of its hosts, or those of
 * `config.workers`. Its pin must be below so many times `config.executors`.
 */
uint32_t placement_choice(const struct plan *plan,
			  const struct plan_component *component);

/*
 * Sets the executors of the tasks, `workers`, `worker_of`, their counts, and
 * `config.executors`. Part of plan_derive(), which says what it returns and
 * how it is freed.
 */
int placement_derive(struct plan *plan, struct gust_error *error);

#endif
