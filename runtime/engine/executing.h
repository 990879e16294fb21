/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_EXECUTING_H
#define ENGINE_EXECUTING_H

/*
 * Which trees are charged with the death of a worker.
 *
 * The executor that crashed says so in struct executing, as long as somebody
 * could still say something; otherwise (SIGKILL) whatever an executor of that
 * worker was executing is charged, once each. The tree is known by its root as
 * long as its ledger lives; for one whose ledger died as well, its position is
 * read from struct executing or struct executing_place.
 */

#include <stdbool.h>
#include <stdint.h>

#include "engine/executor.h"

struct executing_charge {
	uint64_t root;
	uint32_t task;      /* where it was */
	uint32_t component; /* that rooted the tree */
	bool positioned;    /* source and offset are known */
	uint64_t source;
	uint64_t offset;
};

/* Of one executor, at most. */
#define EXECUTING_CHARGES_MAX 8u

/*
 * What executor `number`, whose process is dead, is to be charged with: one
 * tree as a rule, which is not positioned if its ledger lives. Instead of a
 * derived tree whose ledger died, too, two of those that it stands for. Returns
 * how many. `crashed` says that executing_crashed() is true of its worker.
 */
uint32_t executing_find(const struct plan *plan,
			const struct executor_shared *shared, uint32_t number,
			bool crashed,
			struct executing_charge charges[EXECUTING_CHARGES_MAX]);

/* Whether one of `count` executors from `first` said that it crashed. */
bool executing_crashed(const struct executor_shared *shared, uint32_t first,
		       uint32_t count);

/*
 * For a crash handler: it is this executor that crashed, in `task`; UINT32_MAX
 * leaves the outermost one. May be called again once more is known. Takes NULL.
 * Async-signal-safe, and touches nothing but `executing`.
 */
void executing_crash(struct executing *executing, uint32_t task);

/* Forgets what they were executing, before others take their places. */
void executing_clear(const struct executor_shared *shared, uint32_t first,
		     uint32_t count);

#endif
