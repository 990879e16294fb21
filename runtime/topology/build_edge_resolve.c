/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "plugin/stream.h"
#include "topology/build.h"
#include "topology/value.h"

#define LIST_SIZE 400
#define NAMES_MAX 256

static void report_stream(struct build *build, const struct build_edge *edge)
{
	const struct build_component *from = edge->from;
	const char *names[NAMES_MAX];
	char list[LIST_SIZE] = "";
	const char *nearest;
	size_t used = 0;
	size_t i;

	for (i = 0; i < from->stream_count && i < NAMES_MAX; i++) {
		names[i] = from->streams[i].name;
		if (used < sizeof(list))
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s'%s'",
				i > 0 ? ", " : "one of ", names[i]);
	}
	if (build_window_lacks_late(edge)) {
		diagnostics_error(build->diagnostics, &edge->model->name_place,
				  "the inputs of '%s' have different fields, "
				  "expected equal ones for its stream 'late'",
				  edge->model->from);
		return;
	}
	nearest = suggest_nearest(edge->model->name, names, i);
	if (nearest != NULL)
		snprintf(list, sizeof(list), "'%s'", nearest);
	diagnostics_error(build->diagnostics, &edge->model->name_place,
			  "'%s' has no stream '%.60s', expected %s",
			  edge->model->from, edge->model->name, list);
}

static void report_none(struct build *build, const struct build_edge *edge)
{
	diagnostics_error(build->diagnostics, &edge->model->from_place,
			  "'%s' emits nothing, expected a component that has "
			  "a stream, or 'outputs' in this one",
			  edge->model->from);
}

static void report_field(struct build *build, const struct build_edge *edge,
			 const struct node *key)
{
	const struct gust_column *column = edge->stream->columns;
	const char *nearest = stream_column_near(column, key->text);
	char list[LIST_SIZE] = "another grouping, as it has none";
	size_t used = 0;

	for (; column->name != NULL && used < sizeof(list); column++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s'%s'", used > 0 ? ", " : "one of ",
					 column->name);
	if (nearest != NULL)
		snprintf(list, sizeof(list), "'%s'", nearest);
	diagnostics_error(build->diagnostics, &key->place,
			  "stream '%s' of '%s' has no field '%.60s', expected "
			  "%s",
			  edge->stream->name, edge->model->from, key->text,
			  list);
}

/* Appends one key of a grouping by fields. */
static void add_key(struct build *build, struct build_edge *edge,
		    const struct node *key)
{
	const struct gust_column *column;
	const char *name;
	uint16_t number;
	uint16_t i;

	if (!value_string(key, "args", build->diagnostics, &name))
		return;
	column = stream_column(edge->stream->columns, name);
	if (column == NULL) {
		report_field(build, edge, key);
		return;
	}
	number = (uint16_t)(column - edge->stream->columns);
	for (i = 0; i < edge->key_count; i++) {
		if (edge->keys[i] != number)
			continue;
		diagnostics_error(build->diagnostics, &key->place,
				  "the field '%.60s' stands here again, "
				  "expected it once",
				  name);
		return;
	}
	edge->keys[edge->key_count++] = number;
}

static int resolve_keys(struct build *build, struct build_edge *edge)
{
	const struct node *list = edge->model->keys;
	const struct node_item *item = NULL;
	const struct node *key;

	if (list == NULL)
		return 0;
	/* No field stands twice, so there are no more keys than columns. */
	edge->keys = arena_calloc(
		build->arena, stream_column_count(edge->stream->columns) + 1,
		sizeof(*edge->keys));
	if (edge->keys == NULL)
		return -ENOMEM;
	while ((key = value_next(list, &item)) != NULL)
		add_key(build, edge, key);
	return 0;
}

int build_edge_resolve(struct build *build, struct build_edge *edge)
{
	const struct build_component *from = edge->from;
	uint32_t i = 0;

	if (edge->model->name != NULL)
		while (i < from->stream_count &&
		       strcmp(from->streams[i].name, edge->model->name) != 0)
			i++;
	if (i < from->stream_count) {
		edge->stream = &from->streams[i];
		edge->number = i;
		return resolve_keys(build, edge);
	}
	if (!from->known)
		return 0;
	if (from->stream_count == 0 &&
	    (edge->model->name == NULL || !build_window_lacks_late(edge)))
		report_none(build, edge);
	else
		report_stream(build, edge);
	return 0;
}
