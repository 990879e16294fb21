/* SPDX-License-Identifier: MIT */

#include "engine/credit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* More would only make queues, and with them latency, longer. */
#define WINDOW_MAX (256u * 1024u)

/* Credit from another process takes longer to come back. */
#define WINDOW_MAX_FAR (1024u * 1024u)

/* How many executors have a task of a component. */
static uint32_t credit_hosts(const struct plan *plan, uint32_t component)
{
	const struct plan_component *c = &plan->components[component];
	uint32_t hosts = 0;

	for (uint32_t i = 0; i < c->task_count; i++) {
		uint32_t executor = plan->tasks[c->first_task + i].executor;
		uint32_t j = 0;

		while (j < i &&
		       plan->tasks[c->first_task + j].executor != executor)
			j++;
		hosts += j == i;
	}
	return hosts;
}

/* Half of the budget for all that can be under way at once. */
static uint64_t credit_window(const struct plan *plan, uint64_t links)
{
	uint64_t most = plan->worker_count > 1 ? WINDOW_MAX_FAR : WINDOW_MAX;
	uint64_t window;

	if (plan->config.credit_bytes != 0)
		return plan->config.credit_bytes;
	links *= plan->executor_count;
	window = plan->config.memory_max_bytes / 2 / (links == 0 ? 1 : links);
	if (window > most)
		return most;
	return window == 0 ? 1 : window;
}

int credit_init(struct executor *x)
{
	const struct plan *plan = x->plan;
	uint64_t links = 0, window;

	x->line_count = plan->component_count + plan->edge_count;
	x->lines = calloc(x->line_count, sizeof(*x->lines));
	if (x->lines == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < x->line_count; i++) {
		uint32_t component = i;

		if (i >= plan->component_count)
			component = plan->edges[i - plan->component_count].to;
		x->lines[i].hosts = credit_hosts(plan, component);
		links += x->lines[i].hosts;
		x->lines[i].outstanding =
			calloc(plan->executor_count, sizeof(uint64_t));
		if (x->lines[i].outstanding == NULL)
			return -ENOMEM;
	}
	window = credit_window(plan, links);
	for (uint32_t i = 0; i < x->line_count; i++)
		x->lines[i].window = window;
	return 0;
}

void credit_fini(struct executor *x)
{
	for (uint32_t i = 0; x->lines != NULL && i < x->line_count; i++)
		free(x->lines[i].outstanding);
	free(x->lines);
}

void credit_give(struct executor *x, uint32_t line, uint32_t executor,
		 uint64_t bytes)
{
	struct credit_line *l = &x->lines[line];
	bool was_full = l->outstanding[executor] >= l->window;

	assert(l->outstanding[executor] >= bytes);
	l->outstanding[executor] -= bytes;
	if (was_full && l->outstanding[executor] < l->window) {
		l->lacking--;
		x->lacking--;
	}
}

void credit_forget(struct executor *x, uint32_t executor)
{
	for (uint32_t i = 0; i < x->line_count; i++)
		credit_give(x, i, executor, x->lines[i].outstanding[executor]);
	for (uint32_t i = 0; i < x->plan->task_count; i++)
		if (x->plan->tasks[i].executor == executor)
			x->backlog[i].bytes = 0;
}

bool credit_room_slow(const struct executor *x, const struct gust_task *task)
{
	return credit_blocker(x, task) == UINT32_MAX;
}

uint32_t credit_blocker(const struct executor *x, const struct gust_task *task)
{
	for (uint32_t i = 0; i < task->need_count; i++) {
		const struct credit_line *l = &x->lines[task->needs[i].line];

		if (l->lacking > 0 &&
		    (!task->needs[i].any || l->lacking >= l->hosts))
			return task->needs[i].line;
	}
	return UINT32_MAX;
}
