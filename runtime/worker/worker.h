/* SPDX-License-Identifier: MIT */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

/*
 * A worker: a process's threads and signals around the engine. It runs each
 * executor of a plan on a thread of its own, connects them, and ends when the
 * sources do, or when it is told to.
 *
 * One worker at a time in a process, since signals are the process's. From
 * worker_run() on, SIGINT, SIGTERM, SIGPIPE and SIGXFSZ are the worker's, and
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT name what was running before they
 * end the process; worker_run() puts back what was before. The threads start
 * and end within worker_run(); what they counted stays readable until
 * worker_destroy().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

#include "engine/executor.h"
#include "topology/plan.h"

struct board;
struct charges;
struct control;
struct beat_charge;
struct keeper;
struct key;
struct reception;
struct worker;

struct worker_options {
	uint64_t for_ns;     /* stop after this time; 0: never */
	uint64_t max_tuples; /* stop after so many tuples of all spouts
			      * together, or a few more where one call of
			      * next() emits several; 0: never */

	uint64_t stuck_ns; /* how long nothing moves before a run in which
			    * only held tuples are left ends; 0: 10 s */

	/* Called on the thread of worker_run() every `progress_ns`, with a
	 * board that is up to date; it must not block. NULL or 0: not at all.
	 */
	void (*progress)(void *self, const struct board *board);
	void *self;
	uint64_t progress_ns;

	/* Borrowed: it is looked after, on the same thread. NULL: none. */
	struct reception *reception;

	/* All borrowed. NULL: the worker makes one of its own. */
	struct board *board;
	struct keeper *keeper;

	/* To its parent, see parent/parent.h; NULL: it has none. With one it
	 * begins and ends when it is told to, signals are the parent's, and so
	 * is the verdict. */
	struct control *control;
	uint32_t number;               /* which of the plan's workers it is */
	uint64_t incarnation;          /* which of those with this number */
	const char *folder;            /* worker N listens at ipc://FOLDER/N;
					* NULL: where the plan's hosts say */
	const struct charges *charges; /* NULL: none */
	/* What an earlier incarnation of this worker died of, for the others;
	 * see worker/beat.h. */
	const struct beat_charge *debts;
	uint32_t debt_count;
	const struct key *key; /* of the cluster; NULL: none */
};

/* How a run came to its end. The first thing that ended it counts. */
enum worker_end {
	WORKER_ENDED,    /* the sources ended */
	WORKER_STOPPED,  /* a signal, `for_ns` or `max_tuples`; all drained */
	WORKER_OVERDUE,  /* stopped, but not drained in time */
	WORKER_ABORTED,  /* a second signal */
	WORKER_FAILED,   /* a component or the machine failed, see `error` */
	WORKER_STUCK,    /* only held tuples were left, see `error` */
	WORKER_NO_READER /* who reads standard output has gone */
};

struct worker_result {
	enum worker_end end;
	/* As `gust run` exits: 0 done, 1 failed or something was lost, 3 there
	 * are dead letters, 128 + n as after a signal. */
	int exit_code;
	int signal;       /* the first that came, or 0 */
	char reason[128]; /* why it stopped, in words; "" when sources ended */
	struct gust_error error; /* of WORKER_FAILED and WORKER_STUCK */
	uint64_t started_ns;     /* monotonic time when the first step began */
	uint64_t run_ns;         /* from there to the end */
	uint64_t peak_rss;       /* of the process, in bytes */
	uint32_t left_behind; /* threads that hang in a callback, see below */
};

/*
 * Prepares a run: opens journals and channels. `plan` is borrowed until
 * worker_destroy(), `options` (may be NULL) is copied. All errors set `error`;
 * -EBUSY: another run uses the state directory; -E2BIG: too many executors.
 */
int worker_create(const struct plan *plan, const struct worker_options *options,
		  struct worker **worker, struct gust_error *error);

/*
 * Runs to the end and fills `result`, whatever happened. Once a worker.
 *
 * When a callback of a plugin does not return even after an abort, its thread
 * is left behind: `left_behind` says how many there are. Counters can still be
 * read, but the caller should then _exit(), since those threads go on.
 */
void worker_run(struct worker *worker, struct worker_result *result);

/* After the run: sends the parent latencies and metrics. 0 or -errno. */
int worker_gather(const struct worker *worker);

/* Frees all, unless threads were left behind. Takes NULL. */
void worker_destroy(struct worker *worker);

/*
 * The executor with that number, for its counters, latencies, metrics and
 * usage; NULL while it has not been created. From the thread of worker_run()
 * at any time, and after it until worker_destroy().
 */
const struct executor *worker_executor(const struct worker *worker,
				       uint32_t number);

/* The executor that has this task, as above. */
const struct executor *worker_executor_of(const struct worker *worker,
					  uint32_t task);

/* Where the run can be seen, from any thread, until worker_destroy(). */
const struct board *worker_board(const struct worker *worker);

#endif
