/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_TIMER_H
#define ENGINE_TIMER_H

/*
 * What is to happen at a time: a binary heap, earliest first; among equals, in
 * the order they were set. Nothing is cancelled: who sets a timer checks, when
 * it is due, whether it still means something.
 */

#include <stdbool.h>
#include <stdint.h>

enum timer_kind {
	TIMER_TICK,   /* of a task */
	TIMER_USER,   /* of a task: gust_timer() */
	TIMER_WAKE,   /* a spout that waits until a time */
	TIMER_RETRY,  /* a task that said -EAGAIN */
	TIMER_REPLAY, /* `cookie` is the root */
	TIMER_STORE,  /* write a dead letter again; `cookie` is the root */
	TIMER_SCAN,   /* look for trees that timed out */
	TIMER_COMMIT, /* tell the host the positions */
	TIMER_LOST,   /* fail what is open, see engine/lost.h */
	TIMER_WALL,   /* of a task: watermark_alarm() */
	TIMER_IDLE,   /* of a task: is it silent? */
	TIMER_EARLY,  /* of a task: its windows are handed over early */
	TIMER_STATE   /* of a task: store its state, see engine/commit.c */
};

struct timer {
	uint64_t due_ns;
	uint64_t order;
	uint64_t cookie;
	uint32_t task;
	uint32_t kind; /* enum timer_kind */
};

struct timers {
	struct timer *heap;
	uint32_t count, room;
	uint32_t users; /* of them, those of TIMER_USER and TIMER_WALL */
	uint64_t order;
};

/* A zeroed struct is empty. */
void timers_fini(struct timers *timers);

/* 0 or -ENOMEM. */
int timers_set(struct timers *timers, uint64_t due_ns, enum timer_kind kind,
	       uint32_t task, uint64_t cookie);

/* When the first one is due; UINT64_MAX: there is none. */
static inline uint64_t timers_due(const struct timers *timers)
{
	return timers->count == 0 ? UINT64_MAX : timers->heap[0].due_ns;
}

/* Takes the first one out, which must exist. */
struct timer timers_take(struct timers *timers);

#endif
