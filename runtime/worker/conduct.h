/* SPDX-License-Identifier: MIT */
#ifndef WORKER_CONDUCT_H
#define WORKER_CONDUCT_H

/*
 * What a worker's main thread does at each event: begins, stops and aborts the
 * run, hears its threads and its parent, and looks at the clock. The worker's
 * own; others include worker.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "worker/board.h"
#include "worker/crew.h"
#include "worker/signals.h"
#include "worker/watchdog.h"
#include "worker/worker.h"

/* What is due again and again; never while both are 0. */
struct worker_timer {
	uint64_t period_ns;
	uint64_t due_ns;
};

struct worker {
	const struct plan *plan;
	struct worker_options options;
	struct board *board;
	struct keeper *keeper;
	struct board own_board;    /* unless there is one in the options */
	struct keeper *own_keeper; /* likewise */
	struct crew crew;
	struct signals signals;
	struct watchdog watchdog;
	struct worker_result *result; /* during worker_run() */

	bool released; /* the threads were told to run or to close again */
	bool running;
	bool stopping;
	bool aborting;
	bool commit_failed; /* it was said */
	bool left_behind;
	uint64_t stop_due_ns;  /* options.for_ns; 0: none */
	uint64_t abort_due_ns; /* a stop must be over by then; 0: none */
	uint64_t leave_due_ns; /* an abort must; 0: none */
	uint32_t told;         /* kinds of messages, as bits */
	struct worker_timer progress, commit, watch;
};

/* Has the threads begin, or close what they opened. */
void conduct_release(struct worker *worker, bool run, uint64_t now);

/* A signal came. */
void conduct_signal(struct worker *worker, int number, uint64_t now);

/* Does what the parent says, if there is one. */
void conduct_control(struct worker *worker, uint64_t now);

/* What the threads have rung the bell for. */
void conduct_crew(struct worker *worker, uint64_t now);

/* What the time has come for. */
void conduct_clock(struct worker *worker, uint64_t now);

/* Stores the positions, or tells them to the parent. */
void conduct_commit(struct worker *worker);

#endif
