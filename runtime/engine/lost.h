/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LOST_H
#define ENGINE_LOST_H

/*
 * What executor_lost() leaves behind: the other executors are told of it.
 *
 * Each of them learns at a time of its own that a worker is gone. A tree that
 * one of them has emitted anew may pass through another one that has not learnt
 * of it yet, and go to the lost worker from there. So each fails what is open
 * when it has learnt itself, and whenever another one says that it has: a few
 * milliseconds later, so that it is done once for all who have learnt by then,
 * and no spout is asked and nothing emitted anew until it is done.
 */

#include "engine/state.h"

/* Another executor has learnt of the loss of a worker. */
void lost_told(struct executor *x);

/* The timer that it has set. */
void lost_again(struct executor *x);

#endif
