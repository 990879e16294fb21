/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LOST_H
#define ENGINE_LOST_H

/*
 * What executor_lost() leaves behind: the other executors are told of it.
 *
 * Each of them learns at a time of its own that a worker is gone. A tree that
 * one of them has emitted anew may pass through another one that has not learnt
 * of it yet, and go to the lost worker from there. So everybody fails what is
 * open once more whenever another one says that it has learnt, a little later,
 * so that several who say so cause one pass.
 */

#include "engine/state.h"

/* Another executor has learnt of the loss of a worker. */
void lost_told(struct executor *x);

/* The timer that it has set. */
void lost_again(struct executor *x);

#endif
