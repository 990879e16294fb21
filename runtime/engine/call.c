/* SPDX-License-Identifier: MIT */

#include "engine/call.h"
#include "engine/count.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ack.h"
#include "engine/charge.h"
#include "engine/commit.h"
#include "engine/credit.h"
#include "engine/direct.h"
#include "engine/keyed.h"
#include "engine/mark.h"
#include "engine/queue.h"
#include "engine/spout.h"

/* One call of execute() in so many is timed, on average. */
#define SAMPLE_EVERY 256u

#define RETRY_PAUSE_MIN_NS 1000000u
#define RETRY_PAUSE_MAX_NS 1000000000u

static void call_publish(uint64_t *where, uint64_t value)
{
	__atomic_store_n(where, value, __ATOMIC_RELAXED);
}

void call_turn_begin(struct executor *x)
{
	x->turns++;
	x->now = x->host.now(x->host.self);
	x->turn_began_ns = x->now;
	x->turn_bytes = 0;
	x->clock_in = x->clock_every;
	x->unwinding = false;
	call_publish(&x->pulses[x->number].calling_since, x->now);
}

void call_turn_end(struct executor *x)
{
	x->unwinding = false;
	call_publish(&x->pulses[x->number].calling_since, 0);
}

void call_read_clock(struct executor *x)
{
	uint64_t before = x->now;

	x->now = x->host.now(x->host.self);
	/* Rarely while calls are short, at once often when they are not, and
	 * after each when they are long. */
	if (x->now - before > TURN_NS / 4)
		x->clock_every = 1;
	else if (x->now - before > TURN_NS / 32)
		x->clock_every = TURN_CLOCK_MIN;
	else if (x->clock_every < TURN_CLOCK_MAX)
		x->clock_every *= 2;
	x->clock_in = x->clock_every;
	if (x->now - x->turn_began_ns >= TURN_NS)
		x->unwinding = true;
}

void call_begin(struct executor *x, struct frame *frame, struct gust_task *task,
		const char *callback)
{
	memset(frame, 0, sizeof(*frame));
	frame->callback = callback;
	assert(task->frame == NULL);
	direct_push(x, frame, task);
}

void call_end(struct executor *x, struct frame *frame)
{
	assert(x->frame == frame);
	direct_pop(x, frame, frame->task);
	if (frame->task->commit != NULL)
		commit_touched(x, frame->task);
	if (x->frame != NULL)
		return;
	if (ack_waiting(x))
		ack_drain(x);
	/* Under the callback it could not say that it has come to its end. */
	mark_check(x, frame->task);
}

/* Self time: what the calls within took is theirs, so they are timed too. */
int call_timed(struct executor *x, struct frame *frame)
{
	struct gust_task *task = frame->task;
	bool sampled = x->sampled == NULL;
	uint64_t began, took, within;
	int r;

	/* So that whatever is called within comes here, too. */
	x->sample_in = 1;
	if (!sampled && frame->up != x->sampled) {
		r = task->execute(task->self, task, frame->in);
		x->sample_in = 1;
		return r;
	}
	if (sampled) {
		x->sampled = frame;
		x->sampled_child_ns = 0;
	}
	began = x->host.now(x->host.self);
	r = task->execute(task->self, task, frame->in);
	took = x->host.now(x->host.self) - began;
	if (!sampled) {
		x->sampled_child_ns += took;
		x->sample_in = 1;
		return r;
	}
	within = x->sampled_child_ns;
	x->sampled = NULL;
	/* A fixed distance would meet the same task again and again. */
	x->sample_in = SAMPLE_EVERY / 2 +
		       (uint32_t)random_below(&x->random, SAMPLE_EVERY);
	count_add(&task->counters.sampled_calls, 1);
	count_add(&task->counters.sampled_ns,
		  took > within ? took - within : 0);
	return r;
}

