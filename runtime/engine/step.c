/* SPDX-License-Identifier: MIT */

/*
 * What an executor does when it is its turn: timers, then work, deepest rank
 * first, then replays, then the spouts in rotation; and what it does with
 * events from outside.
 */

#include <errno.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit.h"
#include "engine/count.h"
#include "engine/credit.h"
#include "engine/letter.h"
#include "engine/lost.h"
#include "engine/mark.h"
#include "engine/outlet.h"
#include "engine/queue.h"
#include "engine/scan.h"
#include "engine/spout.h"
#include "engine/status.h"
#include "engine/tree.h"
#include "engine/watermark.h"
#include "engine/window.h"

/* Under load, what was gathered goes at least this often. */
#define FLUSH_NS 1000000u

/* A timer that finds its task without room comes again after this. */
#define DEFER_NS 1000000u

/* Positions are told at least so often where others can see them. */
#define STEP_POSITIONS_NS 10000000u

static bool step_runnable(const struct executor *x,
			  const struct gust_task *task)
{
	return task->retry_ns == 0 && !commit_stalled(task) &&
	       credit_room(x, task);
}

/* The next task with work that may run, deepest rank first. */
static struct gust_task *step_pick(struct executor *x)
{
	for (uint32_t rank = x->plan->rank_count; rank-- > 0;) {
		struct gust_task *head = x->ready[rank], *task = head;

		if (head == NULL)
			continue;
		do {
			if (step_runnable(x, task)) {
				/* The next one of this rank goes first then. */
				x->ready[rank] = task->ready.after;
				return task;
			}
			task = task->ready.after;
		} while (task != head);
	}
	return NULL;
}

static bool step_marks(struct executor *x)
{
	bool called = false, pending = false;

	for (uint32_t i = 0; i < x->task_count; i++) {
		if (mark_call(x, &x->tasks[i]))
			called = true;
		pending |= mark_pending(&x->tasks[i]);
	}
	x->marks_due = pending;
	return called;
}

static bool step_work(struct executor *x)
{
	struct gust_task *task;
	bool worked = false;

	while (!call_turn_over(x) && (task = step_pick(x)) != NULL) {
		worked = true;
		while (task->head != NULL && !call_turn_over(x) &&
		       step_runnable(x, task)) {
			if (task->watermark.due && watermark_call(x, task))
				continue;
			/* flush() comes before what stands behind its mark.
			 * Later ones wait for step_marks(), so that marks of
			 * many tasks cause one of them and not each its own,
			 * which would multiply from rank to rank. */
			if (task->flush_sent || !mark_call(x, task))
				call_work(x, task);
		}
		outlet_flush_own(x);
	}
	return worked;
}

static bool step_replays(struct executor *x)
{
	bool replayed = false;

	for (uint32_t i = 0; x->replay_count > 0 && i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];

		while (task->replay_first != NULL && !call_turn_over(x) &&
		       credit_room(x, task)) {
			tree_emit_again(x, task);
			replayed = true;
		}
	}
	return replayed;
}

static bool step_notices(struct executor *x)
{
	bool called = false;

	for (uint32_t i = 0; i < x->spout_count; i++) {
		if (x->spouts[i]->notice_count == 0)
			continue;
		call_notices(x, x->spouts[i]);
		called = true;
	}
	return called;
}

/* Lets bolts that have no input now write what they gathered. */
static bool step_idle(struct executor *x)
{
	bool called = false;

	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];
		struct frame frame;
		int r;

		if (!task->idle_due || task->queued > 0 || task->retry_ns != 0)
			continue;
		task->idle_due = false;
		mark_loop(x, task);
		if (task->bolt->idle == NULL || task->finish_called)
			continue;
		called = true;
		task->reason[0] = '\0';
		call_begin(x, &frame, task, "idle");
		r = task->bolt->idle(task->self, task);
		call_end(x, &frame);
		if (r == -EAGAIN) {
			task->idle_due = true;
			call_wait(x, task);
		} else if (r < 0) {
			call_failed(x, task, "idle", r);
		} else {
			task->retry_since_ns = 0;
		}
	}
	return called;
}

static void step_tick(struct executor *x, struct gust_task *task)
{
	struct frame frame;
	int r = 0;

	task->reason[0] = '\0';
	call_begin(x, &frame, task, "tick");
	if (task->bolt->tick != NULL)
		r = task->bolt->tick(task->self, task);
	call_end(x, &frame);
	if (r < 0 && r != -EAGAIN)
		call_failed(x, task, "tick", r);
	spout_wake(task);
}

/*
 * Whether a task that has finished may need its timers and descriptors yet: in
 * a topology with a loop, it may keep a tuple of another one's tree. Elsewhere
 * what it still keeps has timed out long ago.
 */
static bool step_keeps(const struct gust_task *task)
{
	return task->x->loops &&
	       (task->kept_oldest != NULL || task->batch.tuples > 0);
}

/* A tick or a timer of a task; without room it comes a little later. */
static void step_task_timer(struct executor *x, const struct timer *timer)
{
	struct gust_task *task = x->by_number[timer->task];
	uint64_t next;

	if ((task->done || task->finish_called) &&
	    (timer->kind == TIMER_TICK || !step_keeps(task)))
		return;
	/* What it wrote would be undone with a tuple that is not finished. */
	if (!credit_room(x, task) || commit_stalled(task) ||
	    (task->commit != NULL && task->unfinished)) {
		(void)timers_set(&x->timers, x->now + DEFER_NS, timer->kind,
				 timer->task, timer->cookie);
		return;
	}
	if (timer->kind != TIMER_TICK) {
		call_timer(x, task, GUST_NO_TIME, timer->cookie);
		return;
	}
	step_tick(x, task);
	/* Missed ticks are not made up for. */
	next = timer->due_ns + task->component->tick_ns;
	if (next <= x->now)
		next = x->now + task->component->tick_ns;
	(void)timers_set(&x->timers, next, TIMER_TICK, timer->task, 0);
}

