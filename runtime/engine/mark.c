/* SPDX-License-Identifier: MIT */

#include "engine/mark.h"
#include "engine/count.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/call.h"
#include "engine/commit.h"
#include "engine/credit.h"
#include "engine/keep.h"
#include "engine/outlet.h"
#include "engine/share.h"
#include "engine/status.h"
#include "engine/tree.h"
#include "engine/watermark.h"
#include "engine/window.h"

static void mark_bit(uint64_t *bits, uint32_t number, uint32_t *count)
{
	uint64_t bit = UINT64_C(1) << (number % 64);

	if ((bits[number / 64] & bit) == 0)
		++*count;
	bits[number / 64] |= bit;
}

bool mark_first(const struct plan *plan, const struct plan_component *c,
		uint32_t input)
{
	const struct plan_edge *edge = &plan->edges[c->inputs[input]];

	if (edge->feedback)
		return false;
	for (uint32_t i = 0; i < input; i++) {
		const struct plan_edge *other = &plan->edges[c->inputs[i]];

		if (!other->feedback && other->from == edge->from)
			return false;
	}
	return true;
}

int mark_init(struct executor *x, struct gust_task *task)
{
	const struct plan_component *c = task->component;
	size_t words = (x->plan->task_count + 63) / 64;

	task->flushed = calloc(words, sizeof(uint64_t));
	task->ended = calloc(words, sizeof(uint64_t));
	if (task->flushed == NULL || task->ended == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->input_count; i++) {
		const struct plan_edge *edge = &x->plan->edges[c->inputs[i]];

		task->loops |= edge->feedback;
		if (mark_first(x->plan, c, i))
			task->inputs_expected +=
				x->plan->components[edge->from].task_count;
	}
	return 0;
}

void mark_fini(struct gust_task *task)
{
	free(task->flushed);
	free(task->ended);
}

static bool mark_sent_to(const struct gust_task *task, uint32_t component,
			 uint32_t output, uint32_t route)
{
	for (uint32_t i = 0; i <= output; i++) {
		const struct output *o = &task->outputs[i];
		uint32_t end = i == output ? route : o->route_count;

		for (uint32_t j = 0; j < end; j++)
			if (!o->routes[j].edge->feedback &&
			    o->routes[j].edge->to == component)
				return true;
	}
	return false;
}

static uint32_t mark_worker(const struct executor *x, uint32_t task)
{
	return x->plan->worker_of[x->plan->tasks[task].executor];
}

void mark_send(struct executor *x, struct gust_task *task, enum batch_mark mark,
	       int64_t time, uint32_t worker)
{
	for (uint32_t i = 0; i < task->output_count; i++) {
		const struct output *o = &task->outputs[i];

		for (uint32_t j = 0; j < o->route_count; j++) {
			const struct route *route = &o->routes[j];

			if (route->edge->feedback ||
			    mark_sent_to(task, route->edge->to, i, j))
				continue;
			for (uint32_t k = 0; k < route->count; k++) {
				uint32_t to = route->first + k;

				if (worker != UINT32_MAX &&
				    mark_worker(x, to) != worker)
					continue;
				if (outlet_mark(x, to, task->number, mark,
						time) != 0)
					call_failed(x, task, "mark", -ENOMEM);
			}
		}
	}
}

/* Whether the task waits for marks of `from`, which executor `executor` has. */
static bool mark_expected(const struct executor *x,
			  const struct gust_task *task, uint32_t from,
			  uint32_t executor)
{
	const struct plan_component *c = task->component;
	const struct plan_task *sender = &x->plan->tasks[from];

	for (uint32_t i = 0; i < c->input_count; i++) {
		const struct plan_edge *edge = &x->plan->edges[c->inputs[i]];

		if (!edge->feedback && edge->from == sender->component)
			return sender->executor == executor;
	}
	return false;
}

/* What has finished has nothing to flush, unless something came after that. */
static bool mark_flushable(const struct executor *x,
			   const struct gust_task *task)
{
	return !task->finish_called || x->loops || task->kept_oldest != NULL ||
	       task->batch.tuples > 0 || window_holds(task);
}

