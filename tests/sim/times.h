/* SPDX-License-Identifier: MIT */
#ifndef SIM_TIMES_H
#define SIM_TIMES_H

/*
 * Event time in some of the worlds: the number of a tuple is its time, in
 * milliseconds, so that each task emits in order. Watermarks must never go
 * back, event timers come no sooner than they may, and where nothing is held,
 * nobody dies and no bolt assigns times, nothing is late, however often it is
 * tried again.
 */

#include "bolt.h"

/* From a generator of its own, so that the other worlds stay what they were.
 * After all components are there. */
void times_draw(struct world *world);
void times_fini(struct world *world);

/* A call of execute() begins; an event timer has come. */
void times_look(struct bolt *bolt, struct gust_task *task,
		const struct gust_tuple *in);
void times_timer(struct bolt *bolt, struct gust_task *task, uint64_t cookie);

/* Cookies from here on are those of event timers. */
#define TIMES_COOKIE 1000u

#endif
