/* SPDX-License-Identifier: MIT */
#ifndef WORKER_DEPOT_H
#define WORKER_DEPOT_H

/* Where the stores of a plan's tasks are: of a run, and of `gust state`. */

#include <stdint.h>

#include <gust/error.h>

#include "state/store.h"
#include "topology/plan.h"

/*
 * The store of a component's tasks, as topology.state.provider says; task 0,
 * for writing, to be changed by the caller. `*where` is memory for it; free it
 * when the place is no longer needed. -EINVAL, -ENOTSUP and -ENOMEM set
 * `error`.
 */
int depot_place(const struct plan *plan, uint32_t component,
		struct store_place *place, char **where,
		struct gust_error *error);

/*
 * Opens the store of a task for writing. As store_open(), but a server that is
 * away, as it may be when a worker is started anew, is asked again for ten
 * seconds, in which it blocks. Nobody waits for that who would not wait anyway:
 * a worker executes nothing before all its tasks are open. `error` is needed.
 */
int depot_open(const struct plan *plan, uint32_t task, struct store **store,
	       struct gust_error *error);

/*
 * Before any store of a run is opened, with the state directory locked: brings
 * the state of components that had another number of tasks in an earlier run to
 * the new one (state/reshard.h), and says so. Where tasks are on several hosts
 * nobody sees all of it, and opening then refuses it. A server that is away is
 * asked again as above. 0, or an error of the stores, which sets `error`.
 */
int depot_settle(const struct plan *plan, struct gust_error *error);

#endif
