/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_HEAP_H
#define WINDOW_HEAP_H

/*
 * What is due when: the first of many at once, any one to be taken out. A
 * binary heap of links, which are parts of things (see RING_OF()). One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_link {
	int64_t due;
	size_t place; /* 0: it is in no heap */
};

/* All members are private; zeroed, it is empty. */
struct heap {
	struct heap_link **links; /* from 1 on */
	size_t count;
	size_t room;
};

void heap_fini(struct heap *heap);

/* The one that is due first, or NULL. */
static inline struct heap_link *heap_first(const struct heap *heap)
{
	return heap->count == 0 ? NULL : heap->links[1];
}

/* Adds one, which is in none. 0 or -ENOMEM. */
int heap_add(struct heap *heap, struct heap_link *link, int64_t due);

/* Takes one out, which is in it. */
void heap_remove(struct heap *heap, struct heap_link *link);

/* Changes when one is due that is in it. */
void heap_move(struct heap *heap, struct heap_link *link, int64_t due);

#endif
