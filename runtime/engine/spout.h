/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SPOUT_H
#define ENGINE_SPOUT_H

/*
 * Spouts: whether one may be asked for more, and asking it.
 */

#include "engine/state.h"

/* Asks the spouts of the executor in turn, until the turn is over or none has
 * anything; false: none was asked. */
bool spout_run(struct executor *x);

/* A timer, a descriptor or a wake-up ends the waiting of next(). */
void spout_wake(struct gust_task *task);

/* Ends a spout for good: next() is not called again. */
void spout_stop(struct executor *x, struct gust_task *task);

#endif
