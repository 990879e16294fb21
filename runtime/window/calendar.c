/* SPDX-License-Identifier: MIT */

#include "window/calendar.h"

#include <assert.h>
#include <string.h>

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
	(void)error;
	assert(spec->length > 0);
	memset(calendar, 0, sizeof(*calendar));
	calendar->length = spec->length;
	calendar->slide =
		spec->type == GUST_TUMBLING ? spec->length : spec->slide;
	assert(calendar->slide > 0);
	calendar->offset = calendar_modulo(spec->offset, calendar->slide);
	calendar->rest = calendar->length % calendar->slide;
	return 0;
}

void calendar_close(struct calendar *calendar)
{
	memset(calendar, 0, sizeof(*calendar));
}

bool calendar_slice(const struct calendar *calendar, int64_t time,
		    int64_t *begin, int64_t *end)
{
	int64_t after = calendar_after(calendar, time, calendar->offset);
	int64_t from = 0, to = calendar->slide;

	if (after < calendar->rest)
		to = calendar->rest;
	else
		from = calendar->rest;
	*begin = calendar_sum(time, from - after);
	*end = calendar_sum(time, to - after);
	return after < calendar->length;
}

int64_t calendar_last_end(const struct calendar *calendar, int64_t time)
{
	int64_t after = calendar_after(calendar, time, calendar->offset);

	return calendar_sum(time, calendar->length - after);
}

int64_t calendar_next_end(const struct calendar *calendar, int64_t time)
{
	int64_t since = calendar_since_end(calendar, time);

	return since == 0 ? time : calendar_sum(time, calendar->slide - since);
}

int64_t calendar_begin(const struct calendar *calendar, int64_t end)
{
	int64_t since = calendar_since_end(calendar, end);
	int64_t begin = calendar_sum(end, -calendar->length);

	/* An end that was cut stands for the first window that goes there. */
	return since == 0 ? begin
			  : calendar_sum(begin, calendar->slide - since);
}
