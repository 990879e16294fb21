/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_CALENDAR_H
#define WINDOW_CALENDAR_H

/*
 * Where windows of time begin and end, and the slices between.
 *
 * A window begins at every multiple of `slide`, counted from `offset`, and is
 * as long as `length`. The line of time is cut wherever one begins or ends: a
 * *slice* is wholly within a window or wholly outside. There are one or two of
 * them in every slide, whatever the length: these are the paired windows of S.
 * Krishnamurthy, C. Wu, M. Franklin, "On-the-fly sharing for streamed
 * aggregation", SIGMOD 2006. With slices of the greatest common divisor (J. Li
 * et al., "No pane, no gain", SIGMOD Record 34, 2005) a length that is no
 * multiple would need many.
 *
 * In a zone all that is said of what its clocks show, so a day may have 23 or
 * 25 hours. An hour that they show twice is one of two hours. A window whose
 * end is left out ends as the clocks go forward; of several that end there, for
 * the same reason, there is the longest.
 *
 * What lies beyond the times that 64 bits can tell is cut to them.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/window.h>

#include "base/zone.h"

/* All members are private. */
struct calendar {
	int64_t length;
	int64_t slide;
	int64_t offset; /* 0 <= offset < slide */
	int64_t rest;   /* length modulo slide */
	struct zone *zone;
};

/* A sum that does not leave 64 bits. */
static inline int64_t calendar_sum(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* For tumbling and sliding windows of time. -EINVAL sets `error`. */
int calendar_open(struct calendar *calendar,
		  const struct gust_window_spec *spec,
		  struct gust_error *error);
/* Takes a zeroed one. */
void calendar_close(struct calendar *calendar);

/* Whether a time is in one window at most. */
static inline bool calendar_tumbles(const struct calendar *calendar)
{
	return calendar->slide >= calendar->length;
}

/* The slice that a time is in: *begin <= time < *end. False: no window has it.
 */
bool calendar_slice(const struct calendar *calendar, int64_t time,
		    int64_t *begin, int64_t *end);

/* The end of the last window that has a time, which must be in one. */
int64_t calendar_last_end(const struct calendar *calendar, int64_t time);

/* The first end of a window that is not before `time`. */
int64_t calendar_next_end(const struct calendar *calendar, int64_t time);

/* The begin of the window that ends there. */
int64_t calendar_begin(const struct calendar *calendar, int64_t end);

#endif
