/* SPDX-License-Identifier: MIT */
#ifndef HOST_H
#define HOST_H

/*
 * Runs a topology in one thread, with a clock that jumps to the next event.
 *
 * Standard output takes a part of what it is given, or nothing, as a slow
 * terminal does; dead letters are stored at once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

#include "topology/plan.h"

struct host;

/* Creates the executors of a plan, which must outlive them. */
int host_create(const struct plan *plan, struct host **host);

/* Opens all instances; -errno with a reason. */
int host_open(struct host *host, struct gust_error *error);

/*
 * Steps until all have come to their end, and stops the spouts on the way if
 * that takes long. False: nothing moves any more, though it is not the end.
 */
bool host_run(struct host *host);

/* The first failure of a component, or NULL. */
const struct gust_error *host_failure(const struct host *host);

/* Mistakes that the runtime has counted for a component. */
uint64_t host_mistakes(const struct host *host, uint32_t component);

/* Whether one without GUST_STDOUT has written to standard output. */
bool host_wrote_unsaid(const struct host *host);

/* Whether attempts = acked + failed, and roots = acked + dead-lettered +
 * rejected + lost + aborted, in every task. */
bool host_balances(const struct host *host);

/* Closes what was opened and frees it all. Takes NULL. */
void host_destroy(struct host *host);

#endif