/* flush() is to be called, and before it what waits for the watermark. */
static void mark_flush_comes(struct executor *x, struct gust_task *task)
{
	task->flush_due = true;
	x->marks_due = true;
	watermark_last(x, task);
}

void mark_arrived(struct executor *x, struct gust_task *task,
		  const struct section *section, uint32_t executor)
{
	const uint32_t mark = section->count, from = section->extra;

	/* Its sender is gone, and will send it again. */
	if (executor == BATCH_NOBODY)
		return;
	if (!mark_expected(x, task, from, executor)) {
		count_add(&x->usage.strays, 1);
		return;
	}
	if (mark == MARK_WATERMARK &&
	    section_watermark(section) == GUST_NO_TIME) {
		task->stopped = true;
	} else if (mark == MARK_WATERMARK || mark == MARK_IDLE) {
		watermark_arrived(x, task, section);
	} else if (mark == MARK_FLUSH) {
		mark_bit(task->flushed, from, &task->inputs_flushed);
		watermark_ended(x, task, from);
		if (task->inputs_flushed == task->inputs_expected &&
		    mark_flushable(x, task))
			mark_flush_comes(x, task);
	} else {
		mark_bit(task->ended, from, &task->inputs_ended);
	}
	if (task->flush_due || task->inputs_ended == task->inputs_expected)
		x->marks_due = true;
}

static void mark_flush(struct executor *x, struct gust_task *task)
{
	const struct task_counters *c = &task->counters;

	task->dirty = false;
	/* A tuple that is retained may still have children, which may be held
	 * behind this FLUSH. */
	task->moving = c->open_trees != c->held_trees;
	task->flush_waits = false;
	watermark_rest(x, task);
	task->flush_sent = true;
	/* That the run is stopped, which others may not know yet: with durable
	 * state their windows stay open. */
	if ((task->stopped || x->stopping) &&
	    x->plan->config.state_provider != NULL)
		mark_send(x, task, MARK_WATERMARK, GUST_NO_TIME, UINT32_MAX);
	mark_send(x, task, MARK_FLUSH, 0, UINT32_MAX);
}

static void mark_end(struct executor *x, struct gust_task *task)
{
	struct task_counters *c = &task->counters;

	/* Ids that fail() gave back and that never came again. */
	if (x->stopping)
		count_add(&c->aborted, task->returned.count);
	else
		count_add(&c->lost, task->returned.count);
	idmap_fini(&task->returned);
	task->done = true;
	x->done_count++;
	__atomic_store_n(&c->state, TASK_DONE, __ATOMIC_RELAXED);
	/* Who comes after this process is to know before others do. */
	tree_commit_positions(x);
	status_publish(x);
	mark_send(x, task, MARK_END, 0, UINT32_MAX);
}

void mark_resume(struct executor *x, struct gust_task *task)
{
	if (task->counters.state != TASK_DONE)
		return;
	task->depleted = true;
	task->finish_called = true;
	task->finish_done = true;
	task->flush_sent = true;
	task->done = true;
	x->done_count++;
	mark_send(x, task, MARK_FLUSH, 0, UINT32_MAX);
	mark_send(x, task, MARK_END, 0, UINT32_MAX);
}

/* Bolts without inputs do not exist, and spouts have none. */
static bool mark_source_ended(const struct gust_task *task)
{
	if (task->spout != NULL)
		return task->depleted && task->notice_count == 0;
	return task->finish_done && !commit_pending(task);
}

void mark_check_slow(struct executor *x, struct gust_task *task)
{
	const struct task_counters *c = &task->counters;
	bool ended = mark_source_ended(task);

	/* In a moment, what is held fails, and comes again before a FLUSH. */
	if (c->open_trees != c->held_trees ||
	    (x->lost_armed && c->open_trees > 0))
		return;
	if (!ended && !task->flush_waits &&
	    (task->spout != NULL || !task->flush_sent))
		return;
	if (task->flush_due)
		return;
	/* A bolt's own FLUSH goes when flush() has been called; later ones
	 * follow what it has replayed or emitted by itself since. */
	if (task->dirty || task->flush_waits || !task->flush_sent ||
	    (task->moving && c->open_trees > 0))
		mark_flush(x, task);
	if (ended && c->open_trees == 0 && !task->done)
		mark_end(x, task);
}

