/* SPDX-License-Identifier: MIT */
#include "cli/chart.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "channel/exchange.h"
#include "cli/grid.h"

static uint32_t worker_of(const struct plan *plan, uint32_t task)
{
	return plan->worker_of[plan->tasks[task].executor];
}

/* Whether the worker has one of the first `count` tasks of a component. */
static bool has_task(const struct plan *plan, uint32_t component,
		     uint32_t count, uint32_t worker)
{
	uint32_t first = plan->components[component].first_task;
	uint32_t i;

	for (i = 0; i < count; i++)
		if (worker_of(plan, first + i) == worker)
			return true;
	return false;
}

bool chart_passes(const struct plan *plan, const struct plan_edge *edge,
		  uint32_t from, uint32_t to)
{
	uint32_t receivers = plan->components[edge->to].task_count;

	if (edge->grouping == PLAN_GLOBAL)
		receivers = 1;
	return has_task(plan, edge->from,
			plan->components[edge->from].task_count, from) &&
	       has_task(plan, edge->to, receivers, to);
}

/*
 * An inbox for each executor, a way from each to each while there is room, and
 * for the others an inbox of the links, a port and a way to each worker.
 */
uint32_t chart_sockets(const struct plan *plan, uint32_t worker)
{
	uint32_t inboxes = plan->workers[worker].executor_count;
	uint32_t links = plan->worker_count > 1 ? plan->worker_count : 0;
	uint32_t inner;

	if (links > 0)
		inboxes++;
	inner = inboxes * inboxes;
	if (inner > EXCHANGE_SOCKETS_MAX)
		inner = EXCHANGE_SOCKETS_MAX;
	return inner + links;
}

static void print_tasks(const struct plan *plan, uint32_t executor, FILE *file)
{
	const struct plan_component *component = NULL;
	const struct plan_task *task;
	uint32_t i;

	for (i = 0; i < plan->task_count; i++) {
		task = &plan->tasks[i];
		if (task->executor != executor)
			continue;
		if (component == &plan->components[task->component]) {
			fprintf(file, ",%u", task->index);
			continue;
		}
		if (component != NULL)
			fputs("] ", file);
		component = &plan->components[task->component];
		fprintf(file, "%s[%u", component->id, task->index);
	}
	if (component != NULL)
		fprintf(file, "]%s",
			component->dedicated ? " (dedicated)" : "");
}

/* Adds a cell with what is printed; NULL tells of no memory. */
static int add_printed(struct grid *grid, FILE *stream, char **text)
{
	if (stream == NULL)
		return -ENOMEM;
	if (fclose(stream) != 0)
		return -ENOMEM;
	grid_add(grid, "%s", *text);
	free(*text);
	return 0;
}

static void add_host(const struct plan *plan, struct grid *grid,
		     const struct plan_worker *worker, bool first)
{
	const struct plan_host *host;

	if (plan->host_count == 0)
		return;
	host = &plan->hosts[worker->host];
	grid_add(grid, "%s", first ? host->name : "");
	if (!first)
		grid_add(grid, "%s", "");
	else if (strchr(host->address, ':') != NULL)
		grid_add(grid, "[%s]:%u", host->address,
			 host->port + worker->slot);
	else
		grid_add(grid, "%s:%u", host->address,
			 host->port + worker->slot);
}

static int add_worker(const struct plan *plan, struct grid *grid,
		      uint32_t number)
{
	const struct plan_worker *worker = &plan->workers[number];
	FILE *stream;
	size_t size;
	char *text;
	uint32_t i;
	int r = 0;

	for (i = 0; r == 0 && i < worker->executor_count; i++) {
		if (i == 0)
			grid_add(grid, "%u", number);
		else
			grid_add(grid, "%s", "");
		add_host(plan, grid, worker, i == 0);
		grid_add(grid, "%u", worker->first_executor + i);
		stream = open_memstream(&text, &size);
		if (stream != NULL)
			print_tasks(plan, worker->first_executor + i, stream);
		r = add_printed(grid, stream, &text);
	}
	return r;
}

static int print_workers(const struct plan *plan, FILE *file)
{
	struct grid grid;
	uint32_t i;
	int r = 0;

	grid_init(&grid, plan->host_count > 0 ? "lllll" : "lll");
	grid_add(&grid, "worker");
	if (plan->host_count > 0) {
		grid_add(&grid, "host");
		grid_add(&grid, "port");
	}
	grid_add(&grid, "executor");
	grid_add(&grid, "tasks");
	for (i = 0; r == 0 && i < plan->worker_count; i++)
		r = add_worker(plan, &grid, i);
	if (grid.no_memory)
		r = -ENOMEM;
	if (r == 0)
		grid_print(&grid, file, "");
	grid_fini(&grid);
	return r;
}

static void print_link(const struct plan *plan, uint32_t from, uint32_t to,
		       FILE *file)
{
	const char *lead = "";
	uint32_t e;

	for (e = 0; e < plan->edge_count; e++) {
		if (!chart_passes(plan, &plan->edges[e], from, to))
			continue;
		if (lead[0] == '\0')
			fprintf(file, "%u -> %u: ", from, to);
		fprintf(file, "%s%s -> %s", lead,
			plan->components[plan->edges[e].from].id,
			plan->components[plan->edges[e].to].id);
		lead = ", ";
	}
	if (lead[0] != '\0')
		fputc('\n', file);
}

static void print_links(const struct plan *plan, FILE *file)
{
	uint32_t from;
	uint32_t to;

	fputs("\nbetween workers\n", file);
	for (from = 0; from < plan->worker_count; from++)
		for (to = 0; to < plan->worker_count; to++)
			if (from != to)
				print_link(plan, from, to, file);
}

static void print_sockets(const struct plan *plan, FILE *file)
{
	uint32_t most = 0;
	uint32_t i;

	for (i = 0; i < plan->worker_count; i++)
		if (chart_sockets(plan, i) > chart_sockets(plan, most))
			most = i;
	fprintf(file, "\nsockets: at most %u%s, of 512\n",
		chart_sockets(plan, most),
		plan->worker_count > 1 ? " a process" : "");
}

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

int chart_print(const struct plan *plan, FILE *file)
{
	int r;

	fprintf(file, "%s: %u task%s on %u executor%s of %u worker%s",
		plan->name, plan->task_count, plural(plan->task_count),
		plan->executor_count, plural(plan->executor_count),
		plan->worker_count, plural(plan->worker_count));
	if (plan->host_count > 0)
		fprintf(file, " on %u host%s", plan->host_count,
			plural(plan->host_count));
	fprintf(file, ", plan %016" PRIx64 "\n\n", plan->hash);
	r = print_workers(plan, file);
	if (r < 0)
		return r;
	if (plan->worker_count > 1)
		print_links(plan, file);
	print_sockets(plan, file);
	return 0;
}
