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

/* Copies the counters of all tasks to where they are shared; and those that a
 * task goes on with from there. */
void status_publish(const struct executor *x);
void status_resume(const struct executor *x, struct gust_task *task);

#endif
