/* SPDX-License-Identifier: MIT */

#include "engine/spout.h"

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/credit.h"
#include "engine/mark.h"
#include "engine/share.h"

/* How often next() is called before the other spouts get their turn. */
#define SPOUT_CALLS 256u

/* Whether all spouts together have emitted what they may. */
static bool spout_limited(const struct executor *x)
{
	uint64_t emitted = 0;

	if (x->spout_limit == UINT64_MAX)
		return false;
	for (uint32_t i = 0; i < x->spout_count; i++)
		emitted += x->spouts[i]->counters.roots +
			   x->spouts[i]->counters.untracked;
	return emitted >= x->spout_limit;
}

static bool spout_may_emit(const struct executor *x,
			   const struct gust_task *task)
{
	uint64_t limit = task->component->max_spout_pending;
	const struct task_counters *c = &task->counters;

	if (task->depleted || task->waiting)
		return false;
	if (limit != 0 && c->open_trees - c->held_trees >= limit)
		return false;
	if (spout_limited(x))
		return false;
	return !share_full(x) && credit_room(x, task);
}

static void spout_answer(struct executor *x, struct gust_task *task, int r)
{
	if (r == GUST_EMITTED)
		return;
	if (r == GUST_WAIT) {
		/* A time that has come meanwhile is no reason to wait. */
		task->waiting = task->wake_ns == 0 || task->wake_ns > x->now;
		return;
	}
	if (r != GUST_DONE)
		call_failed(x, task, "next", r);
	task->depleted = true;
}

static void spout_next(struct executor *x, struct gust_task *task)
{
	call_clock_count(x);
	task->wake_ns = 0;
	task->reason[0] = '\0';
	/* That of gust_set_time(). */
	task->frame->marks = 0;
	spout_answer(x, task, task->spout->next(task->self, task));
}

/* Calls next() in a row, under one frame, as long as nothing else is to be done
 * in between. Returns how often, at most `limit` times. */
static uint32_t spout_row(struct executor *x, struct gust_task *task,
			  uint32_t limit)
{
	struct frame frame;
	uint32_t calls = 0;

	call_begin(x, &frame, task, "next");
	do {
		spout_next(x, task);
		calls++;
	} while (calls < limit && !call_turn_over(x) && !ack_waiting(x) &&
		 task->notice_count == 0 && spout_may_emit(x, task));
	call_end(x, &frame);
	if (task->notice_count > 0)
		call_notices(x, task);
	return calls;
}

static bool spout_ask(struct executor *x, struct gust_task *task)
{
	uint32_t calls = 0;

	while (calls < SPOUT_CALLS && !call_turn_over(x) &&
	       spout_may_emit(x, task))
		calls += spout_row(x, task, SPOUT_CALLS - calls);
	return calls > 0;
}

bool spout_run(struct executor *x)
{
	uint32_t first = x->spout_turn;
	bool asked = false;

	for (uint32_t i = 0; i < x->spout_count && !call_turn_over(x); i++) {
		struct gust_task *task =
			x->spouts[(first + i) % x->spout_count];

		x->spout_turn = (first + i + 1) % x->spout_count;
		if (spout_ask(x, task))
			asked = true;
	}
	return asked;
}

void spout_wake(struct gust_task *task)
{
	task->waiting = false;
}

void spout_stop(struct executor *x, struct gust_task *task)
{
	struct frame frame;

	if (!task->depleted && task->spout->deactivate != NULL) {
		call_begin(x, &frame, task, "deactivate");
		task->spout->deactivate(task->self, task);
		call_end(x, &frame);
	}
	task->depleted = true;
	mark_check(x, task);
}
