/* SPDX-License-Identifier: MIT */

/*
 * Handles: for each field that a plugin asks for, an array that says for every
 * stream of the plan at which place the field stands there.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "engine/state.h"

static int field_missing(const struct gust_task *task,
			 const struct plan_stream *stream, const char *name,
			 struct gust_error *error)
{
	const char *names[stream->column_count + 1];
	const char *from = task->x->plan->components[stream->component].id;
	const char *nearest;

	for (uint16_t i = 0; i < stream->column_count; i++)
		names[i] = stream->columns[i].name;
	nearest = suggest_nearest(name, names, stream->column_count);
	if (nearest != NULL)
		return gust_error_set(error, -ENOENT,
				      "stream '%s' of '%s' has no field '%s'; "
				      "did you mean '%s'?",
				      stream->name, from, name, nearest);
	return gust_error_set(error, -ENOENT,
			      "stream '%s' of '%s' has no field '%s'",
			      stream->name, from, name);
}

/* Notes the place of the field in one input's stream. */
static int field_enter(const struct gust_task *task, uint32_t edge,
		       const char *name, enum gust_type *type, bool optional,
		       uint16_t *index, struct gust_error *error)
{
	uint32_t number = task->x->plan->edges[edge].stream;
	const struct plan_stream *stream = &task->x->plan->streams[number];
	uint16_t place = plan_stream_place(stream, name);
	enum gust_type found;

	if (place == GUST_ABSENT)
		return optional ? 0 : field_missing(task, stream, name, error);
	found = stream->columns[place].type;
	if (*type != GUST_NULL && found != *type)
		return gust_error_set(error, -EINVAL,
				      "field '%s' of stream '%s' is %s, "
				      "expected %s",
				      name, stream->name, gust_type_name(found),
				      gust_type_name(*type));
	*type = found;
	index[number] = place;
	return 0;
}

static int field_find(struct gust_task *task, const char *name,
		      enum gust_type type, bool optional,
		      struct gust_field *field, struct gust_error *error)
{
	const struct plan *plan = task->x->plan;
	uint16_t *index = malloc((plan->stream_count + 1) * sizeof(*index));
	uint16_t **grown;
	int r;

	grown = realloc(task->indexes,
			(task->index_count + 1) * sizeof(*grown));
	if (grown != NULL)
		task->indexes = grown;
	if (index == NULL || grown == NULL) {
		free(index);
		return gust_error_set(error, -ENOMEM, "out of memory");
	}
	task->indexes[task->index_count++] = index;
	for (uint32_t i = 0; i <= plan->stream_count; i++)
		index[i] = GUST_ABSENT;
	for (uint32_t i = 0; i < task->component->input_count; i++) {
		r = field_enter(task, task->component->inputs[i], name, &type,
				optional, index, error);
		if (r != 0)
			return r;
	}
	field->index = index;
	return 0;
}

int gust_field(struct gust_task *task, const char *name, enum gust_type type,
	       struct gust_field *field, struct gust_error *error)
{
	return field_find(task, name, type, false, field, error);
}

int gust_field_optional(struct gust_task *task, const char *name,
			enum gust_type type, struct gust_field *field,
			struct gust_error *error)
{
	return field_find(task, name, type, true, field, error);
}

static bool field_edge_hashed_by(const struct plan *plan,
				 const struct plan_edge *edge,
				 const char *const *names, size_t count)
{
	const struct plan_stream *stream = &plan->streams[edge->stream];

	if ((edge->grouping != PLAN_FIELDS &&
	     edge->grouping != PLAN_PARTIAL_KEY) ||
	    edge->key_count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(stream->columns[edge->keys[i]].name, names[i]) != 0)
			return false;
	return true;
}

bool gust_hashed_by(const struct gust_task *task, const char *const *names,
		    size_t count)
{
	const struct plan *plan = task->x->plan;

	for (uint32_t i = 0; i < task->component->input_count; i++) {
		uint32_t edge = task->component->inputs[i];

		if (!field_edge_hashed_by(plan, &plan->edges[edge], names,
					  count))
			return false;
	}
	return task->component->input_count > 0;
}
