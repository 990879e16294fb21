/* SPDX-License-Identifier: MIT */
#ifndef WORKER_BEAT_H
#define WORKER_BEAT_H

/*
 * What a worker tells a peer of itself with each heartbeat of their link: how
 * far it is, and the pulses of its executors. Clocks of hosts differ, so times
 * travel as ages. All is little-endian.
 */

#include <stddef.h>
#include <stdint.h>

#include "engine/executor.h"

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
	uint32_t reserved;
};

/* What it takes at most. */
size_t beat_size(uint32_t executors, uint32_t workers);

/*
 * Writes a beat with the pulses of `beat->pulses` executors and `beat->dead`
 * incarnations to `data`, which has `room` bytes. Returns the size, or 0 when
 * there is not enough room.
 */
size_t beat_write(const struct beat *beat, const struct pulse *pulses,
		  const uint64_t *dead, uint64_t now, void *data, size_t room);

/*
 * Reads one into `beat`, `pulses` and `dead`. -EBADMSG: it is not one, or not
 * of `executors` executors and `workers` workers; nothing was written then.
 */
int beat_read(const void *data, size_t size, uint32_t executors,
	      uint32_t workers, uint64_t now, struct beat *beat,
	      struct pulse *pulses, uint64_t *dead);

#endif
