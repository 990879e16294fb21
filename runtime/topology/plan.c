/* SPDX-License-Identifier: MIT */

#include "topology/plan.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/cycle.h"
#include "topology/placement.h"
#include "topology/plan_hash.h"

#define NUMBER_MAX 65535u

static const char *const grouping_names[] = {
	[PLAN_SHUFFLE] = "shuffle",
	[PLAN_LOCAL_OR_SHUFFLE] = "local_or_shuffle",
	[PLAN_FIELDS] = "fields",
	[PLAN_PARTIAL_KEY] = "partial_key",
	[PLAN_ALL] = "all",
	[PLAN_GLOBAL] = "global",
	[PLAN_NONE] = "none",
	[PLAN_DIRECT] = "direct",
};

uint16_t plan_stream_place(const struct plan_stream *stream, const char *name)
{
	for (uint16_t i = 0; i < stream->column_count; i++)
		if (strcmp(stream->columns[i].name, name) == 0)
			return i;
	return GUST_ABSENT;
}

const char *plan_grouping_name(enum plan_grouping grouping)
{
	assert((size_t)grouping <
	       sizeof(grouping_names) / sizeof(grouping_names[0]));
	return grouping_names[grouping];
}

static int no_memory(struct gust_error *error)
{
	return gust_error_set(error, -ENOMEM, "out of memory");
}

static int check_numbers(struct plan *plan, struct gust_error *error)
{
	uint64_t tasks = 0;
	uint32_t columns;
	uint32_t i;

	for (i = 0; i < plan->component_count; i++)
		tasks += plan->components[i].task_count;
	if (tasks > NUMBER_MAX)
		return gust_error_set(error, -E2BIG,
				      "there are %llu tasks, expected at most "
				      "%u",
				      (unsigned long long)tasks, NUMBER_MAX);
	if (plan->stream_count > NUMBER_MAX)
		return gust_error_set(error, -E2BIG,
				      "there are %u streams, expected at most "
				      "%u",
				      plan->stream_count, NUMBER_MAX);
	for (i = 0; i < plan->stream_count; i++) {
		columns = 0;
		while (plan->streams[i].columns[columns].name != NULL)
			columns++;
		if (columns >= GUST_ABSENT)
			return gust_error_set(error, -E2BIG,
					      "stream '%s' has %u fields, "
					      "expected at most %u",
					      plan->streams[i].name, columns,
					      GUST_ABSENT - 1u);
		plan->streams[i].column_count = (uint16_t)columns;
	}
	return 0;
}

static void print_cycle(const struct plan *plan, const uint32_t *path,
			int length, char *text, size_t size)
{
	size_t used = 0;
	int i;

	text[0] = '\0';
	for (i = 0; i < length && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i > 0 ? " -> " : "",
					 plan->components[path[i]].id);
}

static int refuse_cycle(const struct plan *plan, const struct cycle_edge *edges,
			uint32_t count, struct gust_error *error)
{
	uint32_t *path;
	char text[256];
	int length;

	path = calloc(plan->component_count + 1, sizeof(*path));
	if (path == NULL)
		return no_memory(error);
	length = cycle_find(edges, count, plan->component_count, path);
	if (length < 0) {
		free(path);
		return no_memory(error);
	}
	print_cycle(plan, path, length, text, sizeof(text));
	free(path);
	return gust_error_set(error, -ELOOP,
			      "%s is a cycle, expected 'feedback: true' on one "
			      "of its streams",
			      text);
}

static int derive_ranks(struct plan *plan, struct gust_error *error)
{
	size_t edges_size = (plan->edge_count + 1) * sizeof(struct cycle_edge);
	struct cycle_edge *edges = malloc(edges_size);
	uint32_t *ranks = calloc(plan->component_count + 1, sizeof(*ranks));
	uint32_t count = 0;
	uint32_t i;
	int r = -ENOMEM;

	if (edges == NULL || ranks == NULL)
		goto out;
	for (i = 0; i < plan->edge_count; i++) {
		if (plan->edges[i].feedback)
			continue;
		edges[count].from = plan->edges[i].from;
		edges[count++].to = plan->edges[i].to;
	}
	r = cycle_ranks(edges, count, plan->component_count, ranks);
	if (r == -ELOOP)
		r = refuse_cycle(plan, edges, count, error);
	plan->rank_count = 0;
	for (i = 0; r == 0 && i < plan->component_count; i++) {
		plan->components[i].rank = ranks[i];
		if (ranks[i] >= plan->rank_count)
			plan->rank_count = ranks[i] + 1;
	}
out:
	free(edges);
	free(ranks);
	return r == -ENOMEM ? no_memory(error) : r;
}

/*
 * The lists of all components lie in one block, those of the first component
 * at its start; with streams it is the same.
 */