/* The tuple failed, or the answer is one that nobody knows. */
void call_refused(struct executor *x, struct gust_task *task,
		  const struct frame *frame, struct lineage *lineage, int r)
{
	const uint32_t kind = frame->marks & FRAME_KIND;
	const char *reason = task->reason;

	count_add(&task->counters.failed, 1);
	if (kind == 0)
		reason = r > 0 ? "execute() returned an unknown code"
			       : keyed_reason(task, r);
	lineage_fail(x, lineage, task->number, kind == 0 ? FAILURE_RETRY : kind,
		     reason);
}

void call_wait(struct executor *x, struct gust_task *task)
{
	/* Calls may have lasted since the clock was read. */
	call_read_clock(x);
	if (task->retry_since_ns == 0) {
		task->retry_since_ns = x->now;
		task->retry_pause_ns = RETRY_PAUSE_MIN_NS;
	} else if (task->retry_pause_ns < RETRY_PAUSE_MAX_NS) {
		task->retry_pause_ns *= 2;
	}
	count_add(&task->counters.retries, 1);
	__atomic_store_n(&task->waits_for, task->reason_next, __ATOMIC_RELEASE);
	task->reason_next = NULL;
	task->retry_ns = x->now + task->retry_pause_ns;
	if (timers_set(&x->timers, task->retry_ns, TIMER_RETRY, task->number,
		       0) != 0)
		task->retry_ns = 0;
}

/* Whether -EAGAIN has lasted longer than topology.retry.max.secs. */
static bool call_gave_up(struct executor *x, struct gust_task *task, int *r)
{
	uint64_t limit = x->plan->config.retry_max_ns;

	if (*r != -EAGAIN || task->retry_since_ns == 0 ||
	    x->now - task->retry_since_ns < limit)
		return false;
	commit_undo(task);
	*r = -ETIMEDOUT;
	return true;
}

void call_unfinished(struct executor *x, struct gust_task *task,
		     const struct gust_tuple *in, struct lineage *lineage,
		     int r)
{
	if (queue_again(x, task, in, lineage) != 0) {
		lineage_fail(x, lineage, task->number, FAILURE_RETRY,
			     "out of memory");
		return;
	}
	/* How long idle() or flush() said so is another matter. */
	task->retry_since_ns = 0;
	if (r == -EAGAIN)
		call_wait(x, task);
}

/* What came of the tuple of a work was not just success; false: it is to
 * be called again later. */
static __attribute__((noinline)) bool
call_settle(struct executor *x, struct work *work, struct frame *frame, int r)
{
	struct gust_task *task = frame->task;

	work->begun = true;
	if (r == GUST_MORE)
		return false;
	if (r == -EAGAIN && !call_gave_up(x, task, &r)) {
		call_wait(x, task);
		return false;
	}
	direct_answered(x, task, frame, &work->lineage, r);
	frame->marks = 0;
	work->begun = false;
	return true;
}

/* Calls the next tuple of a work; false: it is to be called again later. */
static inline bool call_tuple(struct executor *x, struct work *work,
			      struct frame *frame)
{
	struct gust_task *task = frame->task;
	const struct gust_tuple *in = (const void *)work->at;
	size_t size = sizeof(struct texts_entry);
	int r;

	if (work->section->kind == SECTION_TEXTS) {
		texts_unpack(&work->text, (const void *)work->at);
		in = &work->text.tuple;
	} else {
		size = in->size;
	}
	call_clock_count(x);
	frame->in = in;
	if (--x->sample_in == 0)
		r = call_timed(x, frame);
	else
		r = task->execute(task->self, task, in);
	volley_end(task);
	if (r == 0 && frame->marks == 0) {
		count_add(&task->counters.executed, 1);
		count_add(&task->counters.acked, 1);
		task->retry_since_ns = 0;
		work->begun = false;
	} else if (!call_settle(x, work, frame, r)) {
		return false;
	}
	work->at += size;
	return true;
}

/* Calls the tuples of the run that a work is in, until the turn is over or
 * there is no room; true: all of them. */
static bool call_run(struct executor *x, struct work *work, struct frame *frame)
{
	bool charged = charge_begin_run(x, frame->task, &work->lineage);
	bool more = true;

	while (more && work->at < work->run_end)
		more = call_tuple(x, work, frame) && !call_turn_over(x) &&
		       credit_room(x, frame->task);
	if (charged)
		charge_end(x);
	if (work->at < work->run_end)
		return false;
	lineage_settle(x, &work->lineage);
	return true;
}

