/* SPDX-License-Identifier: MIT */
#ifndef WORKER_PEER_H
#define WORKER_PEER_H

/*
 * Another worker, as the post sees it: the link, the way to its port, which
 * seats know that it was lost, and what it tells of itself. All under the
 * post's lock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

struct frame;
struct link;
struct notice;
struct plan_worker;
struct post;
struct pulse;
struct way;

struct peer {
	struct post *post;
	uint32_t number;
	struct link *link;
	struct way *way;
	bool blocked; /* the way is full, and among the doors */
	bool met;     /* it knows this worker's incarnation */
	bool touched; /* the link was given something since its tick */
	bool down;    /* its pulses say so */
	bool told;    /* of its death, by the parent, who has logged it */
	uint64_t due_ns;

	uint32_t telling; /* where tidings_tell() has come to */

	uint32_t flags; /* of its last beat, see beat.h; 0: none came */
	uint64_t movement;

	uint32_t *unheard;      /* by seat: notices that it has to answer */
	uint32_t unheard_count; /* of all seats */

	uint64_t looked_ns;    /* when the link was looked at */
	uint64_t healed_ns;    /* the way, the last time */
	uint64_t heal_wait_ns; /* from the last movement to the next time */
	uint64_t reached_ns;   /* as the link has it, */
	uint64_t moved_ns;     /* and when that last changed */
	uint64_t said_ns;      /* when its silence was logged; 0: it was not */
	uint64_t complaint_ns; /* when something else was */
	uint64_t refused;      /* batches that did not pass arrival_check() */
	uint64_t dropped;      /* batches of seats that did not know yet */
	uint64_t charged;      /* incarnation whose death was charged last */
};

/* Opens the way to `address`, and the link. Sets `error`; peer_fini() follows
 * in any case. */
int peer_init(struct peer *peer, struct post *post, uint32_t number,
	      const char *address, uint64_t now, struct gust_error *error);
/* Takes a zeroed one. */
void peer_fini(struct peer *peer);

/* Sends a batch of a seat of this worker, which is taken over. */
void peer_send(struct peer *peer, uint32_t seat, void *message, size_t size,
	       uint64_t now);

/* A frame of this peer that has passed frame_check(). */
void peer_receive(struct peer *peer, const struct frame *frame, uint64_t now);

/* A seat knows of a loss. */
void peer_heard(struct peer *peer, uint32_t seat);

/* Somebody says that this incarnation is dead. */
void peer_lose(struct peer *peer, uint64_t incarnation, const char *reason,
	       uint64_t now);

/* Has it hear at once how far this worker is. */
void peer_tell(struct peer *peer, uint64_t now);

/* Does what is due, and returns when it wants to be called again. */
uint64_t peer_tick(struct peer *peer, uint64_t now);

/* Looks now and then at the state of the link: says so when it is waited for,
 * and heals the way, which may block for a while where a name is resolved. */
void peer_look(struct peer *peer, uint64_t now);

/* Parts of peer.c and peer_beat.c: its place in the plan, its pulses here, and
 * what struct link_host calls; `self` is a struct peer. */
const struct plan_worker *peer_plan(const struct peer *peer);
struct pulse *peer_pulses(const struct peer *peer);
size_t peer_beat(void *self, void *data, size_t room);
void peer_beaten(void *self, const void *data, size_t size);

/* Says goodbye; whether the peer has said it, too, or can no longer. */
void peer_end(struct peer *peer, uint64_t now);
bool peer_ended(const struct peer *peer);

#endif
