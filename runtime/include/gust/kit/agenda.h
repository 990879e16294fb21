/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_AGENDA_H
#define GUST_KIT_AGENDA_H

/*
 * Items in the order of times, that of their arrival where they are equal, of
 * which each has its turn when the watermark has reached its time. One thread.
 *
 *	execute():
 *		agenda_add(&it->agenda, task, time, item)
 *	timer():
 *		while (gust_room(task) > 0 &&
 *		       (item = agenda_due(&it->agenda, gust_watermark(task))))
 *			gust_set_time(...), emit
 *		return agenda_rest(&it->agenda, task, cookie);
 *	flush():
 *		the same, up to INT64_MAX
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/task.h>

struct agenda_item {
	int64_t time;
	uint64_t order;
	void *item;
};

/* All zero is an empty one. */
struct agenda {
	struct agenda_item *heap; /* the earliest first */
	size_t count, room;
	uint64_t order;
	int64_t armed; /* the next timer, if `waiting` */
	bool waiting;
};

/* Frees the list; items are the caller's: `heap` has `count` of them. */
void agenda_destroy(struct agenda *agenda);

/* Makes room for another item, which agenda_add() then needs no memory for,
 * and sees to it that timer() is called. 0 or -ENOMEM. */
int agenda_reserve(struct agenda *agenda, struct gust_task *task, int64_t time);

/* Adds an item after agenda_reserve() with the same time. */
void agenda_add(struct agenda *agenda, int64_t time, void *item);

/* Takes out the first item whose time is not beyond `upto`; NULL: none is. */
void *agenda_due(struct agenda *agenda, int64_t upto);

/*
 * At the end of timer(), with its cookie: has it called for the next item. If
 * that is due, because there was no room for it, it is soon, and before the
 * watermark is passed on; a timer of gust_timer() would be too late for what it
 * then emits. 0 or -ENOMEM.
 */
int agenda_rest(struct agenda *agenda, struct gust_task *task, uint64_t cookie);

#endif
