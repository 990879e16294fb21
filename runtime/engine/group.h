/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_GROUP_H
#define ENGINE_GROUP_H

/*
 * Inputs of a task that are acked together, later: a batch of a sink, what
 * waits for a commit. Their trees are held; consecutive edges of one root are
 * one.
 */

#include "engine/state.h"

/* Room for so many more edges. 0 or -ENOMEM. */
int group_room(struct group *group, uint32_t more);

/* Another edge, which is held; there is room. */
static inline void group_push(struct group *group, struct anchor anchor)
{
	group->anchors[group->count++] = anchor;
}

/* The input of the call that is in progress, but for `tuples`. There is room
 * for what it is anchored to. */
void group_gather(struct executor *x, struct gust_task *task,
		  struct group *group);

/* All of them are acked, or fail; the group is empty then. */
void group_release(struct executor *x, struct gust_task *task,
		   struct group *group);
void group_fail(struct executor *x, struct gust_task *task, struct group *group,
		const char *reason);

/* Neither. */
void group_fini(struct group *group);

#endif
