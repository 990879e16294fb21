/* SPDX-License-Identifier: MIT */
#ifndef WORKER_TIDINGS_H
#define WORKER_TIDINGS_H

/*
 * How the tasks of other hosts are, for who asks on this one: each worker tells
 * the first worker of each other host, a few tasks with every heartbeat, and it
 * notes them on its host's board. Nobody goes by them but people.
 */

#include <stdbool.h>
#include <stdint.h>

#include "worker/beat.h"

struct board;
struct plan;

/* Whether `worker` tells `peer`. */
bool tidings_wanted(const struct plan *plan, uint32_t worker, uint32_t peer);

/*
 * Lists the next of a worker's tasks, BEAT_TASKS_MAX at most; `next` is the
 * caller's from one call to the other, and 0 at first. Returns how many.
 */
uint32_t tidings_tell(const struct board *board, uint32_t worker,
		      uint32_t *next, uint64_t now, struct beat_task *list);

/* What a worker has told of its tasks; others in the list are left out. */
void tidings_take(struct board *board, uint32_t worker,
		  const struct beat_task *list, uint32_t count, uint64_t now);

#endif
