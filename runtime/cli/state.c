/* SPDX-License-Identifier: MIT */
#include "cli/state.h"

#include <stdio.h>

#include "base/count.h"
#include "base/duration.h"

/* Trouble before work before rest. */
static int weight(uint32_t state)
{
	switch ((enum task_state)state) {
	case TASK_WAITING:
		return 7;
	case TASK_BACKPRESSURE:
		return 6;
	case TASK_MEMORY_LIMIT:
		return 5;
	case TASK_PENDING_LIMIT:
		return 4;
	case TASK_EMITTING:
		return 3;
	case TASK_PAUSED:
		return 2;
	case TASK_IDLE:
		return 1;
	case TASK_DONE:
		return 0;
	}
	return 0;
}

const char *state_name(enum plan_kind kind, uint32_t state)
{
	switch ((enum task_state)state) {
	case TASK_WAITING:
		return "waiting";
	case TASK_BACKPRESSURE:
		return "backpressure";
	case TASK_MEMORY_LIMIT:
		return "memory limit";
	case TASK_PENDING_LIMIT:
		return "pending limit";
	case TASK_EMITTING:
		return kind == PLAN_SPOUT ? "emitting" : "working";
	case TASK_PAUSED:
		return "paused";
	case TASK_IDLE:
		return kind == PLAN_SPOUT ? "source empty" : "idle";
	case TASK_DONE:
		return "done";
	}
	return "unknown";
}

uint32_t state_task(const struct snapshot *snapshot, uint32_t component)
{
	const struct plan_component *it =
		&snapshot->plan->components[component];
	uint32_t best = it->first_task;
	uint32_t i;

	for (i = it->first_task; i < it->first_task + it->task_count; i++)
		if (weight(snapshot->tasks[i].state) >
		    weight(snapshot->tasks[best].state))
			best = i;
	return best;
}

/* The window that holds the most; UINT32_MAX: none holds anything. */
static uint32_t fullest_window(const struct snapshot *snapshot,
			       uint64_t *tuples)
{
	const struct plan *plan = snapshot->plan;
	uint32_t i, fullest = UINT32_MAX;
	struct task_counters sum;

	*tuples = 0;
	for (i = 0; i < plan->component_count; i++) {
		if (plan->components[i].window == NULL)
			continue;
		snapshot_component(snapshot, i, &sum);
		if (sum.window_tuples <= *tuples)
			continue;
		*tuples = sum.window_tuples;
		fullest = i;
	}
	return fullest;
}

/* A spout that rests, while what it has emitted waits in windows. */
static void format_held(char *text, size_t size,
			const struct snapshot *snapshot,
			const struct task_counters *task)
{
	char count[COUNT_TEXT_SIZE];
	uint64_t tuples;
	uint32_t window;

	if (task->held_trees == 0 ||
	    (task->state != TASK_MEMORY_LIMIT && task->state != TASK_IDLE))
		return;
	window = fullest_window(snapshot, &tuples);
	if (window != UINT32_MAX)
		(void)snprintf(text, size,
			       ", held by window '%.60s': %s tuples",
			       snapshot->plan->components[window].id,
			       count_format(count, tuples));
}

/* What the state lasts for or comes from; "" where there is nothing to say. */
static void format_cause(char *text, size_t size,
			 const struct snapshot *snapshot,
			 const struct task_counters *task, const char *reason)
{
	const struct plan *plan = snapshot->plan;
	char duration[DURATION_TEXT_SIZE];
	uint64_t since = task->state_since;

	text[0] = '\0';
	if (task->state == TASK_BACKPRESSURE &&
	    task->blocked_by < plan->component_count)
		(void)snprintf(text, size, " by '%.60s'",
			       plan->components[task->blocked_by].id);
	format_held(text, size, snapshot, task);
	if (task->state != TASK_WAITING)
		return;
	duration_format(duration, snapshot->time_ns > since
					  ? snapshot->time_ns - since
					  : 0);
	if (reason != NULL && reason[0] != '\0')
		(void)snprintf(text, size, ": %.60s, %s", reason, duration);
	else
		(void)snprintf(text, size, ", %s", duration);
}

const char *state_format(char *text, const struct snapshot *snapshot,
			 uint32_t component, const char *reason)
{
	const struct plan_component *it =
		&snapshot->plan->components[component];
	const struct task_counters *task =
		&snapshot->tasks[state_task(snapshot, component)];
	char cause[160], share[40];
	uint32_t i, same = 0;

	for (i = 0; i < it->task_count; i++)
		if (snapshot->tasks[it->first_task + i].state == task->state)
			same++;
	share[0] = '\0';
	if (same < it->task_count)
		(void)snprintf(share, sizeof(share), " (%u of %u)", same,
			       it->task_count);
	format_cause(cause, sizeof(cause), snapshot, task, reason);
	(void)snprintf(text, STATE_TEXT_SIZE, "%s%s%s",
		       state_name(it->kind, task->state), cause, share);
	return text;
}
