/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_RING_H
#define WINDOW_RING_H

/*
 * A list that is linked both ways and closed: its head is a link as well. A
 * thing is in as many lists as it has links.
 */

#include <stdbool.h>
#include <stddef.h>

struct ring {
	struct ring *previous, *next; /* NULL: it is in no list */
};

/* The thing of type `struct type` whose `member` that link is. */
#define RING_OF(link, type, member)                                            \
	((struct type *)(void *)((char *)(link)-offsetof(struct type, member)))

static inline void ring_init(struct ring *head)
{
	head->previous = head;
	head->next = head;
}

static inline bool ring_is_empty(const struct ring *head)
{
	return head->next == head;
}

static inline bool ring_has(const struct ring *link)
{
	return link->next != NULL;
}

/* Adds one at the end, unless it is in a list. */
static inline void ring_add(struct ring *head, struct ring *link)
{
	if (ring_has(link))
		return;
	link->previous = head->previous;
	link->next = head;
	head->previous->next = link;
	head->previous = link;
}

/* Takes one out, if it is in a list. */
static inline void ring_remove(struct ring *link)
{
	if (!ring_has(link))
		return;
	link->previous->next = link->next;
	link->next->previous = link->previous;
	link->previous = NULL;
	link->next = NULL;
}

#endif
