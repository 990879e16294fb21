/* SPDX-License-Identifier: MIT */

/*
 * From what was written to the answer that it is stored.
 */

#include <assert.h>
#include <stdio.h>

#include "engine/call.h"
#include "engine/commit.h"
#include "engine/commit_state.h"
#include "engine/count.h"
#include "engine/group.h"
#include "engine/keyed.h"
#include "engine/mark.h"

#define COMMIT_PAUSE_MIN_NS 10000000u
#define COMMIT_PAUSE_MAX_NS 1000000000u

static void commit_send(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	x->host.commit(x->host.self, task->number, c->store, &c->writes);
}

void commit_soon(struct executor *x, struct gust_task *task)
{
	(void)x;
	if (task->commit != NULL)
		task->commit->due = true;
}

/* After a pause; it may not have been frozen. */
static void commit_again(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	c->pausing = false;
	if (c->under_way)
		commit_send(x, task);
	else
		c->due = true;
}

void commit_timer(struct executor *x, struct gust_task *task, uint64_t cookie)
{
	struct commit *c = task->commit;

	if (cookie == COMMIT_AGAIN) {
		commit_again(x, task);
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
	outbox_stored(x, task);
	c->under_way = false;
	c->given_up = false;
	c->failing_ns = 0;
	commit_stall(task, false);
	group_release(x, task, &c->frozen);
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
	group_fail(x, task, &c->frozen, reason);
	group_fail(x, task, &c->open, reason);
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
	c->pausing = timers_set(&x->timers, x->now + c->pause_ns, TIMER_STATE,
				task->number, COMMIT_AGAIN) == 0;
	if (!c->pausing)
		commit_again(x, task);
	if (c->pause_ns < COMMIT_PAUSE_MAX_NS)
		c->pause_ns *= 2;
}

/* Freezes what was written, unless there is nothing. */
static void commit_start(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;
	struct group empty = c->frozen;
	int r;

	c->due = false;
	if (!commit_fresh(task)) {
		group_release(x, task, &c->open);
		mark_check(x, task);
		return;
	}
	if (c->failing_ns == 0)
		c->pause_ns = COMMIT_PAUSE_MIN_NS;
	r = outbox_freeze(task);
	if (r == 0 && c->dedupe != NULL)
		r = dedupe_freeze(c->dedupe);
	if (r == 0)
		r = keyspace_freeze(task->keyspace, &c->writes);
	if (r < 0) {
		commit_failed(x, task, r, keyed_reason(task, r));
		return;
	}
	assert(empty.count == 0);
	c->frozen = c->open;
	c->open = empty;
	c->under_way = true;
#ifdef GUST_MUTATE_FREEZE /* for tests/sim, which must notice */
	group_release(x, task, &c->frozen);
#endif
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

		if (c == NULL || !c->due || c->under_way || c->pausing ||
		    task->unfinished || !commit_windows(x, task))
			continue;
		commit_start(x, task);
		began = true;
	}
	return began;
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
