/* SPDX-License-Identifier: MIT */

#include "engine/open_times.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64u

void open_times_fini(struct open_times *times)
{
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

int open_times_add(struct open_times *times, int64_t time)
{
	int64_t number = open_times_number(times, time);
	uint32_t end = times->first + times->count, at;

	assert(times->width > 0);
	/* That of the one before, as a rule. */
	at = end > times->first && times->slices[end - 1].number == number
		     ? end - 1
		     : open_times_find(times, number);
	if (at < end && times->slices[at].number == number) {
		times->slices[at].count++;
		times->open++;
		return 0;
	}
	if (open_times_grow(times) != 0)
		return -ENOMEM;
	/* They may have moved. */
	end = times->first + times->count;
	at = open_times_find(times, number);
	memmove(times->slices + at + 1, times->slices + at,
		(end - at) * sizeof(*times->slices));
	times->slices[at] = (struct open_slice){ number, 1 };
	times->count++;
	times->open++;
	return 0;
}

void open_times_remove(struct open_times *times, int64_t time)
{
	int64_t number = open_times_number(times, time);
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

int64_t open_times_lowest(const struct open_times *times)
{
	int64_t number;

	if (times->open == 0)
		return INT64_MAX;
	number = times->slices[times->first].number;
	/* The slice of the earliest times begins before them. */
	if (number < INT64_MIN / times->width)
		return INT64_MIN + 1;
	return number * times->width;
}
