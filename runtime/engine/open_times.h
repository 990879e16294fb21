/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_OPEN_TIMES_H
#define ENGINE_OPEN_TIMES_H

/*
 * The event times of what is open, coarsely: how many there are in each slice
 * of time, so that the earliest one is known.
 *
 * The latest OPEN_RING slices are counted in a ring, by their numbers, so that
 * a tree costs two sums. What has stayed open for longer is in a list, in the
 * order of time. Empty slices go from there when they are the first, and all of
 * them before it grows: it is never longer than twice what is open.
 */

#include <stdint.h>

/* A power of two. */
#define OPEN_RING 4096

struct open_slice {
	int64_t number; /* of the slice: its time by the width */
	uint32_t count;
};

/* A zeroed struct is empty; `width` is to be set before the first one. */
struct open_times {
	uint32_t
		*ring; /* counts of the slices up to `newest`; NULL: none yet */
	int64_t newest, lowest;    /* no slice in the ring is after or before */
	uint64_t ringed;           /* of `open`, those in the ring */
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
int64_t open_times_lowest(struct open_times *times);

#endif
