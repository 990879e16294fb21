/* SPDX-License-Identifier: MIT */
#ifndef WORKER_COMMITTER_H
#define WORKER_COMMITTER_H

/*
 * The stores of a worker's tasks, and the thread that writes to them: a commit
 * waits for a disk or a server, and an executor must not.
 *
 * Commits are carried out one after the other, in the order in which they were
 * asked for. One that fails is answered with the reason; whoever asked for it
 * asks again. If a store has been opened by a later incarnation of this worker,
 * this one has been given up, and ends (crew.fenced).
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

#include "topology/plan.h"

struct committer;
struct crew;
struct seat;
struct store;
struct writes;

/* The answer to a commit; of the seat, once it has taken it. */
struct commit_answer {
	struct commit_answer *next;
	uint32_t task;
	int result;
	struct gust_error error;
};

/* `*committer` is left NULL where the plan keeps state in memory. 0 or
 * -ENOMEM. */
int committer_create(struct crew *crew, struct committer **committer);

/* Closes the stores, when the thread is at its end and nobody reads them any
 * more. These two take NULL. */
void committer_destroy(struct committer *committer);

/* 0 or -errno. */
int committer_start(struct committer *committer);

/* From any thread, while the task is opened: opens its store. Errors are those
 * of store.h. */
int committer_open(struct committer *committer, uint32_t task,
		   struct store **store, struct gust_error *error);

/* From the seat's thread: has it carried out, to be answered with
 * seat_committed(). One at a time for each task. */
void committer_commit(struct committer *committer, struct seat *seat,
		      uint32_t task, struct writes *writes);

/* Has the thread end after what it does just now; whether it has; joins it,
 * false: it has not. All take NULL. */
void committer_stop(struct committer *committer);
bool committer_left(const struct committer *committer);
bool committer_join(struct committer *committer);

#endif
