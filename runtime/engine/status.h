/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_STATUS_H
#define ENGINE_STATUS_H

/*
 * What others see of an executor: the state of its tasks, how long they have
 * been without room, and its pulse.
 */

#include "engine/state.h"

/* Looks at all tasks; called about once a millisecond, and before a rest. */
void status_refresh(struct executor *x);

#endif
