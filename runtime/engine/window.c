/* SPDX-License-Identifier: MIT */

#include "engine/window.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit.h"
#include "engine/count.h"
#include "engine/direct.h"
#include "engine/share.h"
#include "engine/watermark.h"
#include "tuple/record.h"

static struct sheaf *window_sheaf(void *self)
{
	struct gust_task *task = self;

	return sheaf_create(task->x, task);
}

static void window_join(void *self, struct sheaf *into, struct sheaf *from)
{
	const struct gust_task *task = self;

	if (into != NULL && from != NULL)
		sheaf_join(task->x, into, from);
}

static void window_begin(void *self, int64_t time)
{
	struct gust_task *task = self;

	if (task->outbox == NULL)
		sheaf_begin(task->x, task);
	if (!task->timed)
		return;
	/* A count is full when it is, be the watermark beyond its tuples. */
	if (task->component->window->type >= GUST_TUMBLING_COUNT &&
	    time < task->watermark.sent)
		time = task->watermark.sent;
	gust_set_time(task, time);
}

static void window_end(void *self, struct sheaf *settled)
{
	struct gust_task *task = self;

	if (task->outbox == NULL)
		sheaf_end(task->x, task, settled);
}

/* Without tracking, nothing is held. */
static struct sheaf *window_no_sheaf(void *self)
{
	(void)self;
	return NULL;
}

static bool window_room(void *self)
{
	const struct gust_task *task = self;

	return gust_room(task) > 0;
}

void window_count(struct executor *x, struct gust_task *task)
{
	struct window *window = task->window;
	const struct windows_usage usage = windows_usage(window->core);

	x->kept_bytes += usage.bytes - window->core_bytes;
	window->core_bytes = usage.bytes;
	count_set(&task->counters.window_tuples, usage.tuples);
	count_set(&task->counters.window_bytes, usage.bytes);
}

/* In processing time nothing else says that a window has ended. */
static void window_arm(struct executor *x, struct gust_task *task)
{
	struct window *window = task->window;
	int64_t next;

	if (task->timed || window->alarmed)
		return;
	next = windows_next(window->core);
	if (next == INT64_MAX)
		return;
	window->alarmed = true;
	watermark_alarm(x, task, next);
}

/* Hands over what is due, as gust_task.advance. The frame's emits are roots. */
static int window_advance(struct gust_task *task, int64_t watermark)
{
	struct window *window = task->window;
	int r;

	window->alarmed = false;
	window->due = false;
	/* What is open goes on with the next run. */
	if (watermark == INT64_MAX && window->state != NULL &&
	    (task->stopped || task->x->stopping))
		return 0;
	if (!task->timed)
		watermark = window_clock(window, watermark);
	r = windows_advance(window->core, watermark);
	window->unsaved |= window->state != NULL;
	if (r == 0 && window->state != NULL && !window->noted)
		r = window_note(task);
	if (r == 0 && window->early_due) {
		r = windows_early(window->core);
		window->early_due = r == GUST_MORE;
	}
	window->due = r == GUST_MORE;
	window_count(task->x, task);
	if (r == 0)
		window_arm(task->x, task);
	return r;
}

/* The same on top of execute(), in a frame of its own. */
static int window_interrupt(struct executor *x, struct gust_task *task,
			    int64_t watermark)
{
	const int64_t time = task->set_time;
	struct frame frame = { .callback = "window" };
	struct frame *outer = task->frame;
	int r;

	/* What add() emitted belongs to the input. */
	volley_end(task);
	task->reason[0] = '\0';
	direct_push(x, &frame, task);
	r = window_advance(task, watermark);
	direct_pop(x, &frame, task);
	task->frame = outer;
	task->set_time = time;
	if (r < 0)
		call_failed(x, task, frame.callback, r);
	if (r == GUST_MORE)
		watermark_ask(x, task);
	return r;
}

static int window_late(struct gust_task *task, const struct gust_tuple *in)
{
	const uint32_t stream = task->component->late;
	struct gust_value *values = task->window->values;

	count_add(&task->counters.late, 1);
	if (stream == UINT32_MAX)
		return 0;
	for (uint16_t i = 0; i < in->fields; i++)
		values[i] = gust_value_at(in, i);
	return gust_emit_values(task, stream, values, in->fields);
}

static int window_add(struct gust_task *task, const struct gust_tuple *in,
		      int64_t time, struct sheaf **sheaf)
{
	struct window *window = task->window;
	const uint16_t *places = window->places[in->stream];
	const uint32_t count = (uint32_t)window->spec->key_count;
	uint64_t hash = in->hash;

	task->x->spill_error.code = 0;
	for (uint32_t i = 0; i < count; i++)
		window->values[i] = gust_value_at(in, places[i]);
	if (!window->hashed)
		hash = count == 0 ? 0 : record_hash(in, places, count);
	return windows_add(window->core, in, window->values, hash, time, sheaf);
}

/* Why a tuple was not added: it comes again where that may help. */
static int window_refused(struct gust_task *task, int r)
{
	const struct gust_error *error = &task->x->spill_error;

	return error->code == r ? gust_not_now(task, "%s", error->text) : r;
}

/* A commit has more to store: until then that is in memory beside the windows,
 * so it comes before it has a fourth of the share. */
