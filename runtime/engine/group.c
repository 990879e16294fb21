/* SPDX-License-Identifier: MIT */

#include "engine/group.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "engine/ack.h"
#include "engine/count.h"

#define GROUP_ROOM_MIN 256u

int group_room(struct group *group, uint32_t more)
{
	uint32_t room = group->room == 0 ? GROUP_ROOM_MIN : group->room * 2;
	struct anchor *grown;

	if (group->count + more <= group->room)
		return 0;
	while (room < group->count + more)
		room *= 2;
	grown = realloc(group->anchors, room * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	group->anchors = grown;
	group->room = room;
	return 0;
}

void group_gather(struct executor *x, struct gust_task *task,
		  struct group *group)
{
	struct lineage *lineage = task->frame->lineage;
	uint64_t edge;

	if (lineage->count == 0)
		return;
	edge = executor_draw(x);
	lineage->drawn ^= edge;
	for (uint32_t i = 0; i < lineage->count; i++) {
		uint64_t root = lineage->anchors[i].root;
		struct anchor *last = group->anchors + group->count - 1;

		lineage_hold(x, lineage, i, edge);
		if (group->count > 0 && last->root == root) {
			last->edge ^= edge;
			continue;
		}
		assert(group->count < group->room);
		group_push(group, (struct anchor){ root, edge });
	}
}

void group_release(struct executor *x, struct gust_task *task,
		   struct group *group)
{
	count_add(&task->counters.acked, group->tuples);
	group->tuples = 0;
	for (uint32_t i = 0; i < group->count; i++)
		ack_release(x, group->anchors[i].root, group->anchors[i].edge);
	group->count = 0;
}

void group_fail(struct executor *x, struct gust_task *task, struct group *group,
		const char *reason)
{
	count_add(&task->counters.failed, group->tuples);
	group->tuples = 0;
	for (uint32_t i = 0; i < group->count; i++)
		ack_fail(x, group->anchors[i].root, task->number, FAILURE_RETRY,
			 reason);
	group->count = 0;
}

void group_fini(struct group *group)
{
	free(group->anchors);
	*group = (struct group){ 0 };
}
