/* SPDX-License-Identifier: MIT */

#include "engine/timer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void timers_fini(struct timers *timers)
{
	free(timers->heap);
	memset(timers, 0, sizeof(*timers));
}

static bool timer_is_users(uint32_t kind)
{
	return kind == TIMER_USER || kind == TIMER_WALL;
}

static bool timer_before(const struct timer *a, const struct timer *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	return a->order < b->order;
}

int timers_set(struct timers *timers, uint64_t due_ns, enum timer_kind kind,
	       uint32_t task, uint64_t cookie)
{
	struct timer timer = { due_ns, timers->order++, cookie, task, kind };
	uint32_t at = timers->count;

	if (timers->count == timers->room) {
		uint32_t room = timers->room == 0 ? 16 : timers->room * 2;
		struct timer *heap;

		heap = realloc(timers->heap, room * sizeof(*heap));
		if (heap == NULL)
			return -ENOMEM;
		timers->heap = heap;
		timers->room = room;
	}
	timers->count++;
	timers->users += timer_is_users(kind);
	while (at > 0 && timer_before(&timer, &timers->heap[(at - 1) / 2])) {
		timers->heap[at] = timers->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	timers->heap[at] = timer;
	return 0;
}

struct timer timers_take(struct timers *timers)
{
	struct timer first, last;
	uint32_t at = 0, child;

	assert(timers->count > 0);
	first = timers->heap[0];
	timers->users -= timer_is_users(first.kind);
	last = timers->heap[--timers->count];
	while ((child = at * 2 + 1) < timers->count) {
		if (child + 1 < timers->count &&
		    timer_before(&timers->heap[child + 1],
				 &timers->heap[child]))
			child++;
		if (!timer_before(&timers->heap[child], &last))
			break;
		timers->heap[at] = timers->heap[child];
		at = child;
	}
	timers->heap[at] = last;
	return first;
}
