/* SPDX-License-Identifier: MIT */
#ifndef WORKER_LANES_H
#define WORKER_LANES_H

/*
 * A thread's channels to all inboxes of its process, and which of them are
 * full. They belong to that thread, or to who has joined it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel/channel.h"
#include "worker/poller.h"

struct exchange;

/* The way to one inbox. */
struct lane {
	struct channel channel;
	bool blocked; /* listed in `blocked` */
	int awaited;  /* the descriptor that the poller has, or -1 */
};

/* All members are private. */
struct lanes {
	struct exchange *exchange;
	struct lane *lanes; /* by inbox */
	uint32_t *blocked;  /* numbers of lanes that have a queue */
	uint32_t blocked_count;
};

/* -ENOMEM; lanes_fini() follows in any case. */
int lanes_init(struct lanes *lanes, struct exchange *exchange);
/* Closes the channels, before their inboxes. Takes zeroed ones. */
void lanes_fini(struct lanes *lanes);

/*
 * Sends a message, which is taken over, and queues it when the lane is full.
 * -EMFILE, -ENOMEM as channel_send(): it is lost.
 */
int lanes_send(struct lanes *lanes, uint32_t to, void *message, size_t size);

/* Sends what is queued, as far as there is room. */
void lanes_flush(struct lanes *lanes, struct poller *poller);

/* Has the poller end its sleep when a lane that is full gets room. 0 or
 * -errno. */
int lanes_await(struct lanes *lanes, struct poller *poller);

#endif
