/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/stamp.h"
#include "base/suggest.h"
#include "plugin/stream.h"
#include "topology/build.h"

#define NAMES_MAX 64

/* The nearest name of a field of any stream, or NULL. */
static const char *nearest_field(const struct build_component *component,
				 const char *name)
{
	const char *names[NAMES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < component->stream_count; i++) {
		const struct gust_column *c = component->streams[i].columns;

		for (; c->name != NULL && count < NAMES_MAX; c++)
			names[count++] = c->name;
	}
	return suggest_nearest(name, names, count);
}

/* The type that the field has in what a spout emits; streams without it have
 * no event time. */
static bool find_emitted(struct build *build,
			 const struct build_component *component,
			 enum gust_type *type)
{
	const struct model_timestamp *timestamp = component->model->timestamp;
	const struct place *place = &timestamp->field_place;
	const char *nearest;
	bool found = false;

	for (size_t i = 0; i < component->stream_count; i++) {
		const struct gust_column *column = stream_column(
			component->streams[i].columns, timestamp->field);

		if (column == NULL)
			continue;
		if (found && column->type != *type) {
			diagnostics_error(build->diagnostics, place,
					  "field '%.60s' is %s in one stream "
					  "and %s in another, expected one "
					  "type",
					  timestamp->field,
					  gust_type_name(*type),
					  gust_type_name(column->type));
			return false;
		}
		*type = column->type;
		found = true;
	}
	if (found)
		return true;
	nearest = nearest_field(component, timestamp->field);
	diagnostics_error(build->diagnostics, place,
			  nearest != NULL ? "'%s' emits no field '%.60s', "
					    "expected '%s'"
					  : "'%s' emits no field '%.60s', "
					    "expected one that it has",
			  component->model->id, timestamp->field, nearest);
	return false;
}

/* The type that it has in all inputs of a bolt. */
static bool find_received(struct build *build,
			  const struct build_component *component,
			  enum gust_type *type)
{
	const struct model_timestamp *timestamp = component->model->timestamp;
	struct gust_error error = { 0 };

	if (gust_declared_type(component->about, timestamp->field, type,
			       &error) == 0)
		return true;
	diagnostics_error(build->diagnostics, &timestamp->field_place, "%s",
			  error.text);
	return false;
}

/* 0, also after mistakes, or -ENOMEM. */
static int open_stamp(struct build *build, struct build_component *component,
		      enum gust_type type)
{
	const struct model_timestamp *timestamp = component->model->timestamp;
	const struct place *place = &timestamp->field_place;
	struct gust_error error = { 0 };
	struct stamp *stamp;
	int r;

	if (timestamp->format != NULL)
		place = &timestamp->format_place;
	r = stamp_open(timestamp->format, type, NULL, &stamp, &error);
	if (r == 0 && timestamp->zone != NULL) {
		stamp_close(stamp);
		place = &timestamp->zone_place;
		r = stamp_open(timestamp->format, type, timestamp->zone, &stamp,
			       &error);
	}
	if (r == 0)
		component->stamp = stamp;
	else if (r != -ENOMEM)
		diagnostics_error(build->diagnostics, place, "%s", error.text);
	return r == -ENOMEM ? r : 0;
}

int build_timestamp(struct build *build, struct build_component *component)
{
	const struct model_component *model = component->model;
	enum gust_type type = GUST_NULL;
	bool found;

	if (model->timestamp == NULL || model->timestamp->broken)
		return 0;
	found = model->kind == PLAN_SPOUT
			? find_emitted(build, component, &type)
			: find_received(build, component, &type);
	return found ? open_stamp(build, component, type) : 0;
}

int build_timestamp_plan(struct build *build,
			 const struct build_component *from,
			 struct plan_component *to)
{
	const struct model_timestamp *timestamp = from->model->timestamp;
	struct plan_timestamp *made;

	to->timestamp = NULL;
	if (timestamp == NULL)
		return 0;
	made = arena_calloc(build->arena, 1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	made->field = timestamp->field;
	made->format = timestamp->format;
	made->zone = timestamp->zone;
	made->stamp = from->stamp;
	made->lag_ns = (int64_t)timestamp->lag_ns;
	made->idle_ns = timestamp->idle_ns;
	to->timestamp = made;
	return 0;
}
