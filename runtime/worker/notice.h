/* SPDX-License-Identifier: MIT */
#ifndef WORKER_NOTICE_H
#define WORKER_NOTICE_H

/*
 * What the post and the seats of a worker tell each other in the order of the
 * batches, through the same mailboxes: that a peer is lost, and that this was
 * heard. A notice is a message as a batch is, and tells itself from one by its
 * kind, which stands where a batch has its version.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel/message.h"
#include "tuple/batch.h"

enum notice_kind {
	/* From the post: to charge a tree with a death, and the death. */
	NOTICE_CHARGE = 0xff01,
	NOTICE_LOST = 0xff02,
	/* From a seat: it knows; what it sends from now on is for the next
	 * incarnation. */
	NOTICE_HEARD = 0xff03
};

struct notice {
	char room[MESSAGE_ROOM]; /* as before a batch */
	uint32_t size;           /* as that of a batch */
	uint16_t kind;
	uint16_t from;   /* NOTICE_HEARD: number of the seat in its worker */
	uint32_t worker; /* the one that was lost */
	uint32_t task;   /* NOTICE_CHARGE: where; UINT32_MAX: unknown */
	uint64_t root;   /* NOTICE_CHARGE */
	char reason[FAILURE_REASON_MAX];
};

_Static_assert(offsetof(struct notice, kind) ==
		       MESSAGE_ROOM + offsetof(struct batch, version),
	       "a notice shows that it is none where a batch has its version");

/* The batch in a message between threads. */
static inline struct batch *notice_batch(void *message)
{
	return (struct batch *)(void *)((char *)message + MESSAGE_ROOM);
}

/* Whether such a message is a notice and holds no batch. */
static inline bool notice_is(void *message)
{
	return notice_batch(message)->version >= NOTICE_CHARGE;
}

#endif