void mark_loop(struct executor *x, struct gust_task *task)
{
	if (!task->loops || !task->flush_sent)
		return;
	mark_flush_comes(x, task);
}

/* Whether flush() or finish() is to be called again: later, or for the rest
 * as soon as there is room. */
static bool mark_again(struct executor *x, struct gust_task *task, int r)
{
	if (r == -EAGAIN)
		call_wait(x, task);
	else
		task->retry_since_ns = 0;
	return r == -EAGAIN || r == GUST_MORE;
}

static bool mark_call_flush(struct executor *x, struct gust_task *task)
{
	struct frame frame;
	int r = 0;

	call_begin(x, &frame, task, "flush");
	task->reason[0] = '\0';
	if (task->bolt->flush != NULL)
		r = task->bolt->flush(task->self, task);
	call_end(x, &frame);
	if (mark_again(x, task, r))
		return true;
	if (r < 0)
		call_failed(x, task, "flush", r);
	keep_leftovers(x, task, r >= 0);
	commit_soon(x, task);
	task->flush_due = false;
	/* What windows came to may have to be replayed, or to be stored first,
	 * and is not to be late for windows behind: it comes before the FLUSH.
	 * Else, even after END: who held what came round a loop is to let it
	 * go. */
	if ((task->window != NULL || task->outbox != NULL) &&
	    task->counters.open_trees != task->counters.held_trees)
		task->flush_waits = true;
	else
		mark_flush(x, task);
	/* Its last tree may have ended while flush() was due. */
	mark_check(x, task);
	return true;
}

static bool mark_call_finish(struct executor *x, struct gust_task *task)
{
	struct frame frame;
	int r = 0;

	task->finish_called = true;
	call_begin(x, &frame, task, "finish");
	task->reason[0] = '\0';
	if (task->bolt->finish != NULL)
		r = task->bolt->finish(task->self, task);
	if (mark_again(x, task, r)) {
		task->finish_called = false;
		call_end(x, &frame);
		return true;
	}
	task->finish_done = true;
	commit_soon(x, task);
	if (r < 0)
		call_failed(x, task, "finish", r);
	call_end(x, &frame);
	return true;
}

bool mark_pending(const struct gust_task *task)
{
	return task->bolt != NULL &&
	       (task->flush_due ||
		(!task->finish_called &&
		 task->inputs_ended == task->inputs_expected));
}

bool mark_call(struct executor *x, struct gust_task *task)
{
	if (!mark_pending(task))
		return false;
	if (task->retry_ns != 0 || commit_stalled(task) ||
	    !credit_room(x, task))
		return false;
	if (task->watermark.due)
		return watermark_call(x, task);
	if (task->flush_due)
		return mark_call_flush(x, task);
	if (task->queued > 0)
		return false;
	/* What finish() emitted before fills the memory; acks free it. */
	if (task->counters.open_trees > 0 && share_full(x))
		return false;
	return mark_call_finish(x, task);
}

static void mark_clear(uint64_t *bits, uint32_t number, uint32_t *count)
{
	uint64_t bit = UINT64_C(1) << (number % 64);

	if ((bits[number / 64] & bit) != 0)
		--*count;
	bits[number / 64] &= ~bit;
}

void mark_forget(struct executor *x, uint32_t worker)
{
	for (uint32_t i = 0; i < x->plan->task_count; i++) {
		if (mark_worker(x, i) != worker)
			continue;
		for (uint32_t j = 0; j < x->task_count; j++) {
			struct gust_task *task = &x->tasks[j];

			if (task->finish_called)
				continue;
			mark_clear(task->flushed, i, &task->inputs_flushed);
			mark_clear(task->ended, i, &task->inputs_ended);
			watermark_forget(task, i);
		}
	}
}

void mark_repeat(struct executor *x, uint32_t worker)
{
	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];

		if (task->done) {
			mark_send(x, task, MARK_FLUSH, 0, worker);
			mark_send(x, task, MARK_END, 0, worker);
		} else if (task->flush_sent) {
			task->dirty = true;
			mark_check(x, task);
		}
	}
}
