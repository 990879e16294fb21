/* SPDX-License-Identifier: MIT */
#ifndef WORKER_KEEPER_H
#define WORKER_KEEPER_H

/*
 * What outlives a run: the dead letters and the positions of its spouts. All
 * executors share one keeper; it has a lock.
 *
 * Where a run has several processes, its parent makes the keeper and its
 * workers inherit it, each with the positions of that moment. They write dead
 * letters themselves, into the same file, and tell the parent the positions,
 * which alone commits them.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

#include "engine/executor.h"
#include "topology/plan.h"

struct control;
struct keeper;

/*
 * Opens the state directory, if the plan names one, and takes its lock. Where
 * it names none, a parent keeps positions for the time of the run. The plan
 * must outlive the keeper. -EBUSY: another run has it; all errors set `error`.
 */
int keeper_create(const struct plan *plan, bool parent, struct keeper **keeper,
		  struct gust_error *error);

/* Counts the runs on the state directory from 1; 0 where there is none. */
uint64_t keeper_incarnation(const struct keeper *keeper);

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

/* The same in a worker: tells its parent what has changed. */
int keeper_tell(struct keeper *keeper, struct control *control,
		struct gust_error *error);

#endif
