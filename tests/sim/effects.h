/* SPDX-License-Identifier: MIT */
#ifndef SIM_EFFECTS_H
#define SIM_EFFECTS_H

/*
 * What bolts with durable state have counted, and how much of that is stored.
 *
 * A node of such a bolt is done for the oracle when its effect is stored, so a
 * tree that is acked earlier is found as any other that is acked too early; and
 * so is a position that passes it. What a task finds when it is opened must be
 * just what was stored: all of each call, and nothing of one that failed.
 */

#include <stdint.h>

#include "bolt.h"

/* In open(). 0 or what gust_state() says. */
int effects_open(struct bolt *bolt, struct gust_task *task,
		 struct gust_error *error);

/* The bolt is done with a node: counts it, if it has state. */
void effects_done(struct bolt *bolt, uint64_t node, uint32_t key);

/* A node went into a window: it is done when that is stored. False: windows are
 * in memory. */
bool effects_hold(struct bolt *bolt, uint64_t node);

/* It was handed over, so it need not be stored any more. */
void effects_let_go(struct bolt *bolt);

/* A call that will fail, or that comes again, writes something; so does one
 * that goes on with its tuple, which its last call takes back. */
void effects_spoil(struct bolt *bolt, uint32_t key);
void effects_begin(struct bolt *bolt);
void effects_end(struct bolt *bolt);

/* As in struct sim_outside; `self` is the world. */
int effects_state(void *self, uint32_t task, struct store **store,
		  struct gust_error *error);
void effects_frozen(void *self, uint32_t task);
void effects_stored(void *self, uint32_t task);

/* A run has come to its end: all is stored. */
void effects_check_end(struct world *world);

/* Another run begins, whose oracle knows nothing of what this one has left to
 * be emitted (tests/sim/exact does). */
void effects_forget_outbox(struct world *world);

void effects_fini(struct world *world);

#endif
