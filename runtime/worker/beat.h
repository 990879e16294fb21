/* SPDX-License-Identifier: MIT */
#ifndef WORKER_BEAT_H
#define WORKER_BEAT_H

/*
 * What a worker tells a peer of itself with each heartbeat of their link: how
 * far it is, the pulses of its executors, which of its tasks have a long queue,
 * what its earlier lives have died of, and what its tasks have counted. Clocks
 * of hosts differ, so times travel as ages. All is little-endian.
 */

#include <stddef.h>
#include <stdint.h>

#include "engine/executor.h"

/* At most so many are told, and of a reason so much. */
#define BEAT_WAITS_MAX 256u
#define BEAT_CHARGES_MAX 16u
#define BEAT_TASKS_MAX 12u
#define BEAT_REASON_SIZE 160

enum beat_flag {
	BEAT_DONE = 1,     /* its own executors are done */
	BEAT_STOPPING = 2, /* it was told to stop, and tells all */
	BEAT_FAILED = 4,   /* a component failed there */
	BEAT_STILL = 8,    /* by itself it cannot go on, see watchdog.h */
	BEAT_FULL = 16     /* it is still for want of memory */
};

struct beat {
	uint32_t flags;    /* of enum beat_flag */
	uint32_t pulses;   /* how many follow: executors of the sender */
	uint64_t movement; /* a sum of counters, see watchdog.h */
	/* The last incarnation of each worker that it gave up for its silence;
	 * 0: none. A death is one for all. They follow the pulses. */
	uint32_t dead;
	uint16_t waits;   /* follow those */
	uint16_t charges; /* then these, */
	uint32_t tasks;   /* and these come last */
	uint32_t reserved;
};

/* What is next for a task of the sender has waited for so long. Those that are
 * not mentioned have no queue worth a word. */
struct beat_wait {
	uint32_t task;
	uint32_t wait_ms;
};

/*
 * What an earlier life of the sender has died of, when the ledger of that tree
 * is the receiver's. It is said with every heartbeat, and counts once for that
 * incarnation.
 */
struct beat_charge {
	uint64_t incarnation; /* the one that died */
	uint64_t root;
	uint32_t task; /* where it was; UINT32_MAX: unknown */
	uint32_t reserved;
	char reason[BEAT_REASON_SIZE]; /* a NUL ends it */
};

/* How a task is, see tidings.h; `counters.state_since` is an age. */
struct beat_task {
	uint32_t task;
	uint32_t reserved;
	struct task_counters counters;
};

/* What follows, as many as struct beat says. */
struct beat_lists {
	struct pulse *pulses;
	uint64_t *dead;
	struct beat_wait *waits;     /* room for BEAT_WAITS_MAX to read */
	struct beat_charge *charges; /* room for BEAT_CHARGES_MAX */
	struct beat_task *tasks;     /* room for BEAT_TASKS_MAX */
};

/* What it takes. */
size_t beat_size(const struct beat *beat);

/*
 * Writes a beat and what follows to `data`, which has `room` bytes. Returns the
 * size, or 0 when there is not enough room.
 */
size_t beat_write(const struct beat *beat, const struct beat_lists *lists,
		  uint64_t now, void *data, size_t room);

/*
 * Reads one into `beat` and `lists`. -EBADMSG: it is not one, or not of
 * `executors` executors and `workers` workers; nothing was written then. Tasks
 * and roots are as they came.
 */
int beat_read(const void *data, size_t size, uint32_t executors,
	      uint32_t workers, uint64_t now, struct beat *beat,
	      const struct beat_lists *lists);

#endif
