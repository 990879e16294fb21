/* SPDX-License-Identifier: MIT */

/* Of the fake runtime: windows, by the real ones (runtime/window). */

#include "fake_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <gust/window.h>

#include "tuple/record.h"
#include "window/windows.h"

/* How many tuples are held for the same window. */
struct sheaf {
	struct sheaf *next; /* all of the fake */
	size_t tuples;
};

static struct sheaf *fake_sheaf(void *self)
{
	struct fake *fake = self;
	struct sheaf *sheaf = calloc(1, sizeof(*sheaf));

	assert(sheaf != NULL);
	sheaf->next = fake->sheaves;
	fake->sheaves = sheaf;
	return sheaf;
}

static void fake_join(void *self, struct sheaf *into, struct sheaf *from)
{
	(void)self;
	into->tuples += from->tuples;
	from->tuples = 0;
}

static void fake_begin(void *self, int64_t time)
{
	((struct fake *)self)->time = time;
}

static void fake_end(void *self, struct sheaf *settled)
{
	struct fake *fake = self;

	fake->time = GUST_NO_TIME;
	if (settled == NULL)
		return;
	fake->acked += settled->tuples;
	fake->window_held -= settled->tuples;
	settled->tuples = 0;
}

/* As many windows at a time as the test has said. */
static bool fake_room(void *self)
{
	struct fake *fake = self;

	return fake->room > 0;
}

void fake_window(struct fake *fake, const struct gust_window_spec *spec)
{
	assert(fake->bolt->windowing != NULL);
	fake->window = spec;
}

const struct gust_window_spec *
gust_declared_window(const struct gust_declaration *about)
{
	return ((const struct fake *)(const void *)about)->window;
}

int fake_open_window(struct fake *fake)
{
	const struct windows_host host = { .self = fake,
					   .sheaf = fake_sheaf,
					   .join = fake_join,
					   .begin = fake_begin,
					   .end = fake_end,
					   .room = fake_room };

	fake->watermark = INT64_MIN;
	fake->time = GUST_NO_TIME;
	if (fake->window == NULL)
		return 0;
	return windows_create(fake->window, fake->bolt->windowing,
			      fake->instance, (struct gust_task *)(void *)fake,
			      &host, &fake->windows, &fake->error);
}

void fake_close_window(struct fake *fake)
{
	windows_destroy(fake->windows);
	while (fake->sheaves != NULL) {
		struct sheaf *sheaf = fake->sheaves;

		fake->sheaves = sheaf->next;
		free(sheaf);
	}
}

/* What has ended is handed over; calls again while there is no room. */
static int fake_hand_over(struct fake *fake, int64_t watermark)
{
	int r;

	do
		r = windows_advance(fake->windows, watermark);
	while (r == GUST_MORE && fake->room > 0);
	return r;
}

int fake_give_at(struct fake *fake, int64_t time,
		 const struct gust_value *values, size_t count)
{
	const struct gust_window_spec *spec = fake->window;
	struct gust_tuple *in = fake_tuple(0, values, count);
	uint16_t places[FAKE_COLUMNS_MAX];
	struct gust_value keys[FAKE_COLUMNS_MAX];
	struct sheaf *sheaf = NULL;
	int r;

	in->time = time;
	for (size_t i = 0; i < spec->key_count; i++) {
		const struct gust_column *column = fake->inputs[0].columns;

		places[i] = 0;
		while (strcmp(column[places[i]].name, spec->keys[i]) != 0)
			places[i]++;
		keys[i] = gust_value_at(in, places[i]);
	}
	fake->executing = in;
	r = windows_add(fake->windows, in, keys,
			record_hash(in, places, (uint32_t)spec->key_count),
			time, &sheaf);
	fake->executing = NULL;
	free(in);
	fake->late += r == WINDOWS_LATE;
	if (r != 0)
		return r;
	if (sheaf != NULL) {
		sheaf->tuples++;
		fake->window_held++;
	} else {
		fake->acked++;
	}
	return windows_due(fake->windows, fake->watermark)
		       ? fake_hand_over(fake, fake->watermark)
		       : 0;
}

/* Calls the timers that the watermark has reached, the earliest first, as long
 * as there is room. */
static int fake_call_event_timers(struct fake *fake)
{
	size_t i, first;
	uint64_t cookie;
	int r = 0;

	while (r == 0 && fake->event_timer_count > 0) {
		for (first = 0, i = 1; i < fake->event_timer_count; i++)
			if (fake->event_timers[i].due <
			    fake->event_timers[first].due)
				first = i;
		if (fake->event_timers[first].due > fake->watermark)
			break;
		cookie = fake->event_timers[first].cookie;
		fake->event_timers[first] =
			fake->event_timers[--fake->event_timer_count];
		r = fake->bolt->timer(fake->instance, (void *)fake, cookie);
		if (r == 0 && fake->room == 0)
			r = GUST_MORE;
	}
	return r;
}

int fake_watermark(struct fake *fake, int64_t watermark)
{
	int r;

	fake->watermark = watermark;
	r = fake_call_event_timers(fake);
	if (r != 0 || fake->windows == NULL)
		return r;
	return fake_hand_over(fake, watermark);
}

int fake_early(struct fake *fake)
{
	return windows_early(fake->windows);
}

size_t fake_window_bytes(const struct fake *fake)
{
	return windows_usage(fake->windows).bytes;
}

void gust_set_time(struct gust_task *task, int64_t time)
{
	fake_of(task)->time = time;
}

int64_t gust_watermark(const struct gust_task *task)
{
	return fake_of(task)->watermark;
}

int64_t gust_time(const struct gust_task *task, const struct gust_tuple *in)
{
	(void)task;
	return in->time;
}

int gust_timer_at(struct gust_task *task, int64_t time, uint64_t cookie)
{
	struct fake *fake = fake_of(task);

	if (fake->timer_result < 0)
		return fake->timer_result;
	assert(fake->event_timer_count < FAKE_TIMERS_MAX);
	fake->event_timers[fake->event_timer_count].due = time;
	fake->event_timers[fake->event_timer_count++].cookie = cookie;
	return 0;
}