static int derive_inputs(struct plan *plan, struct gust_error *error)
{
	uint32_t *inputs = calloc(plan->edge_count + 1, sizeof(*inputs));
	struct gust_input *views = calloc(plan->edge_count + 1, sizeof(*views));
	struct plan_component *component;
	struct plan_stream *stream;
	struct plan_edge *edge;
	uint32_t used = 0;
	uint32_t c;
	uint32_t e;

	if (inputs == NULL || views == NULL || plan->component_count == 0) {
		free(inputs);
		free(views);
		return plan->component_count == 0 ? 0 : no_memory(error);
	}
	for (c = 0; c < plan->component_count; c++) {
		component = &plan->components[c];
		component->inputs = inputs + used;
		component->input_views = views + used;
		component->input_count = 0;
		for (e = 0; e < plan->edge_count; e++) {
			edge = &plan->edges[e];
			if (edge->to != c)
				continue;
			stream = &plan->streams[edge->stream];
			views[used].component = plan->components[edge->from].id;
			views[used].stream = stream->name;
			views[used].columns = stream->columns;
			inputs[used++] = e;
			edge->input = component->input_count++;
		}
	}
	return 0;
}

static int derive_outputs(struct plan *plan, struct gust_error *error)
{
	struct gust_stream *views;
	struct plan_component *component;
	uint32_t s;
	uint32_t c;

	if (plan->component_count == 0)
		return 0;
	views = calloc(plan->stream_count + 1, sizeof(*views));
	if (views == NULL)
		return no_memory(error);
	for (s = 0; s < plan->stream_count; s++) {
		views[s].name = plan->streams[s].name;
		views[s].columns = plan->streams[s].columns;
	}
	plan->output_views = views;
	for (c = 0; c < plan->component_count; c++) {
		component = &plan->components[c];
		component->output_views = views + component->first_stream;
	}
	return 0;
}

static int derive_subscribers(struct plan *plan, struct gust_error *error)
{
	uint32_t *edges;
	uint32_t used = 0;
	uint32_t s;
	uint32_t e;

	if (plan->stream_count == 0)
		return 0;
	edges = calloc(plan->edge_count + 1, sizeof(*edges));
	if (edges == NULL)
		return no_memory(error);
	for (s = 0; s < plan->stream_count; s++) {
		plan->streams[s].edges = edges + used;
		plan->streams[s].edge_count = 0;
		for (e = 0; e < plan->edge_count; e++) {
			if (plan->edges[e].stream != s)
				continue;
			edges[used++] = e;
			plan->streams[s].edge_count++;
		}
	}
	return 0;
}

/* Event time goes along all edges, round a loop, too. */
static void derive_times(struct plan *plan)
{
	bool more = true;
	uint32_t i;

	for (i = 0; i < plan->component_count; i++)
		plan->components[i].timed =
			plan->components[i].timestamp != NULL;
	while (more) {
		more = false;
		for (i = 0; i < plan->edge_count; i++) {
			const struct plan_edge *edge = &plan->edges[i];

			if (!plan->components[edge->from].timed ||
			    plan->components[edge->to].timed)
				continue;
			plan->components[edge->to].timed = true;
			more = true;
		}
	}
}

static int derive_tasks(struct plan *plan, struct gust_error *error)
{
	struct plan_component *component;
	uint32_t count = 0;
	uint32_t c;
	uint32_t i;

	for (c = 0; c < plan->component_count; c++)
		count += plan->components[c].task_count;
	plan->tasks = calloc(count + 1, sizeof(*plan->tasks));
	if (plan->tasks == NULL)
		return no_memory(error);
	plan->task_count = 0;
	for (c = 0; c < plan->component_count; c++) {
		component = &plan->components[c];
		component->first_task = plan->task_count;
		for (i = 0; i < component->task_count; i++) {
			plan->tasks[plan->task_count].component = c;
			plan->tasks[plan->task_count++].index = i;
		}
	}
	return placement_derive(plan, error);
}

int plan_derive(struct plan *plan, struct gust_error *error)
{
	int r;

	assert(plan->config.executors > 0);
	plan->tasks = NULL;
	plan->workers = NULL;
	plan->worker_of = NULL;
	if (plan->component_count > 0) {
		plan->components[0].inputs = NULL;
		plan->components[0].input_views = NULL;
	}
	if (plan->stream_count > 0)
		plan->streams[0].edges = NULL;
	plan->output_views = NULL;
	r = check_numbers(plan, error);
	if (r == 0)
		r = derive_ranks(plan, error);
	if (r == 0)
		r = derive_inputs(plan, error);
	if (r == 0)
		r = derive_outputs(plan, error);
	if (r == 0)
		r = derive_subscribers(plan, error);
	if (r == 0)
		derive_times(plan);
	if (r == 0)
		r = derive_tasks(plan, error);
	if (r < 0)
		plan_fini_derived(plan);
	else
		plan->hash = plan_hash(plan);
	return r;
}

void plan_fini_derived(struct plan *plan)
{
	if (plan->components != NULL && plan->component_count > 0) {
		free((void *)plan->components[0].inputs);
		free((void *)plan->components[0].input_views);
		plan->components[0].inputs = NULL;
		plan->components[0].input_views = NULL;
	}
	if (plan->streams != NULL && plan->stream_count > 0) {
		free((void *)plan->streams[0].edges);
		plan->streams[0].edges = NULL;
	}
	free(plan->output_views);
	plan->output_views = NULL;
	free(plan->tasks);
	plan->tasks = NULL;
	free(plan->workers);
	plan->workers = NULL;
	free(plan->worker_of);
	plan->worker_of = NULL;
}
