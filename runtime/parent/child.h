/* SPDX-License-Identifier: MIT */
#ifndef PARENT_CHILD_H
#define PARENT_CHILD_H

/*
 * A worker's process, as its parent has it. It is forked without an exec: so
 * it has the parent's plan, board, positions and charges as they are at that
 * moment, a topology from standard input works, and a restart takes about a
 * millisecond. The parent has one thread and no socket of nanomsg, so that
 * the child begins with nothing half done.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <gust/error.h>

#include "worker/beat.h"
#include "worker/control.h"
#include "worker/worker.h"

struct child {
	uint32_t number;      /* of the plan's workers */
	uint64_t incarnation; /* of the last process */
	pid_t pid;            /* 0: there is none */
	int pidfd;            /* readable once the process has ended */
	struct control *control;
	bool opened;         /* CONTROL_OPENED came */
	bool done;           /* CONTROL_DONE came */
	bool result;         /* CONTROL_RESULT came */
	bool mute;           /* its end of the socket is closed */
	bool left;           /* it has ended, and for good */
	uint64_t started_ns; /* the last process */
	uint64_t restart_ns; /* when the next one is due; 0: not */
	uint32_t young;      /* that died young, in a row */
	uint64_t restarts;

	/* What the last death is charged to that had such charges: trees whose
	 * ledgers are on other hosts, which the next process tells. */
	struct beat_charge debts[BEAT_CHARGES_MAX];
	uint32_t debt_count;
};

/*
 * Forks the process, with `options` but for control, number and incarnation,
 * which are its own. There it calls `forget` at first, which closes the
 * descriptors that are the parent's, child_forget() of the other children
 * among them. 0 or -errno with `error`.
 */
int child_start(struct child *child, const struct plan *plan,
		const struct worker_options *options,
		void (*forget)(void *self), void *self,
		struct gust_error *error);

/*
 * Another one has ended well, so all were done: a process that died since then
 * would come to wait for others that are gone, so it is not started, or leaves.
 */
void child_wind_up(struct child *child);

/* Closes the parent's descriptors of another child. */
void child_forget(const struct child *child);

/* Tells it something, if there is a process. */
void child_tell(const struct child *child, enum control_kind kind);

/*
 * Whether the process has ended; `status` is then as of waitpid(2), and its
 * last messages can still be received. child_close() has to follow.
 */
bool child_ended(const struct child *child, int *status);

/* Lets go of a process that has ended. */
void child_close(struct child *child);

/* Sets when it is started again: at once, or after a pause that doubles with
 * each that dies young. */
void child_schedule(struct child *child, uint64_t now);

/* Ends the process at once. */
void child_kill(const struct child *child);

#endif
