/* SPDX-License-Identifier: MIT */
#ifndef WORKER_KEEPER_H
#define WORKER_KEEPER_H

/*
 * What outlives a run: the dead letters and the positions of its spouts. All
 * executors share one keeper; it has a lock.
 */

#include <stdint.h>

#include <gust/error.h>

#include "engine/executor.h"
#include "topology/plan.h"

struct keeper;

/*
 * Opens the state directory, if the plan names one, and takes its lock. The
 * plan must outlive the keeper. -EBUSY: another run has it; all errors set
 * `error`.
 */
int keeper_create(const struct plan *plan, struct keeper **keeper,
		  struct gust_error *error);

/* Closes without a commit, and frees. Takes NULL. */
void keeper_destroy(struct keeper *keeper);

/*
 * Writes a dead letter. It survives the process when this returns, and the
 * machine as soon as a position that passes it does. 0 or -errno.
 */
int keeper_store(struct keeper *keeper, const struct letter *letter);

/* As executor_host.position() and executor_host.resume(). */
void keeper_position(struct keeper *keeper, uint32_t component,
		     const char *source, uint64_t offset);
uint64_t keeper_resume(struct keeper *keeper, uint32_t component,
		       const char *source);

/* Makes the positions of which it was told durable. 0 or -errno. */
int keeper_commit(struct keeper *keeper, struct gust_error *error);

#endif
