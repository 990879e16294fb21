/* SPDX-License-Identifier: MIT */

/*
 * The life of an executor: created, opened, stopped, closed, destroyed. What
 * it does in between is in step.c.
 */

#include "engine/executor.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit.h"
#include "engine/credit.h"
#include "engine/dating.h"
#include "engine/keep.h"
#include "engine/keyed.h"
#include "engine/mark.h"
#include "engine/outbox.h"
#include "engine/outlet.h"
#include "engine/queue.h"
#include "engine/route.h"
#include "engine/scan.h"
#include "engine/share.h"
#include "engine/spout.h"
#include "engine/status.h"
#include "engine/tree.h"
#include "engine/watermark.h"
#include "engine/window.h"
#include "metric/histogram.h"
#include "metric/metric_set.h"

static int executor_init_task(struct executor *x, struct gust_task *task,
			      uint32_t number)
{
	const struct plan_task *planned = &x->plan->tasks[number];
	const struct plan_component *c =
		&x->plan->components[planned->component];
	int r;

	task->x = x;
	task->number = number;
	task->index = planned->index;
	task->component = c;
	task->bolt = c->bolt;
	task->spout = c->spout;
	task->execute = c->bolt == NULL ? NULL : c->bolt->execute;
	status_resume(x, task);
	task->metrics = metric_set_create();
	task->self = calloc(1, c->instance_size == 0 ? 1 : c->instance_size);
	if (task->metrics == NULL || task->self == NULL)
		return -ENOMEM;
	if (c->instance != NULL)
		memcpy(task->self, c->instance, c->instance_size);
	if (c->kind == PLAN_SPOUT) {
		task->latency = calloc(1, sizeof(*task->latency));
		if (task->latency == NULL)
			return -ENOMEM;
		x->spouts[x->spout_count++] = task;
	}
	r = route_init(x, task);
	if (r == 0)
		r = mark_init(x, task);
	if (r == 0)
		r = watermark_init(x, task);
	return r == 0 ? dating_init(x, task) : r;
}

static int executor_init_tasks(struct executor *x)
{
	const struct plan *plan = x->plan;
	uint32_t count = 0;
	int r;

	for (uint32_t i = 0; i < plan->task_count; i++)
		count += plan->tasks[i].executor == x->number;
	x->tasks = calloc(count + 1, sizeof(*x->tasks));
	x->spouts = calloc(count + 1, sizeof(struct gust_task *));
	x->by_number = calloc(plan->task_count + 1, sizeof(struct gust_task *));
	if (x->tasks == NULL || x->spouts == NULL || x->by_number == NULL)
		return -ENOMEM;
	/* Routes look for the tasks of this executor: all before the first. */
	for (uint32_t i = 0, at = 0; i < plan->task_count; i++)
		if (plan->tasks[i].executor == x->number)
			x->by_number[i] = &x->tasks[at++];
	for (uint32_t i = 0; i < plan->task_count; i++) {
		if (x->by_number[i] == NULL)
			continue;
		x->task_count++;
		r = executor_init_task(x, x->by_number[i], i);
		if (r != 0)
			return r;
	}
	return 0;
}

static void executor_share(struct executor *x,
			   const struct executor_shared *shared)
{
	x->pulses = shared->pulses;
	x->shared_counters = shared->counters;
	x->waits = shared->waits;
	if (shared->executing != NULL)
		x->executing = &shared->executing[x->number];
	if (shared->places == NULL)
		return;
	x->places = shared->places + (size_t)x->number * shared->place_count;
	x->place_count = shared->place_count;
}

int executor_create(const struct plan *plan, uint32_t number,
		    const struct executor_host *host,
		    const struct executor_shared *shared, uint64_t seed,
		    struct executor **executor)
{
	struct executor *x = calloc(1, sizeof(*x));
	int r = -ENOMEM;

	if (x == NULL)
		return -ENOMEM;
	x->plan = plan;
	x->number = number;
	x->host = *host;
	executor_share(x, shared);
	x->spout_limit = UINT64_MAX;
	x->sample_in = 1;
	x->clock_every = TURN_CLOCK_MIN;
	x->clock_in = TURN_CLOCK_MIN;
	x->tuple_max = plan->config.tuple_max_bytes;
	x->dedupe = plan->config.state_dedupe;
	for (uint32_t i = 0; i < plan->edge_count; i++)
		x->loops |= plan->edges[i].feedback;
	x->now = host->now(host->self);
	x->lag_at_ns = x->now;
	random_seed(&x->random, seed);
	arena_init(&x->arena, 0);
	ledger_init(&x->ledger, &x->random);
	share_init(x);
	/* The first chunk for good: marks then never lie below it. */
	if (arena_alloc(&x->arena, 8) == NULL)
		goto fail;
	r = credit_init(x);
	if (r == 0)
		r = outlet_init(x);
	if (r == 0)
		r = queue_init(x);
	if (r == 0)
		r = executor_init_tasks(x);
	if (r != 0)
		goto fail;
	*executor = x;
	return 0;
fail:
	executor_destroy(x);
	return r;
}

static int executor_open_task(struct gust_task *task, struct gust_error *error)
{
	struct gust_error cause = { 0 };
	int r = 0;

	task->opened = true;
	if (task->bolt != NULL && task->bolt->open != NULL)
		r = task->bolt->open(task->self, task, &cause);
	else if (task->spout != NULL && task->spout->open != NULL)
		r = task->spout->open(task->self, task, &cause);
	if (r >= 0)
		r = window_open(task->x, task, &cause);
	if (r >= 0)
		return 0;
	return gust_error_set(error, r, "%s[%u]: %s", task->component->id,
			      task->index,
			      cause.code != 0 ? cause.text : strerror(-r));
}

