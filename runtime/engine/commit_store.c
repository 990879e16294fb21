/* SPDX-License-Identifier: MIT */

/*
 * From what was written to the answer that it is stored.
 */

#include <assert.h>
#include <stdio.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit.h"
#include "engine/commit_state.h"
#include "engine/count.h"
#include "engine/mark.h"

#define COMMIT_PAUSE_MIN_NS 10000000u
#define COMMIT_PAUSE_MAX_NS 1000000000u

static void commit_release(struct executor *x, struct gust_task *task,
			   struct commit_group *group)
{
	count_add(&task->counters.acked, group->tuples);
	group->tuples = 0;
	for (uint32_t i = 0; i < group->count; i++) {
		ack_hold(x, group->anchors[i].root, group->anchors[i].edge);
		ack_send(x, group->anchors[i].root, group->anchors[i].edge);
	}
	group->count = 0;
}

static void commit_fail(struct executor *x, struct gust_task *task,
			struct commit_group *group, const char *reason)
{
	count_add(&task->counters.failed, group->tuples);
	group->tuples = 0;
	for (uint32_t i = 0; i < group->count; i++)
		ack_fail(x, group->anchors[i].root, task->number, FAILURE_RETRY,
			 reason);
	group->count = 0;
}

static void commit_send(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	x->host.commit(x->host.self, task->number, c->store, &c->writes);
}

/* Freezes what was written, unless there is nothing. */
static void commit_start(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;
	struct commit_group empty = c->frozen;

	c->due = false;
	if (!commit_fresh(task)) {
		commit_release(x, task, &c->open);
		mark_check(x, task);
		return;
	}
	if ((c->dedupe != NULL && dedupe_freeze(c->dedupe) != 0) ||
	    keyspace_freeze(task->keyspace, &c->writes) != 0) {
		commit_arm(x, task);
		return;
	}
	assert(empty.count == 0);
	c->frozen = c->open;
	c->open = empty;
	c->under_way = true;
#ifdef GUST_MUTATE_FREEZE /* for tests/sim, which must notice */
	commit_release(x, task, &c->frozen);
#endif
	c->pause_ns = COMMIT_PAUSE_MIN_NS;
	commit_send(x, task);
}

/* Whether the windows of a task, if it has any, are among what was written. */
static bool commit_windows(struct executor *x, struct gust_task *task)
{
	int r = task->window == NULL ? 0 : window_save(x, task);

	if (r < 0)
		call_failed(x, task, "window", r);
	return r != GUST_MORE;
}

bool commit_run(struct executor *x)
{
	bool began = false;

	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];
		const struct commit *c = task->commit;

		if (c == NULL || !c->due || c->under_way || task->unfinished ||
		    !commit_windows(x, task))
			continue;
		commit_start(x, task);
		began = true;
	}
	return began;
}

void commit_soon(struct executor *x, struct gust_task *task)
{
	(void)x;
	if (task->commit != NULL)
		task->commit->due = true;
}

void commit_timer(struct executor *x, struct gust_task *task, uint64_t cookie)
{
	struct commit *c = task->commit;

	if (cookie == COMMIT_AGAIN) {
		commit_send(x, task);
		return;
	}
	c->armed = false;
	c->due = true;
}

/* Nothing is called while the store fails: what is queued stays there, and
 * nobody is called past it. */
static void commit_stall(struct gust_task *task, bool stalled)
{
	struct commit *c = task->commit;

	if (c->stalled == stalled)
		return;
	c->stalled = stalled;
	task->queued += stalled ? 1 : UINT32_MAX;
}

static void commit_stored(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	keyspace_committed(task->keyspace);
	c->under_way = false;
	c->given_up = false;
	c->failing_ns = 0;
	commit_stall(task, false);
	commit_release(x, task, &c->frozen);
	/* What was written meanwhile may have been waited for. */
	if (c->open.count > 0 || commit_fresh(task)) {
		if (task->finish_done || task->flush_sent)
			c->due = true;
		commit_arm(x, task);
	}
	mark_check(x, task);
}

/* It has failed for so long that the tuples fail. What they wrote stays, since
 * it may be in the store already. */
static void commit_give_up(struct executor *x, struct gust_task *task,
			   int result, const char *trouble)
{
	char reason[FAILURE_REASON_MAX + 1];
	struct commit *c = task->commit;

	snprintf(reason, sizeof(reason), "not stored for %g s: %s",
		 (double)(x->now - c->failing_ns) / 1e9, trouble);
	commit_fail(x, task, &c->frozen, reason);
	commit_fail(x, task, &c->open, reason);
	if (c->given_up)
		return;
	c->given_up = true;
	if (task->finish_done) {
		(void)gust_give_up(task, result, "%s", reason);
		call_failed(x, task, "commit", result);
	}
	mark_check(x, task);
}

static void commit_failed(struct executor *x, struct gust_task *task,
			  int result, const char *trouble)
{
	struct commit *c = task->commit;

	if (c->failing_ns == 0)
		c->failing_ns = x->now;
	commit_stall(task, true);
	(void)gust_not_now(task, "the store: %s", trouble);
	__atomic_store_n(&task->waits_for, task->reason_next, __ATOMIC_RELEASE);
	task->reason_next = NULL;
	count_add(&task->counters.retries, 1);
	if (x->now - c->failing_ns >= x->plan->config.retry_max_ns)
		commit_give_up(x, task, result, trouble);
	if (timers_set(&x->timers, x->now + c->pause_ns, TIMER_STATE,
		       task->number, COMMIT_AGAIN) != 0)
		commit_send(x, task);
	if (c->pause_ns < COMMIT_PAUSE_MAX_NS)
		c->pause_ns *= 2;
}

void executor_committed(struct executor *x, uint32_t number, int result,
			const char *trouble)
{
	struct gust_task *task = x->by_number[number];

	assert(task != NULL && task->commit != NULL && task->commit->under_way);
	if (x->aborted)
		return;
	x->now = x->host.now(x->host.self);
	if (result == 0)
		commit_stored(x, task);
	else
		commit_failed(x, task, result, trouble);
}
