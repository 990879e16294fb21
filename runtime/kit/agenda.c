/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <gust/kit/agenda.h>

#define AGENDA_ROOM_MIN ((size_t)64)

void agenda_destroy(struct agenda *agenda)
{
	free(agenda->heap);
	*agenda = (struct agenda){ 0 };
}

/* Asks for a timer, unless there is an earlier one. */
static int agenda_arm(struct agenda *agenda, struct gust_task *task,
		      int64_t time)
{
	int r;

	if (agenda->waiting && agenda->armed <= time)
		return 0;
	r = gust_timer_at(task, time, (uint64_t)time);
	if (r < 0)
		return r;
	agenda->waiting = true;
	agenda->armed = time;
	return 0;
}

int agenda_reserve(struct agenda *agenda, struct gust_task *task, int64_t time)
{
	const size_t room = 2 * agenda->room + AGENDA_ROOM_MIN;
	struct agenda_item *heap;

	if (agenda->count == agenda->room) {
		heap = reallocarray(agenda->heap, room, sizeof(*heap));
		if (heap == NULL)
			return -ENOMEM;
		agenda->heap = heap;
		agenda->room = room;
	}
	return agenda_arm(agenda, task, time);
}

static bool agenda_before(const struct agenda_item *a,
			  const struct agenda_item *b)
{
	return a->time != b->time ? a->time < b->time : a->order < b->order;
}

void agenda_add(struct agenda *agenda, int64_t time, void *item)
{
	const struct agenda_item added = { time, agenda->order++, item };
	struct agenda_item *heap = agenda->heap;
	size_t at = agenda->count++;

	assert(agenda->count <= agenda->room);
	for (; at > 0 && agenda_before(&added, &heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = added;
}

void *agenda_due(struct agenda *agenda, int64_t upto)
{
	struct agenda_item *heap = agenda->heap, last;
	void *item;
	size_t at = 0, child;

	if (agenda->count == 0 || heap[0].time > upto)
		return NULL;
	item = heap[0].item;
	last = heap[--agenda->count];
	while ((child = 2 * at + 1) < agenda->count) {
		if (child + 1 < agenda->count &&
		    agenda_before(&heap[child + 1], &heap[child]))
			child++;
		if (agenda_before(&last, &heap[child]))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return item;
}

int agenda_rest(struct agenda *agenda, struct gust_task *task, uint64_t cookie)
{
	/* Those of later times, which were asked for before, come as well. */
	if (agenda->waiting && (int64_t)cookie == agenda->armed)
		agenda->waiting = false;
	return agenda->count == 0
		       ? 0
		       : agenda_arm(agenda, task, agenda->heap[0].time);
}
