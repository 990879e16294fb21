/* SPDX-License-Identifier: MIT */
#ifndef WORKER_WATCHDOG_H
#define WORKER_WATCHDOG_H

/*
 * Looks at a run from outside, on the main thread: warns of callbacks that
 * keep an executor waiting, and finds out when nothing can go on any more.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

struct crew;

/* How often watchdog_look() should be called. */
#define WATCHDOG_PERIOD_NS UINT64_C(250000000)

/* A callback that lasts longer is worth a warning; the time in which its
 * thread would run, but does not get a processor, is left out. */
#define WATCHDOG_SLOW_NS UINT64_C(1000000000)

/* An executor is warned of once in this time. */
#define WATCHDOG_QUIET_NS UINT64_C(60000000000)

/* How long all must be stuck without any movement, if nothing is said. */
#define WATCHDOG_STUCK_NS UINT64_C(10000000000)

/* A call that has lasted from one look to another. */
struct watchdog_call {
	uint64_t since;    /* pulse.calling_since; 0: none */
	uint64_t seen_ns;  /* when it was noticed, ... */
	uint64_t lack_ns;  /* and how long the thread had lacked a processor */
	uint64_t quiet_ns; /* no warning before */
};

/* All members are private. */
struct watchdog {
	struct watchdog_call *calls; /* by executor */
	uint64_t stuck_since;        /* 0: not */
	uint64_t movement;           /* a sum of counters */
	uint64_t patience_ns;
	int answers[2]; /* a pipe through which threads say what they do */
};

/*
 * Nothing moves for `stuck_ns` (0: WATCHDOG_STUCK_NS) before a run counts as
 * stuck. 0 or -errno; watchdog_fini() follows in any case.
 */
int watchdog_init(struct watchdog *watchdog, const struct crew *crew,
		  uint64_t stuck_ns);
/* Once the threads were joined. Takes a zeroed one. */
void watchdog_fini(struct watchdog *watchdog);

/*
 * Looks at a crew that runs, and leaves in it what the other workers are told.
 * Returns 0, or -EDEADLK when all spouts, of all workers, have stopped for the
 * memory of tuples that are held, and nothing has moved for a while; `error`
 * then names who holds them.
 */
int watchdog_look(struct watchdog *watchdog, struct crew *crew, uint64_t now,
		  struct gust_error *error);

#endif