static void executor_activate(struct executor *x, struct gust_task *task)
{
	struct frame frame;

	if (task->spout == NULL || task->spout->activate == NULL)
		return;
	call_begin(x, &frame, task, "activate");
	task->spout->activate(task->self, task);
	call_end(x, &frame);
}

int executor_open(struct executor *x, struct gust_error *error)
{
	bool positions = false;
	int r;

	for (uint32_t i = 0; i < x->task_count; i++) {
		r = executor_open_task(&x->tasks[i], error);
		if (r == 0)
			r = commit_begin(x, &x->tasks[i], error);
		if (r != 0)
			return r;
	}
	x->now = x->host.now(x->host.self);
	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];

		mark_resume(x, task);
		if (watermark_open(x, task) != 0)
			return gust_error_set(error, -ENOMEM, "out of memory");
		if (!task->done)
			executor_activate(x, task);
		positions |=
			(task->spout != NULL &&
			 task->component->replay == GUST_REPLAY_POSITION) ||
			outbox_waits(task);
		if (task->bolt == NULL || task->component->tick_ns == 0)
			continue;
		if (timers_set(&x->timers, x->now + task->component->tick_ns,
			       TIMER_TICK, task->number, 0) != 0)
			return gust_error_set(error, -ENOMEM, "out of memory");
	}
	if (positions &&
	    timers_set(&x->timers, x->now + x->plan->config.state_commit_ns,
		       TIMER_COMMIT, 0, 0) != 0)
		return gust_error_set(error, -ENOMEM, "out of memory");
	return 0;
}

void executor_stop(struct executor *x)
{
	if (x->stopping)
		return;
	x->stopping = true;
	for (uint32_t i = 0; i < x->spout_count; i++)
		spout_stop(x, x->spouts[i]);
}

void executor_limit(struct executor *x, uint64_t emitted)
{
	x->spout_limit = emitted;
}

void executor_abort(struct executor *x)
{
	if (x->aborted)
		return;
	tree_abort_all(x);
	x->stopping = true;
	x->aborted = true;
	status_publish(x);
}

bool executor_done(const struct executor *x)
{
	if (x->aborted)
		return true;
	return x->done_count == x->task_count && x->ledger.open == 0 &&
	       x->inbox_bytes == 0;
}

const struct gust_error *executor_failure(const struct executor *x)
{
	return x->failure.code == 0 ? NULL : &x->failure;
}

/* A tuple that was retained and is neither acked nor failed at the end. */
static void executor_tell_forgotten(struct executor *x, struct gust_task *task)
{
	uint32_t forgotten = 0;

	for (struct kept *k = task->kept_oldest; k != NULL; k = k->younger)
		forgotten += !k->ended;
	if (forgotten > 0 && !x->aborted)
		call_mistake(x, task,
			     "never acked or failed %u tuples that it "
			     "kept",
			     forgotten);
}

void executor_close(struct executor *x)
{
	/* The states that the summary will show. */
	status_refresh(x);
	tree_commit_positions(x);
	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];

		if (!task->opened)
			continue;
		executor_tell_forgotten(x, task);
		task->opened = false;
		if (task->bolt != NULL && task->bolt->close != NULL)
			task->bolt->close(task->self);
		if (task->spout != NULL && task->spout->close != NULL)
			task->spout->close(task->self);
	}
	status_publish(x);
}

static void executor_fini_task(struct executor *x, struct gust_task *task)
{
	keyed_close(task);
	keep_fini(x, task);
	window_fini(x, task);
	commit_fini(x, task);
	outbox_close(task);
	route_fini(task);
	mark_fini(task);
	watermark_fini(task);
	dating_fini(task);
	for (uint32_t i = 0; i < task->index_count; i++)
		free(task->indexes[i]);
	free(task->indexes);
	for (uint32_t i = 0; i < task->source_count; i++) {
		free(task->sources[i].name);
		free(task->sources[i].title);
	}
	free(task->sources);
	free(task->notices);
	while (task->reasons != NULL) {
		struct wait_reason *reason = task->reasons;

		task->reasons = reason->next;
		free(reason);
	}
	idmap_fini(&task->returned);
	free(task->latency);
	metric_set_destroy(task->metrics);
	free(task->self);
}

void executor_destroy(struct executor *x)
{
	if (x == NULL)
		return;
	queue_fini(x);
	outlet_fini(x);
	for (uint32_t i = 0; i < x->task_count; i++)
		executor_fini_task(x, &x->tasks[i]);
	free(x->tasks);
	free(x->spouts);
	free(x->by_number);
	credit_fini(x);
	ledger_fini(&x->ledger);
	pool_fini(&x->kepts);
	timers_fini(&x->timers);
	ack_fini(x);
	arena_fini(&x->arena);
	free(x);
}

const struct task_counters *executor_counters(const struct executor *x,
					      uint32_t task)
{
	return &x->by_number[task]->counters;
}

const struct gust_histogram *executor_latency(const struct executor *x,
					      uint32_t task)
{
	return x->by_number[task]->latency;
}

const struct metric_set *executor_metrics(const struct executor *x,
					  uint32_t task)
{
	return x->by_number[task]->metrics;
}

const struct executor_usage *executor_usage(const struct executor *x)
{
	return &x->usage;
}
