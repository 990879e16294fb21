/* SPDX-License-Identifier: MIT */

#include "engine/status.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/commit.h"
#include "engine/count.h"
#include "engine/credit.h"
#include "engine/share.h"

/* More calls than that are on no stack: it is damaged, and goes round. */
#define STATUS_CALLS_MAX 1000u

/* The component that a line leads to. */
static uint32_t status_line_component(const struct executor *x, uint32_t line)
{
	if (line < x->plan->component_count)
		return line;
	return x->plan->edges[line - x->plan->component_count].to;
}

static enum task_state status_spout(const struct executor *x,
				    const struct gust_task *task)
{
	const struct task_counters *c = &task->counters;
	uint64_t limit = task->component->max_spout_pending;

	if (!credit_room(x, task))
		return TASK_BACKPRESSURE;
	if (task->depleted || task->waiting)
		return TASK_IDLE;
	if (limit != 0 && c->open_trees - c->held_trees >= limit)
		return TASK_PENDING_LIMIT;
	if (share_full(x))
		return TASK_MEMORY_LIMIT;
	return TASK_EMITTING;
}

static enum task_state status_bolt(const struct executor *x,
				   const struct gust_task *task)
{
	if (task->retry_ns != 0 || commit_stalled(task))
		return TASK_WAITING;
	if (task->head == NULL)
		return TASK_IDLE;
	return credit_room(x, task) ? TASK_EMITTING : TASK_BACKPRESSURE;
}

static void status_task(struct executor *x, struct gust_task *task)
{
	struct task_counters *c = &task->counters;
	enum task_state state;
	uint32_t line;

	if (task->done)
		state = TASK_DONE;
	else if (task->spout != NULL)
		state = status_spout(x, task);
	else
		state = status_bolt(x, task);
	if (c->state == TASK_BACKPRESSURE)
		count_add(&c->blocked_ns, x->now - task->blocked_since);
	task->blocked_since = x->now;
	if (state == TASK_BACKPRESSURE) {
		line = credit_blocker(x, task);
		__atomic_store_n(&c->blocked_by, status_line_component(x, line),
				 __ATOMIC_RELAXED);
	}
	if (state == c->state)
		return;
	__atomic_store_n(&c->state, (uint32_t)state, __ATOMIC_RELAXED);
	count_set(&c->state_since, x->now);
}

/* All that is open is held, and its spouts are stopped by the budget or have
 * ended: nothing here can move unless something elsewhere does. */
static enum pulse_stuck status_stuck(const struct executor *x)
{
	bool limited = false, dry = true;

	for (uint32_t i = 0; i < x->task_count; i++) {
		const struct gust_task *task = &x->tasks[i];

		if (task->head != NULL ||
		    task->counters.open_trees != task->counters.held_trees)
			return PULSE_MOVES;
		if (task->counters.state == TASK_EMITTING)
			return PULSE_MOVES;
		if (task->counters.state == TASK_MEMORY_LIMIT)
			limited = true;
		if (task->spout != NULL && !task->depleted)
			dry = false;
	}
	if (limited)
		return PULSE_FULL;
	return dry ? PULSE_DRY : PULSE_MOVES;
}

void status_refresh(struct executor *x)
{
	struct pulse *pulse = &x->pulses[x->number];
	uint64_t oldest = 0, alarms = x->timers.users;

	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];
		uint64_t since = task->retry_since_ns;

		status_task(x, task);
		alarms += commit_pending(task);
		if (task->head != NULL &&
		    (since == 0 || task->head->parcel->arrived_ns < since))
			since = task->head->parcel->arrived_ns;
		if (x->waits != NULL)
			count_set(&x->waits[task->number],
				  since != 0 ? x->now - since : 0);
		if (since != 0 && (oldest == 0 || since < oldest))
			oldest = since;
	}
	count_set(&x->usage.kept_bytes, share_used(x));
	count_set(&pulse->waiting_since, oldest);
	count_set(&pulse->alarms, alarms);
	count_set(&pulse->stuck, status_stuck(x));
	status_publish(x);
}

void status_publish(const struct executor *x)
{
	enum { WORDS = sizeof(struct task_counters) / sizeof(uint64_t) };
	struct word {
		uint64_t value;
	} __attribute__((may_alias));

	if (x->shared_counters == NULL)
		return;
	for (uint32_t i = 0; i < x->task_count; i++) {
		const struct gust_task *task = &x->tasks[i];
		const struct word *from = (const void *)&task->counters;
		struct word *to = (void *)&x->shared_counters[task->number];

		for (size_t j = 0; j < WORDS; j++)
			count_set(&to[j].value, from[j].value);
	}
}

void status_resume(const struct executor *x, struct gust_task *task)
{
	struct task_counters *c = &task->counters;

	if (x->shared_counters == NULL)
		return;
	*c = x->shared_counters[task->number];
	executor_forget(c, x->now);
}

const char *executor_reason(const struct executor *x, uint32_t task)
{
	const struct wait_reason *reason = __atomic_load_n(
		&x->by_number[task]->waits_for, __ATOMIC_ACQUIRE);

	return reason == NULL ? "" : reason->text;
}

/* In a signal handler there is write(2), and nothing else. */
static void status_write(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return;
}

static void status_write_number(int fd, uint32_t number)
{
	char digits[11];
	int at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	status_write(fd, digits + at);
}

/* The first text of a tuple, its control characters as dots. */
static void status_write_tuple(int fd, const struct gust_tuple *in)
{
	char text[81];

	for (uint16_t i = 0; i < in->fields; i++) {
		const struct gust_cell *cell = gust_cells(in) + i;
		const char *data = (const char *)in + cell->as.offset;
		size_t n = 0;

		if (cell->type < GUST_STRING)
			continue;
		for (; n < cell->length && n < sizeof(text) - 1; n++)
			text[n] = data[n] >= ' ' && data[n] <= '~' ? data[n]
								   : '.';
		text[n] = '\0';
		status_write(fd, " of a tuple with '");
		status_write(fd, text);
		status_write(fd, "'");
		return;
	}
}

void executor_describe_calls(const struct executor *x, int fd)
{
	uint32_t left = STATUS_CALLS_MAX;

	for (const struct frame *f = x->frame; f != NULL && left-- > 0;
	     f = f->up) {
		status_write(fd, f == x->frame ? "in " : "called by ");
		status_write(fd, f->task->component->id);
		status_write(fd, "[");
		status_write_number(fd, f->task->index);
		status_write(fd, "] ");
		status_write(fd, f->in != NULL ? "execute" : f->callback);
		status_write(fd, "()");
		if (f->in != NULL)
			status_write_tuple(fd, f->in);
		status_write(fd, "\n");
	}
}