static void window_changed(struct executor *x, struct gust_task *task,
			   uint32_t size)
{
	struct window *window = task->window;

	if (window->state == NULL)
		return;
	window->unsaved = true;
	window->unsaved_bytes += size;
	if (window->unsaved_bytes > x->kept_limit / 4)
		commit_soon(x, task);
}

/* In the place of the bolt's execute(). */
static int window_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct window *window = task->window;
	const int64_t time =
		task->timed ? in->time
			    : window_clock(window, watermark_time(task, in));
	/* What comes after a FLUSH is followed by another one. */
	const int64_t watermark = task->timed ? task->watermark.now : time;
	struct executor *x = task->x;
	struct sheaf *sheaf = NULL;
	int r;

	(void)self;
	if (time == GUST_NO_TIME)
		return gust_reject(task, in, "it has no event time");
	if (window->due && window_interrupt(x, task, watermark) == GUST_MORE)
		return GUST_MORE;
	r = window_add(task, in, time, &sheaf);
	if (r == WINDOWS_LATE)
		return window_late(task, in);
#ifndef GUST_MUTATE_WINDOW /* for tests/sim, which must notice */
	if (r == 0 && sheaf != NULL)
		r = sheaf_add(x, task, sheaf);
#endif
	window_count(x, task);
	window_changed(x, task, in->size);
	if (r != 0)
		return window_refused(task, r);
	if (windows_due(window->core, watermark))
		(void)window_interrupt(x, task, watermark);
	else
		window_arm(x, task);
	return 0;
}

static void window_arm_early(struct executor *x, const struct gust_task *task)
{
	const int64_t period = task->window->spec->early;

	if (period > 0)
		(void)timers_set(&x->timers, x->now + (uint64_t)period,
				 TIMER_EARLY, task->number, 0);
}

void window_early(struct executor *x, struct gust_task *task)
{
	if (task->finish_called)
		return;
	window_arm_early(x, task);
	task->window->early_due = true;
	watermark_ask(x, task);
}

/* Where the keys are in the tuples of one stream. */
static int window_find_keys(struct gust_task *task, uint32_t stream)
{
	const struct gust_window_spec *spec = task->component->window;
	const struct plan_stream *it = &task->x->plan->streams[stream];
	uint16_t *places = calloc(spec->key_count + 1, sizeof(*places));

	if (places == NULL)
		return -ENOMEM;
	free(task->window->places[stream]);
	task->window->places[stream] = places;
	for (size_t i = 0; i < spec->key_count; i++) {
		places[i] = plan_stream_place(it, spec->keys[i]);
		assert(places[i] != GUST_ABSENT);
	}
	return 0;
}

static int window_prepare(struct executor *x, struct gust_task *task)
{
	const struct plan_component *c = task->component;
	struct window *window = task->window;
	size_t most = c->window->key_count;

	window->places =
		calloc(x->plan->stream_count + 1, sizeof(*window->places));
	if (window->places == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->input_count; i++) {
		uint32_t stream = x->plan->edges[c->inputs[i]].stream;

		if (window_find_keys(task, stream) != 0)
			return -ENOMEM;
		if (x->plan->streams[stream].column_count > most)
			most = x->plan->streams[stream].column_count;
	}
	window->values = calloc(most + 1, sizeof(*window->values));
	return window->values == NULL ? -ENOMEM : 0;
}

int window_open(struct executor *x, struct gust_task *task,
		struct gust_error *error)
{
	const struct gust_window_spec *spec = task->component->window;
	struct windows_host host = { .self = task,
				     .sheaf = window_sheaf,
				     .join = window_join,
				     .begin = window_begin,
				     .end = window_end,
				     .room = window_room,
				     .spill = share_spill(x) };
	struct window *window;
	int r;

	if (spec == NULL)
		return 0;
	window = calloc(1, sizeof(*window));
	if (window == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	task->window = window;
	window->spec = spec;
	window->clock = INT64_MIN;
	window->hashed = spec->key_count > 0 &&
			 gust_hashed_by(task, spec->keys, spec->key_count);
	if (window_prepare(x, task) != 0)
		return gust_error_set(error, -ENOMEM, "out of memory");
	r = window_find_state(x, task, error);
	if (r < 0)
		return r;
	if (!x->plan->config.acking || window->state != NULL)
		host.sheaf = window_no_sheaf;
	window_deal(task, &host);
	/* A timestamp is read before. */
	*(task->stamped != NULL ? &task->stamped : &task->execute) =
		window_execute;
	task->advance = window_advance;
	window_arm_early(x, task);
	r = windows_create(spec, task->bolt->windowing, task->self, task, &host,
			   &window->core, error);
	return r == 0 && window->state != NULL ? window_restore(x, task, error)
					       : r;
}

void window_fini(struct executor *x, struct gust_task *task)
{
	struct window *window = task->window;

	if (window == NULL)
		return;
	windows_destroy(window->core);
	dealt_fini(&window->dealt);
	sheaf_fini(x, &window->sheaves);
	for (uint32_t i = 0;
	     window->places != NULL && i < x->plan->stream_count; i++)
		free(window->places[i]);
	free(window->places);
	free(window->values);
	free(window);
	task->window = NULL;
}
