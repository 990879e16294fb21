/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_TIMETABLE_H
#define GUST_KIT_TIMETABLE_H

/*
 * When a spout with a rate emits: the tuples are numbered, over all its tasks,
 * and each is due at its time after the first call. Who is late does not stay
 * so. One thread.
 */

#include <stdint.h>

#include <gust/spout.h>

/* All zero is one that has not begun. */
struct timetable {
	uint64_t began; /* by gust_now() */
};

/*
 * In next(): 0 if tuple `number` is due at `rate` tuples a second, which is
 * more than 0; else what next() has to return, and the task waits for it.
 */
static inline int timetable_wait(struct timetable *table,
				 struct gust_task *task, uint64_t number,
				 double rate)
{
	const uint64_t now = gust_now(task);
	uint64_t due;

	if (table->began == 0)
		table->began = now;
	due = table->began + (uint64_t)((double)number * 1e9 / rate);
	return now < due ? gust_wait_until(task, due) : 0;
}

#endif
