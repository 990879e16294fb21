/* SPDX-License-Identifier: MIT */

#include "engine/open_times.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64u

void open_times_fini(struct open_times *times)
{
	free(times->ring);
	free(times->slices);
	memset(times, 0, sizeof(*times));
}

/* Rounded down, also before 1970. */
static int64_t open_times_number(const struct open_times *times, int64_t time)
{
	int64_t number = time / times->width;

	return time % times->width < 0 ? number - 1 : number;
}

/* The place of a slice, or where it would be: that of the first one that is
 * not before it. */
static uint32_t open_times_find(const struct open_times *times, int64_t number)
{
	uint32_t low = times->first, high = times->first + times->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (times->slices[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* To the front, without those that are empty. */
static void open_times_squeeze(struct open_times *times)
{
	uint32_t kept = 0;

	for (uint32_t i = times->first; i < times->first + times->count; i++)
		if (times->slices[i].count > 0)
			times->slices[kept++] = times->slices[i];
	times->first = 0;
	times->count = kept;
}

/* Room for one more behind the last one. */
static int open_times_grow(struct open_times *times)
{
	struct open_slice *grown;
	uint32_t room;

	if (times->first + times->count < times->room)
		return 0;
	if (times->room > 0)
		open_times_squeeze(times);
	if (times->room > 0 && times->count <= times->room / 2)
		return 0;
	room = times->room == 0 ? ROOM_MIN : times->room * 2;
	grown = realloc(times->slices, room * sizeof(*grown));
	if (grown == NULL)
		return times->count < times->room ? 0 : -ENOMEM;
	times->slices = grown;
	times->room = room;
	return 0;
}

/* To the list. */
static int open_times_put(struct open_times *times, int64_t number,
			  uint32_t count)
{
	uint32_t end, at;

	if (open_times_grow(times) != 0)
		return -ENOMEM;
	end = times->first + times->count;
	at = open_times_find(times, number);
	if (at < end && times->slices[at].number == number) {
		times->slices[at].count += count;
		return 0;
	}
	memmove(times->slices + at + 1, times->slices + at,
		(end - at) * sizeof(*times->slices));
	times->slices[at] = (struct open_slice){ number, count };
	times->count++;
	return 0;
}

static void open_times_drop(struct open_times *times, int64_t number)
{
	uint32_t at = open_times_find(times, number);

	if (at == times->first + times->count ||
	    times->slices[at].number != number || times->slices[at].count == 0)
		return;
	times->slices[at].count--;
	times->open--;
	while (times->count > 0 && times->slices[times->first].count == 0) {
		times->first++;
		times->count--;
	}
	if (times->count == 0)
		times->first = 0;
}

static uint32_t *open_times_ringed(const struct open_times *times,
				   int64_t number)
{
	return &times->ring[(uint64_t)number % OPEN_RING];
}

/* Turns the ring on to a slice: what is then before it goes to the list. */
static int open_times_turn(struct open_times *times, int64_t newest)
{
	for (; times->ringed > 0 && times->lowest <= newest - OPEN_RING;
	     times->lowest++) {
		uint32_t *count = open_times_ringed(times, times->lowest);

		if (*count == 0)
			continue;
		if (open_times_put(times, times->lowest, *count) != 0)
			return -ENOMEM;
		times->ringed -= *count;
		*count = 0;
	}
	if (times->ringed == 0)
		times->lowest = newest;
	times->newest = newest;
	return 0;
}

int open_times_add(struct open_times *times, int64_t time)
{
	int64_t number = open_times_number(times, time);

	assert(times->width > 0);
	if (times->ring == NULL) {
		times->ring = calloc(OPEN_RING, sizeof(*times->ring));
		if (times->ring == NULL)
			return -ENOMEM;
		times->newest = number;
		times->lowest = number;
	}
	if (number > times->newest && open_times_turn(times, number) != 0)
		return -ENOMEM;
	if (number > times->newest - OPEN_RING) {
		++*open_times_ringed(times, number);
		times->ringed++;
		if (number < times->lowest)
			times->lowest = number;
	} else if (open_times_put(times, number, 1) != 0) {
		return -ENOMEM;
	}
	times->open++;
	return 0;
}

void open_times_remove(struct open_times *times, int64_t time)
{
	int64_t number = open_times_number(times, time);
	uint32_t *count;

	if (times->ring == NULL || number > times->newest)
		return;
	count = open_times_ringed(times, number);
	if (number <= times->newest - OPEN_RING || *count == 0) {
		open_times_drop(times, number);
		return;
	}
	--*count;
	times->ringed--;
	times->open--;
}

int64_t open_times_lowest(struct open_times *times)
{
	int64_t number;

	if (times->open == 0)
		return INT64_MAX;
	while (times->ringed > 0 &&
	       *open_times_ringed(times, times->lowest) == 0)
		times->lowest++;
	number = times->lowest;
	if (times->count > 0)
		number = times->slices[times->first].number;
	/* The slice of the earliest times begins before them. */
	if (number < INT64_MIN / times->width)
		return INT64_MIN + 1;
	return number * times->width;
}
