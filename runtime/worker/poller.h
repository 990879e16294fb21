/* SPDX-License-Identifier: MIT */
#ifndef WORKER_POLLER_H
#define WORKER_POLLER_H

/*
 * What an executor's thread sleeps on: its inbox, its bell, the descriptors
 * that its tasks watch, and links that were full. It belongs to that thread,
 * except for poller_ring().
 *
 * A task may go on watching a descriptor that is ready while it has no use for
 * that, such as a spout that may not emit now. So a descriptor that ended many
 * sleeps in a row rests for a millisecond before each further one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct poller_watch;

/* All members are private. */
struct poller {
	int epoll;
	int bell;      /* an eventfd */
	uint32_t rung; /* atomic: the bell was rung and not heard yet */
	struct poller_watch *watches;
	uint32_t watch_count;
	uint32_t sleeps;        /* that have begun */
	uint32_t resting;       /* watches that rest, ... */
	uint64_t rest_until_ns; /* until then at most */
};

/* Called for each watched descriptor that is ready. */
typedef void poller_ready(void *self, uint32_t task, int fd, short events);

/* A poller of nothing, for poller_fini() at any time. */
void poller_init(struct poller *poller);

/* Opens it on the inbox's descriptor; -1: there is none. 0 or -errno. */
int poller_open(struct poller *poller, int inbox_fd);

/* Closes what was opened. */
void poller_fini(struct poller *poller);

/* As executor_host.watch(). */
int poller_watch(struct poller *poller, uint32_t task, int fd, short events);

/* How many descriptors are watched by tasks from that number on. */
uint32_t poller_watches(const struct poller *poller, uint32_t first_task);

/* Begins and ends the wait for a full link. 0 or -errno. */
int poller_await_link(struct poller *poller, int fd);
void poller_forget_link(struct poller *poller, int fd);

/*
 * Waits until something happens or until `until_ns` of the monotonic clock; a
 * time that has passed does not wait, UINT64_MAX waits for ever. Calls `ready`
 * for watched descriptors; the rest is for the caller to look at. It may
 * return early.
 */
void poller_wait(struct poller *poller, uint64_t until_ns, poller_ready *ready,
		 void *self);

/* Ends the current or the next wait, from any thread, or a signal handler. */
void poller_ring(struct poller *poller);

/*
 * Whether the bell was rung since this was last asked. What was written before
 * the ring can then be seen. Ask before looking for work, not after.
 */
bool poller_heard(struct poller *poller);

#endif
