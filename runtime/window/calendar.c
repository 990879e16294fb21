/* SPDX-License-Identifier: MIT */

#include "window/calendar.h"

#include <assert.h>
#include <string.h>

#define SECOND ((int64_t)1000000000)

static int64_t calendar_modulo(int64_t time, int64_t step)
{
	int64_t rest = time % step;

	return rest < 0 ? rest + step : rest;
}

/* How long a time is after the last multiple of the slide, counted from
 * `offset`, 0 <= offset < slide. */
static int64_t calendar_after(const struct calendar *calendar, int64_t time,
			      int64_t offset)
{
	int64_t after = calendar_modulo(time, calendar->slide) - offset;

	return after < 0 ? after + calendar->slide : after;
}

/* Since when the last multiple at which a window has ended was. */
static int64_t calendar_since_end(const struct calendar *calendar, int64_t time)
{
	/* Both are below the slide, but their sum may be above all. */
	return calendar_modulo(
		calendar_after(calendar, time, calendar->offset) -
			calendar->rest,
		calendar->slide);
}

int calendar_open(struct calendar *calendar,
		  const struct gust_window_spec *spec, struct gust_error *error)
{
	assert(spec->length > 0);
	memset(calendar, 0, sizeof(*calendar));
	calendar->length = spec->length;
	calendar->slide =
		spec->type == GUST_TUMBLING ? spec->length : spec->slide;
	assert(calendar->slide > 0);
	calendar->offset = calendar_modulo(spec->offset, calendar->slide);
	calendar->rest = calendar->length % calendar->slide;
	if (spec->zone == NULL)
		return 0;
	return zone_open(spec->zone, &calendar->zone, error);
}

void calendar_close(struct calendar *calendar)
{
	zone_close(calendar->zone);
	memset(calendar, 0, sizeof(*calendar));
}

static int64_t calendar_seconds(int64_t time)
{
	return time / SECOND - (time % SECOND < 0);
}

static int64_t calendar_local(const struct calendar *calendar, int64_t time)
{
	int64_t seconds = calendar_seconds(time);

	if (calendar->zone == NULL)
		return time;
	return calendar_sum(time,
			    zone_offset(calendar->zone, seconds) * SECOND);
}

/* When the clocks went forward, over a local time that is left out; `after` is
 * less than `by` after that, all in seconds. */
static int64_t calendar_forward(const struct calendar *calendar, int64_t after,
				int64_t by)
{
	const int32_t offset = zone_offset(calendar->zone, after);
	int64_t low = after - by, high = after;

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (zone_offset(calendar->zone, middle) == offset)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* When the clocks show a local time, or a later one, first. */
static int64_t calendar_utc(const struct calendar *calendar, int64_t local)
{
	int64_t seconds = calendar_seconds(local), utc, by;

	if (calendar->zone == NULL || local == INT64_MIN || local == INT64_MAX)
		return local;
	utc = zone_to_utc(calendar->zone, seconds);
	by = utc + zone_offset(calendar->zone, utc) - seconds;
	if (by > 0)
		return calendar_forward(calendar, utc, by) * SECOND;
	return calendar_sum(local, (utc - seconds) * SECOND);
}

/* The slice of a local time, in local times. */
static bool calendar_cut(const struct calendar *calendar, int64_t local,
			 int64_t *begin, int64_t *end)
{
	int64_t after = calendar_after(calendar, local, calendar->offset);
	int64_t from = 0, to = calendar->slide;

	if (after < calendar->rest)
		to = calendar->rest;
	else
		from = calendar->rest;
	*begin = calendar_sum(local, from - after);
	*end = calendar_sum(local, to - after);
	return after < calendar->length;
}

/* A local time of the slice that has a time. */
static int64_t calendar_label(const struct calendar *calendar, int64_t time)
{
	int64_t local = calendar_local(calendar, time), begin, end;

	if (calendar->zone == NULL)
		return local;
	/* As the clocks go back they show what a former slice has had. */
	for (;;) {
		calendar_cut(calendar, local, &begin, &end);
		if (end == INT64_MAX || calendar_utc(calendar, end) > time)
			return local;
		local = end;
	}
}

bool calendar_slice(const struct calendar *calendar, int64_t time,
		    int64_t *begin, int64_t *end)
{
	bool inside = calendar_cut(calendar, calendar_label(calendar, time),
				   begin, end);

	*begin = calendar_utc(calendar, *begin);
	*end = calendar_utc(calendar, *end);
	return inside;
}

int64_t calendar_last_end(const struct calendar *calendar, int64_t time)
{
	int64_t local = calendar_label(calendar, time);
	int64_t after = calendar_after(calendar, local, calendar->offset);

	return calendar_utc(calendar,
			    calendar_sum(local, calendar->length - after));
}

int64_t calendar_next_end(const struct calendar *calendar, int64_t time)
{
	int64_t local = calendar_local(calendar, time);
	int64_t since = calendar_since_end(calendar, local);
	int64_t end = calendar_sum(local, -since);

	if (calendar->zone == NULL)
		return since == 0 ? time
				  : calendar_sum(time, calendar->slide - since);
	while (calendar_utc(calendar, end) < time)
		end = calendar_sum(end, calendar->slide);
	return calendar_utc(calendar, end);
}

int64_t calendar_begin(const struct calendar *calendar, int64_t end)
{
	int64_t local = calendar_local(calendar, end);
	int64_t since = calendar_since_end(calendar, local);
	int64_t begin = calendar_sum(local, -calendar->length);

	/* An end that was cut stands for the first window that goes there. */
	if (calendar->zone == NULL || end == INT64_MAX)
		return since == 0
			       ? begin
			       : calendar_sum(begin, calendar->slide - since);
	/* So does one at which the clocks go forward. */
	local = calendar_sum(local, -since);
	while (local > INT64_MIN + calendar->slide &&
	       calendar_utc(calendar, local - calendar->slide) == end)
		local -= calendar->slide;
	return calendar_utc(calendar, calendar_sum(local, -calendar->length));
}
