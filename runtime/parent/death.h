/* SPDX-License-Identifier: MIT */
#ifndef PARENT_DEATH_H
#define PARENT_DEATH_H

/*
 * What follows from the death of a worker's process, but for its restart: who
 * is charged with it, and what its tasks' counters say afterwards. All of it
 * goes by the board; the process must be gone.
 */

#include <stdbool.h>
#include <stdint.h>

#include "engine/executing.h"
#include "worker/board.h"

#define DEATH_TEXT_SIZE 160

struct death {
	uint32_t worker;
	uint64_t incarnation;
	uint64_t lost; /* trees */
	/* A spout without positions had not come to its end: what it had read
	 * and not emitted yet is lost, too. The component, or UINT32_MAX. */
	uint32_t bereft;
	char how[DEATH_TEXT_SIZE]; /* "worker 1 was killed by SIGSEGV" */
};

/* "worker 1 was killed by SIGSEGV", "worker 1 exited with code 3"; `status` is
 * as of waitpid(2). */
void death_describe(struct death *death, int status);

/*
 * What executor `number` of the worker is charged with, as executing_find().
 * Unless that is nothing, `text` of DEATH_TEXT_SIZE bytes is then why: "worker
 * 1 was killed by SIGSEGV while 'count' executed it".
 */
uint32_t death_charge(const struct death *death, const struct board *board,
		      uint32_t number,
		      struct executing_charge charges[EXECUTING_CHARGES_MAX],
		      char *text);

/*
 * Settles the counters: trees that come again have never been roots, others
 * are lost, or aborted in a run that was. Sets `lost` and `bereft`, and counts
 * that as a bereavement. Then forgets what the worker was executing.
 */
void death_settle(struct death *death, const struct board *board, bool aborted);

#endif
