/* SPDX-License-Identifier: MIT */

#include "window/heap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void heap_fini(struct heap *heap)
{
	free(heap->links);
	memset(heap, 0, sizeof(*heap));
}

static void heap_put(struct heap *heap, struct heap_link *link, size_t place)
{
	heap->links[place] = link;
	link->place = place;
}

static void heap_up(struct heap *heap, struct heap_link *link)
{
	size_t at = link->place;

	while (at > 1 && heap->links[at / 2]->due > link->due) {
		heap_put(heap, heap->links[at / 2], at);
		at /= 2;
	}
	heap_put(heap, link, at);
}

static void heap_down(struct heap *heap, struct heap_link *link)
{
	size_t at = link->place, child;

	while ((child = 2 * at) <= heap->count) {
		if (child < heap->count &&
		    heap->links[child + 1]->due < heap->links[child]->due)
			child++;
		if (heap->links[child]->due >= link->due)
			break;
		heap_put(heap, heap->links[child], at);
		at = child;
	}
	heap_put(heap, link, at);
}

int heap_add(struct heap *heap, struct heap_link *link, int64_t due)
{
	assert(link->place == 0);
	if (heap->count + 1 >= heap->room) {
		size_t room = heap->room == 0 ? 16 : heap->room * 2;
		struct heap_link **links =
			realloc(heap->links, room * sizeof(*links));

		if (links == NULL)
			return -ENOMEM;
		heap->links = links;
		heap->room = room;
	}
	link->due = due;
	link->place = ++heap->count;
	heap_up(heap, link);
	return 0;
}

void heap_remove(struct heap *heap, struct heap_link *link)
{
	struct heap_link *last = heap->links[heap->count--];

	assert(link->place > 0);
	if (last != link) {
		last->place = link->place;
		heap_up(heap, last);
		heap_down(heap, last);
	}
	link->place = 0;
}

void heap_move(struct heap *heap, struct heap_link *link, int64_t due)
{
	link->due = due;
	heap_up(heap, link);
	heap_down(heap, link);
}
