/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "topology/build.h"
#include "topology/cycle.h"

#define NAMES_MAX 1024
#define CYCLES_MAX 10 /* after so many, the rest follows from a mistake */

/* The ids that may stand at one end of a stream. */
static const char *nearest_id(const struct build *build, const char *id,
			      bool bolts_only)
{
	const char *names[NAMES_MAX];
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < build->component_count && count < NAMES_MAX; i++)
		if (!bolts_only ||
		    build->components[i].model->kind == PLAN_BOLT)
			names[count++] = build->components[i].model->id;
	return suggest_nearest(id, names, count);
}

static void report_missing(struct build *build, const char *id,
			   const struct place *place, bool bolts_only)
{
	const char *what = bolts_only ? "bolt" : "spout or bolt";
	const char *nearest;

	if (diagnostics_full(build->diagnostics)) {
		diagnostics_error(build->diagnostics, place, "uncounted");
		return;
	}
	nearest = nearest_id(build, id, bolts_only);
	if (nearest != NULL)
		diagnostics_error(build->diagnostics, place,
				  "no %s is named '%.60s', expected '%s'", what,
				  id, nearest);
	else
		diagnostics_error(build->diagnostics, place,
				  "no %s is named '%.60s', expected the 'id' "
				  "of one",
				  what, id);
}

static struct build_component *find(const struct build *build, const char *id)
{
	struct model_component *model = model_find(build->model, id);

	return model == NULL ? NULL : &build->components[model->number];
}

static void connect(struct build *build, struct build_edge *edge)
{
	struct model_stream *model = edge->model;

	if (model->from != NULL) {
		edge->from = find(build, model->from);
		if (edge->from == NULL)
			report_missing(build, model->from, &model->from_place,
				       false);
	}
	if (model->to == NULL)
		return;
	edge->to = find(build, model->to);
	if (edge->to == NULL) {
		report_missing(build, model->to, &model->to_place, true);
	} else if (edge->to->model->kind == PLAN_SPOUT) {
		diagnostics_error(build->diagnostics, &model->to_place,
				  "'%s' is a spout, which has no input, "
				  "expected a bolt",
				  model->to);
		edge->to = NULL;
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void check_twice(struct build *build, uint32_t number)
{
	const struct build_edge *edge = &build->edges[number];
	const struct build_edge *other;
	uint32_t i;

	if (edge->from == NULL || edge->to == NULL)
		return;
	for (i = 0; i < number; i++) {
		other = &build->edges[i];
		if (other->from != edge->from || other->to != edge->to ||
		    !same_text(other->model->name, edge->model->name))
			continue;
		diagnostics_error(build->diagnostics, &edge->model->place,
				  "this stream from '%s' to '%s' stands here "
				  "again, expected it once; see %s:%d",
				  edge->model->from, edge->model->to,
				  other->model->place.file,
				  other->model->place.line);
		return;
	}
}

/* Writes the ids of a cycle; returns its edge that comes last in the file. */
static struct build_edge *describe_cycle(const struct build *build,
					 const uint32_t *path, int length,
					 char *text, size_t size)
{
	const struct build_component *from;
	const struct build_component *to;
	struct build_edge *last = NULL;
	size_t used = 0;
	uint32_t e;
	int i;

	for (i = 0; i < length; i++) {
		from = &build->components[path[i]];
		if (used < size)
			used += (size_t)snprintf(text + used, size - used,
						 "%s'%s'", i > 0 ? " -> " : "",
						 from->model->id != NULL
							 ? from->model->id
							 : "?");
		if (i + 1 == length)
			break;
		to = &build->components[path[i + 1]];
		for (e = 0; e < build->edge_count; e++)
			if (build->edges[e].from == from &&
			    build->edges[e].to == to &&
			    !build->edges[e].model->feedback &&
			    (last == NULL || last < &build->edges[e]))
				last = &build->edges[e];
	}
	return last;
}

/* The edges that count for ranks. Returns how many. */
static uint32_t list_edges(const struct build *build, struct cycle_edge *edges)
{
	const struct build_edge *edge;
	uint32_t count = 0;
	uint32_t i;

	for (i = 0; i < build->edge_count; i++) {
		edge = &build->edges[i];
		if (edge->from == NULL || edge->to == NULL ||
		    edge->model->feedback)
			continue;
		edges[count].from = edge->from->model->number;
		edges[count++].to = edge->to->model->number;
	}
	return count;
}

/* Reports a cycle, and takes it for feedback from then on. */
static void report_cycle(struct build *build, const uint32_t *path, int length)
{
	struct build_edge *edge;
	char text[512];

	edge = describe_cycle(build, path, length, text, sizeof(text));
	diagnostics_error(build->diagnostics, &edge->model->place,
			  "this stream closes the cycle %.400s, expected "
			  "'feedback: true' on one of its streams",
			  text);
	edge->model->feedback = true;
}

static int find_cycles(struct build *build, struct cycle_edge *edges,
		       uint32_t *path)
{
	uint32_t count;
	int length;
	int i;

	for (i = 0; i < CYCLES_MAX; i++) {
		count = list_edges(build, edges);
		length = cycle_find(edges, count, build->component_count, path);
		if (length <= 0)
			return length;
		report_cycle(build, path, length);
	}
	return -ELOOP;
}

static int set_ranks(struct build *build, const struct cycle_edge *edges,
		     uint32_t count, uint32_t *ranks)
{
	uint32_t i;
	int r;

	r = cycle_ranks(edges, count, build->component_count, ranks);
	for (i = 0; r == 0 && i < build->component_count; i++)
		build->components[i].rank = ranks[i];
	return r;
}

/* A mark that changes nothing is commonly a mistake about the direction. */
static int check_feedback(struct build *build, struct cycle_edge *edges,
			  uint32_t count, uint32_t *path)
{
	const struct build_edge *edge;
	uint32_t i;
	int r;

	for (i = 0; i < build->edge_count; i++) {
		edge = &build->edges[i];
		if (!edge->model->feedback || edge->from == NULL ||
		    edge->to == NULL)
			continue;
		edges[count].from = edge->from->model->number;
		edges[count].to = edge->to->model->number;
		r = cycle_find(edges, count + 1, build->component_count, path);
		if (r < 0)
			return r;
		if (r == 0)
			diagnostics_warning(build->diagnostics,
					    &edge->model->place,
					    "'feedback: true' stands on a "
					    "stream that closes no cycle, "
					    "expected it left out");
	}
	return 0;
}

int build_edges(struct build *build)
{
	struct model_stream *model;
	struct cycle_edge *edges;
	uint32_t *path;
	uint32_t count = 0;
	uint32_t i;
	int r;

	for (model = build->model->streams; model != NULL; model = model->next)
		count++;
	build->edges = arena_calloc(build->arena, (size_t)count + 1,
				    sizeof(*build->edges));
	edges = arena_calloc(build->arena, (size_t)count + 1, sizeof(*edges));
	path = arena_calloc(build->arena, (size_t)build->component_count + 2,
			    sizeof(*path));
	if (build->edges == NULL || edges == NULL || path == NULL)
		return -ENOMEM;
	for (model = build->model->streams; model != NULL; model = model->next)
		build->edges[build->edge_count++].model = model;
	for (i = 0; i < build->edge_count; i++) {
		connect(build, &build->edges[i]);
		check_twice(build, i);
	}
	r = find_cycles(build, edges, path);
	count = list_edges(build, edges);
	if (r == 0)
		r = set_ranks(build, edges, count, path);
	if (r == 0)
		r = check_feedback(build, edges, count, path);
	return r;
}
