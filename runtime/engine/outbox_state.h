/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_OUTBOX_STATE_H
#define ENGINE_OUTBOX_STATE_H

/* What outbox.c and outbox_store.c share; others include outbox.h. */

#include "engine/outbox.h"

struct gust_state;

/* What OUTBOX_OWN holds. */
struct outbox_own {
	uint64_t source;
	uint64_t next;
};

/* Where a root is stored. */
struct outbox_place {
	uint64_t source;
	uint64_t number;
};

struct outbox {
	struct gust_state *roots, *state;
	struct outbox_own own; /* as it is stored */
	uint32_t source;       /* its own one, in the task */
	bool all;              /* what is emitted in execute(), too */
	uint64_t frozen;       /* from this number on nothing was frozen, */
	uint64_t stored;       /* and from this one on nothing stored */
	uint64_t begun;        /* that of the call in hand */
	uint64_t restored;     /* what is below is of earlier runs */
	uint32_t count;        /* in the store, or frozen, and not ended */
	struct outbox_place *ended; /* to be removed; there is room for all */
	uint32_t ended_count, ended_room;
	char *buffer;
	size_t room;
};

/* Room to remove one more than there are. 0 or -ENOMEM. */
int outbox_reserve(struct outbox *outbox);

/* So many bytes, until the next call. NULL: out of memory. */
char *outbox_buffer(struct outbox *outbox, size_t size);

/* The first root of a source from that number on, or NULL. */
struct tree *outbox_from(const struct source *source, uint64_t number);

/* A part of outbox_open(): reads what there is, and queues it. */
int outbox_read(struct gust_task *task, struct gust_error *error);

#endif
