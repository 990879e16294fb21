/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_OPEN_TIMES_H
#define ENGINE_OPEN_TIMES_H

/*
 * The event times of what is open, coarsely: how many there are in each slice
 * of time, in the order of time, so that the earliest one is known.
 *
 * Times come nearly in order as a rule, so a slice is found from the end, and
 * a new one is at the end or near it. Empty slices go when they are the first,
 * and all of them before the list grows: it is never longer than twice what is
 * open.
 */

#include <stdint.h>

struct open_slice {
	int64_t number; /* of the slice: its time by the width */
	uint32_t count;
};

/* A zeroed struct is empty; `width` is to be set before the first one. */
struct open_times {
	struct open_slice *slices; /* from `first`, in order */
	uint32_t first, count, room;
	uint64_t open;
	int64_t width; /* ns */
};

void open_times_fini(struct open_times *times);

/* 0, or -ENOMEM: it is not counted. */
int open_times_add(struct open_times *times, int64_t time);

/* One that was added; what was not counts for nothing. */
void open_times_remove(struct open_times *times, int64_t time);

/* Not after the earliest one, and no more than a slice before it; INT64_MAX:
 * there is none. */
int64_t open_times_lowest(const struct open_times *times);

#endif
