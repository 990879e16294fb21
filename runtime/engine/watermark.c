/* SPDX-License-Identifier: MIT */

#include "engine/watermark.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/call.h"
#include "engine/credit.h"
#include "engine/mark.h"
#include "engine/spout.h"
#include "engine/window.h"

/* A source's watermark is not passed on for less, but at rest. */
#define STEP_NS 1000000

/* The least number of steps that fit the lag. */
#define STEPS 64

/* `time` less `span`, both legal. */
static int64_t watermark_before(int64_t time, int64_t span)
{
	return time < INT64_MIN + 1 + span ? INT64_MIN + 1 : time - span;
}

/* How much later `to` is, which is later. */
static uint64_t watermark_ahead(int64_t from, int64_t to)
{
	return (uint64_t)to - (uint64_t)from;
}

int watermark_init(struct executor *x, struct gust_task *task)
{
	const struct plan_timestamp *timestamp = task->component->timestamp;
	struct watermark *w = &task->watermark;

	task->timed = task->component->timed;
	x->timed |= task->timed;
	task->counters.watermark = GUST_NO_TIME;
	w->now = GUST_NO_TIME;
	w->done = GUST_NO_TIME;
	w->sent = GUST_NO_TIME;
	w->newest = GUST_NO_TIME;
	w->lowest_time = INT64_MAX;
	w->highest = GUST_NO_TIME;
	w->alarm = INT64_MAX;
	w->step = STEP_NS;
	if (timestamp != NULL) {
		w->source = true;
		w->lag = timestamp->lag_ns;
		w->idle_ns = timestamp->idle_ns;
		if (w->lag / STEPS > w->step)
			w->step = w->lag / STEPS;
	}
	w->open.width = w->step;
	for (uint32_t i = 0; i < task->output_count; i++)
		for (uint32_t j = 0; j < task->outputs[i].route_count; j++)
			w->passes |= !task->outputs[i].routes[j].edge->feedback;
	return task->timed && !w->source ? watermark_init_inputs(x, task) : 0;
}

void watermark_fini(struct gust_task *task)
{
	struct watermark *w = &task->watermark;

	free(w->components);
	free(w->inputs);
	free(w->idle_bits);
	open_times_fini(&w->open);
	timers_fini(&w->timers);
}

int watermark_open(struct executor *x, struct gust_task *task)
{
	struct watermark *w = &task->watermark;

	w->heard_ns = x->now;
	if (w->idle_ns == 0 || task->done)
		return 0;
	return timers_set(&x->timers, x->now + w->idle_ns, TIMER_IDLE,
			  task->number, 0);
}

int64_t watermark_of(const struct gust_task *task)
{
	if (task->inputs_expected > 0 &&
	    task->inputs_flushed == task->inputs_expected)
		return INT64_MAX;
	return task->timed ? task->watermark.now
			   : task->x->host.wall(task->x->host.self);
}

int64_t watermark_time(const struct gust_task *task,
		       const struct gust_tuple *in)
{
	return task->timed ? in->time : task->x->host.wall(task->x->host.self);
}

void watermark_ask(struct executor *x, struct gust_task *task)
{
	task->watermark.due = true;
	x->watermarks_due = true;
}

void watermark_alarm(struct executor *x, struct gust_task *task, int64_t at)
{
	struct watermark *w = &task->watermark;
	int64_t wall;
	uint64_t pause;

	if (task->timed || at >= w->alarm)
		return;
	wall = x->host.wall(x->host.self);
	pause = at > wall ? watermark_ahead(wall, at) : 0;
	if (pause > UINT64_MAX - x->now)
		return;
	if (timers_set(&x->timers, x->now + pause, TIMER_WALL, task->number,
		       0) == 0)
		w->alarm = at;
}

void watermark_alarmed(struct executor *x, struct gust_task *task)
{
	task->watermark.alarm = INT64_MAX;
	watermark_ask(x, task);
}

void watermark_moved(struct executor *x, struct gust_task *task)
{
	struct watermark *w = &task->watermark;

	x->times_moved = true;
	__atomic_store_n(&task->counters.watermark, w->now, __ATOMIC_RELAXED);
	if (task->advance != NULL || w->timers.count > 0)
		watermark_ask(x, task);
	else
		w->done = w->now;
}

void watermark_return(struct executor *x, struct gust_task *task)
{
	struct watermark *w = &task->watermark;

	w->idle = false;
	if (w->idle_sent)
		mark_send(x, task, MARK_WATERMARK, w->sent, UINT32_MAX);
	w->idle_sent = false;
}

void watermark_seen(struct executor *x, struct gust_task *task, int64_t time)
{
	struct watermark *w = &task->watermark;

	w->heard_ns = x->now;
	if (w->idle) {
		watermark_return(x, task);
		(void)timers_set(&x->timers, x->now + w->idle_ns, TIMER_IDLE,
				 task->number, 0);
	}
	if (time <= w->newest)
		return;
	w->newest = time;
	x->times_moved = true;
}

/* A spout that may not emit is no silent source. */
static bool watermark_blocked(const struct gust_task *task)
{
	switch ((enum task_state)task->counters.state) {
	case TASK_PENDING_LIMIT:
	case TASK_MEMORY_LIMIT:
	case TASK_BACKPRESSURE:
		return true;
	default:
		return task->queued > 0;
	}
}

void watermark_silent(struct executor *x, struct gust_task *task)
{
	struct watermark *w = &task->watermark;

	if (task->flush_sent || w->idle)
		return;
	if (watermark_blocked(task))
		w->heard_ns = x->now;
	if (x->now - w->heard_ns >= w->idle_ns) {
		w->idle = true;
		x->times_moved = true;
		return;
	}
	(void)timers_set(&x->timers, w->heard_ns + w->idle_ns, TIMER_IDLE,
			 task->number, 0);
}

