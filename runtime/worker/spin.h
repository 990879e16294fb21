/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SPIN_H
#define WORKER_SPIN_H

/*
 * A short wait for a message without sleeping.
 *
 * To sleep and to be woken up takes longer than many a batch takes to come, and
 * who sends it pays for the wake-up. So a thread waits as long as that would
 * take; a wait in vain has the next ones left out, ever more of them, so that a
 * thread with little to do costs little. Of one thread.
 */

#include <stdbool.h>
#include <stdint.h>

struct inbox;
struct mailbox;

/* All members are private. */
struct spin {
	bool pays;         /* every thread has a core of its own */
	uint32_t rest;     /* sleeps before the next wait */
	uint32_t failures; /* waits in a row that were in vain */
};

/* For one of so many threads, which may all be busy. */
void spin_init(struct spin *spin, uint32_t threads);

/* Whether a message came; at `until_ns` of the monotonic clock it gives up. */
bool spin_wait(struct spin *spin, const struct inbox *inbox,
	       const struct mailbox *mailbox, uint64_t until_ns);

#endif