static void step_commit(struct executor *x)
{
	uint64_t period_ns = x->plan->config.state_commit_ns;

	tree_commit_positions(x);
	if (x->shared_counters != NULL && period_ns > STEP_POSITIONS_NS)
		period_ns = STEP_POSITIONS_NS;
	if (x->done_count < x->task_count)
		(void)timers_set(&x->timers, x->now + period_ns, TIMER_COMMIT,
				 0, 0);
}

static void step_timer(struct executor *x, const struct timer *timer)
{
	switch ((enum timer_kind)timer->kind) {
	case TIMER_TICK:
	case TIMER_USER:
		step_task_timer(x, timer);
		break;
	case TIMER_WAKE:
		/* It may be that of an earlier wait. */
		if (timer->due_ns == x->by_number[timer->task]->wake_ns)
			spout_wake(x->by_number[timer->task]);
		break;
	case TIMER_RETRY:
		x->by_number[timer->task]->retry_ns = 0;
		break;
	case TIMER_REPLAY:
		tree_replay_due(x, timer->cookie);
		break;
	case TIMER_STORE:
		letter_store_due(x, timer->cookie);
		break;
	case TIMER_EARLY:
		window_early(x, x->by_number[timer->task]);
		break;
	case TIMER_SCAN:
		scan_run(x);
		break;
	case TIMER_COMMIT:
		step_commit(x);
		break;
	case TIMER_LOST:
		lost_again(x);
		break;
	case TIMER_WALL:
		watermark_alarmed(x, x->by_number[timer->task]);
		break;
	case TIMER_IDLE:
		watermark_silent(x, x->by_number[timer->task]);
		break;
	case TIMER_STATE:
		commit_timer(x, x->by_number[timer->task], timer->cookie);
		break;
	}
}

static bool step_timers(struct executor *x)
{
	bool any = false;

	while (timers_due(&x->timers) <= x->now) {
		struct timer timer = timers_take(&x->timers);

		step_timer(x, &timer);
		any = true;
	}
	return any;
}

static bool step_turn(struct executor *x)
{
	bool worked;

	call_turn_begin(x);
	worked = step_timers(x);
	if (x->watermarks_due && watermark_step(x))
		worked = true;
	if (x->marks_due && step_marks(x))
		worked = true;
	if (step_work(x))
		worked = true;
	if (x->replay_count > 0 && !x->lost_armed && step_replays(x))
		worked = true;
	if (!call_turn_over(x) && !x->lost_armed && spout_run(x))
		worked = true;
	if (x->times_moved && !x->lost_armed && watermark_pass(x, !worked))
		worked = true;
	/* What an event gave to the own queues is work for the next turn. */
	if (x->outs[x->number].batch != NULL)
		worked = true;
	outlet_flush_own(x);
	if (step_notices(x))
		worked = true;
	if (x->commits && commit_run(x))
		worked = true;
	if (x->now - x->flushed_ns >= FLUSH_NS || !worked) {
		if (step_idle(x))
			worked = true;
		outlet_flush_all(x);
		status_refresh(x);
	}
	call_turn_end(x);
	return worked;
}

uint64_t executor_step(struct executor *x)
{
	uint64_t began, due;
	bool worked;

	if (x->aborted)
		return UINT64_MAX;
	if (x->failure.code != 0 && !x->stopping)
		executor_stop(x);
	count_add(&x->usage.steps, 1);
	worked = step_turn(x);
	began = x->turn_began_ns;
	if (worked) {
		x->now = x->host.now(x->host.self);
		count_add(&x->usage.busy_ns, x->now - began);
		return 0;
	}
	due = timers_due(&x->timers);
	return due <= x->now ? 0 : due;
}

void executor_receive(struct executor *x, void *batch, size_t size)
{
	const struct batch *b = batch;

	x->now = x->host.now(x->host.self);
	if (size == b->size && b->to == x->number && b->from != x->number) {
		queue_receive(x, batch);
		return;
	}
	count_add(&x->usage.strays, 1);
	x->host.batch_free(x->host.self, batch);
}

void executor_ready(struct executor *x, uint32_t number, int fd, short events)
{
	struct gust_task *task = x->by_number[number];
	struct frame frame;
	int r = 0;

	if (x->aborted)
		return;
	if (task->done && !step_keeps(task)) {
		/* It cannot end the watch itself any more. */
		if (fd >= 0)
			(void)x->host.watch(x->host.self, number, fd, 0);
		return;
	}
	x->now = x->host.now(x->host.self);
	task->reason[0] = '\0';
	call_begin(x, &frame, task, "ready");
	if (task->bolt != NULL && task->bolt->ready != NULL)
		r = task->bolt->ready(task->self, task, fd, events);
	else if (task->spout != NULL && task->spout->ready != NULL)
		r = task->spout->ready(task->self, task, fd, events);
	call_end(x, &frame);
	if (r < 0 && r != -EAGAIN)
		call_failed(x, task, "ready", r);
	call_resume(task);
}

void executor_woken(struct executor *x, uint32_t task)
{
	executor_ready(x, task, -1, 0);
}

void executor_stored(struct executor *x, uint64_t token, int result)
{
	x->now = x->host.now(x->host.self);
	tree_stored(x, token, result);
}