/* The same for the runs of a work, of which at least one is called. */
static bool call_runs(struct executor *x, struct gust_task *task,
		      struct work *work)
{
	struct frame frame = { .lineage = &work->lineage };
	const char *const end = work->end;
	bool done = false;

	if (!work->begun)
		task->retry_since_ns = 0;
	direct_push(x, &frame, task);
	while (call_run(x, work, &frame)) {
		done = work->at == end;
		if (done)
			break;
		queue_next_run(work);
		if (call_turn_over(x) || !credit_room(x, task))
			break;
	}
	direct_pop(x, &frame, task);
	task->idle_due = true;
	return done;
}

void call_work(struct executor *x, struct gust_task *task)
{
	struct work *work = task->head;

	if (work->section->kind == SECTION_MARK) {
		mark_arrived(x, task, work->section, work->parcel->batch->from);
		queue_pop(x, task);
		return;
	}
	if (call_runs(x, task, work))
		queue_pop(x, task);
	if (ack_waiting(x))
		ack_drain(x);
}

void call_notice(struct executor *x, struct gust_task *task, uint64_t id,
		 bool acked)
{
	(void)x;
	if (task->notice_count == task->notice_room) {
		uint32_t room =
			task->notice_room == 0 ? 64 : task->notice_room * 2;
		struct notice *grown;

		grown = realloc(task->notices, room * sizeof(*grown));
		/* A spout that never hears of an id would wait for ever. */
		assert(grown != NULL);
		task->notices = grown;
		task->notice_room = room;
	}
	task->notices[task->notice_count++] = (struct notice){ id, acked };
}

void call_notices(struct executor *x, struct gust_task *task)
{
	const struct gust_spout *spout = task->spout;

	for (uint32_t i = 0; i < task->notice_count; i++) {
		struct notice notice = task->notices[i];
		struct frame frame;

		if (!notice.acked && !x->stopping)
			task->depleted = false;
		call_begin(x, &frame, task, notice.acked ? "ack" : "fail");
		if (notice.acked && spout->ack != NULL)
			spout->ack(task->self, task, notice.id);
		if (!notice.acked && spout->fail != NULL)
			spout->fail(task->self, task, notice.id);
		call_end(x, &frame);
		/* Something may be emitted now. */
		task->waiting = false;
	}
	task->notice_count = 0;
	mark_check(x, task);
}

void call_resume(struct gust_task *task)
{
	task->retry_ns = 0;
	spout_wake(task);
}

void call_timer(struct executor *x, struct gust_task *task, int64_t time,
		uint64_t cookie)
{
	struct frame frame;
	int r = 0;

	task->reason[0] = '\0';
	call_begin(x, &frame, task, "timer");
	if (time != GUST_NO_TIME)
		gust_set_time(task, time);
	if (task->bolt != NULL && task->bolt->timer != NULL)
		r = task->bolt->timer(task->self, task, cookie);
	else if (task->spout != NULL && task->spout->timer != NULL)
		r = task->spout->timer(task->self, task, cookie);
	call_end(x, &frame);
	if (r < 0 && r != -EAGAIN)
		call_failed(x, task, "timer", r);
	call_resume(task);
}

void call_failed(struct executor *x, struct gust_task *task,
		 const char *callback, int code)
{
	if (x->failure.code != 0)
		return;
	gust_error_set(&x->failure, code, "%s[%u]: %s() failed: %s",
		       task->component->id, task->index, callback,
		       task->reason[0] != '\0' ? task->reason
					       : keyed_reason(task, code));
}

void call_mistake(struct executor *x, struct gust_task *task,
		  const char *format, ...)
{
	uint64_t n = task->counters.mistakes + 1;
	char text[320];
	va_list arguments;

	count_set(&task->counters.mistakes, n);
	/* The first ones, then ever more rarely. */
	if (n > 8 && (n & (n - 1)) != 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	x->host.log(x->host.self, task->number, GUST_LOG_ERROR, text);
}
