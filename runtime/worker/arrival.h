/* SPDX-License-Identifier: MIT */
#ifndef WORKER_ARRIVAL_H
#define WORKER_ARRIVAL_H

/*
 * What is asked of a batch that comes from another process before anybody
 * reads it.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

#include "topology/plan.h"
#include "tuple/batch.h"

/* All members are private. */
struct arrival {
	const struct plan *plan;
	uint32_t worker;
	struct batch_limits limits;
	uint16_t *columns;
};

/* For batches to `worker`. The plan is borrowed. -ENOMEM. */
int arrival_init(struct arrival *arrival, const struct plan *plan,
		 uint32_t worker);
/* Takes a zeroed one. */
void arrival_fini(struct arrival *arrival);

/*
 * Checks `size` bytes that came from worker `from`: a batch, from one of its
 * executors to one of ours. As batch_check().
 */
int arrival_check(const struct arrival *arrival, uint32_t from,
		  const void *data, size_t size, struct gust_error *error);

#endif