void watermark_last(struct executor *x, struct gust_task *task)
{
	if (task->advance != NULL || task->watermark.timers.count > 0)
		watermark_ask(x, task);
}

void watermark_again(struct executor *x)
{
	for (uint32_t i = 0; x->timed && i < x->task_count; i++) {
		x->tasks[i].watermark.sent = GUST_NO_TIME;
		x->tasks[i].watermark.idle_sent = false;
	}
	x->times_moved = x->timed;
}

/* Timers are in the order of what these make of event times. */
static uint64_t watermark_key(int64_t time)
{
	return (uint64_t)time ^ UINT64_C(1) << 63;
}

int gust_timer_at(struct gust_task *task, int64_t time, uint64_t cookie)
{
	struct executor *x = task->x;
	int r = timers_set(&task->watermark.timers, watermark_key(time),
			   TIMER_USER, task->number, cookie);

	if (r != 0)
		return r;
	if (time <= watermark_of(task))
		watermark_ask(x, task);
	else
		watermark_alarm(x, task, time);
	return 0;
}

/* False: there are more, for which there is no room now. */
static bool watermark_timers(struct executor *x, struct gust_task *task,
			     int64_t now)
{
	struct timers *timers = &task->watermark.timers;

	while (timers->count > 0 && timers_due(timers) <= watermark_key(now)) {
		struct timer timer;

		if (call_turn_over(x) || !credit_room(x, task))
			return false;
		timer = timers_take(timers);
		call_timer(x, task,
			   (int64_t)watermark_key((int64_t)timer.due_ns),
			   timer.cookie);
	}
	if (timers->count > 0)
		watermark_alarm(
			x, task,
			(int64_t)watermark_key((int64_t)timers_due(timers)));
	return true;
}

/* Windows; GUST_MORE: there are more. */
static int watermark_advance(struct executor *x, struct gust_task *task,
			     int64_t now)
{
	struct frame frame;
	int r;

	if (task->advance == NULL)
		return 0;
	task->reason[0] = '\0';
	call_begin(x, &frame, task, "window");
	r = task->advance(task, now);
	call_end(x, &frame);
	if (r < 0)
		call_failed(x, task, "window", r);
	return r;
}

bool watermark_call(struct executor *x, struct gust_task *task)
{
	struct watermark *w = &task->watermark;
	int64_t now;

	if (!w->due || task->retry_ns != 0 || !credit_room(x, task))
		return false;
	w->due = false;
	if ((task->done || task->finish_called) && !task->flush_due)
		return false;
	now = watermark_of(task);
	if (watermark_advance(x, task, now) == GUST_MORE ||
	    !watermark_timers(x, task, now)) {
		watermark_ask(x, task);
		return true;
	}
	w->done = w->now;
	x->times_moved |= task->timed;
	return true;
}

bool watermark_step(struct executor *x)
{
	bool called = false, due = false;

	for (uint32_t i = 0; i < x->task_count; i++) {
		if (watermark_call(x, &x->tasks[i]))
			called = true;
		due |= x->tasks[i].watermark.due;
	}
	x->watermarks_due = due;
	return called;
}

/* A source's clock goes on. False: not yet, for so little. */
static bool watermark_tell(struct executor *x, struct gust_task *task,
			   bool rest)
{
	struct watermark *w = &task->watermark;
	int64_t now;

	if (!w->source || w->newest == GUST_NO_TIME)
		return true;
	now = watermark_before(w->newest, w->lag);
	if (now <= w->now)
		return true;
	if (!rest && w->now != GUST_NO_TIME &&
	    watermark_ahead(w->now, now) < (uint64_t)w->step)
		return false;
	w->now = now;
	watermark_moved(x, task);
	return true;
}

/* Passes it on if it has moved far enough; true: it was. */
static bool watermark_pass_on(struct executor *x, struct gust_task *task,
			      bool rest, bool *left)
{
	struct watermark *w = &task->watermark;
	int64_t out = open_times_lowest(&w->open);
	bool leaves = w->idle && w->open.open == 0 && !w->due;

	if (w->done < out)
		out = w->done;
	if (w->idle_sent)
		return false;
	if (out > w->sent && w->source && !rest && !leaves &&
	    w->sent != GUST_NO_TIME &&
	    watermark_ahead(w->sent, out) < (uint64_t)w->step) {
		*left = true;
		return false;
	}
	if (out > w->sent) {
		w->sent = out;
		mark_send(x, task, MARK_WATERMARK, out, UINT32_MAX);
	} else if (!leaves) {
		return false;
	}
	w->idle_sent = leaves;
	if (leaves)
		mark_send(x, task, MARK_IDLE, 0, UINT32_MAX);
	return true;
}

void watermark_rest(struct executor *x, struct gust_task *task)
{
	bool left;

	if (!task->timed || task->flush_sent)
		return;
	(void)watermark_tell(x, task, true);
	(void)watermark_pass_on(x, task, true, &left);
}

bool watermark_pass(struct executor *x, bool rest)
{
	bool passed = false, left = false, due = x->watermarks_due;

	x->watermarks_due = false;
	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];

		/* FLUSH says it all. */
		if (!task->timed || task->flush_sent)
			continue;
		left |= !watermark_tell(x, task, rest);
		passed |= watermark_pass_on(x, task, rest, &left);
	}
	x->times_moved = left;
	passed |= x->watermarks_due;
	x->watermarks_due |= due;
	return passed;
}
