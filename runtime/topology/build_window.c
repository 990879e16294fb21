/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/zone.h"
#include "plugin/stream.h"
#include "topology/build.h"

/* What late tuples are emitted to. */
#define LATE "late"

/* That the zone is known on this machine. */
static int check_zone(struct build *build, const struct model_window *window)
{
	struct gust_error error = { 0 };
	struct zone *zone = NULL;
	int r;

	if (window->spec.zone == NULL)
		return 0;
	r = zone_open(window->spec.zone, &zone, &error);
	zone_close(zone);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		diagnostics_error(build->diagnostics, &window->zone_place, "%s",
				  error.text);
	return 0;
}

int build_window_plugin(struct build *build, struct build_component *component)
{
	const struct model_component *model = component->model;
	const struct gust_bolt *bolt = &component->plugin->bolt;

	if (component->plugin->kind != PLUGIN_BOLT)
		return 0;
	if (model->window != NULL && bolt->windowing == NULL)
		diagnostics_error(build->diagnostics, &model->window->place,
				  "the plugin '%s' has nothing to do with "
				  "windows, expected 'window' left out",
				  plugin_name(component->plugin));
	if (model->window == NULL && bolt->execute == NULL)
		diagnostics_error(build->diagnostics, &model->place,
				  "the plugin '%s' works in windows only, "
				  "expected 'window'",
				  plugin_name(component->plugin));
	if (model->window == NULL ? bolt->execute == NULL
				  : model->window->broken)
		component->ready = false; /* for declare(), which may ask */
	return model->window == NULL ? 0 : check_zone(build, model->window);
}

bool build_window_keys(struct build *build,
		       const struct build_component *component)
{
	const struct model_window *window = component->model->window;
	enum gust_type type;
	bool found = true;

	for (size_t i = 0; i < window->spec.key_count; i++) {
		struct gust_error error = { 0 };

		if (gust_declared_type(component->about, window->spec.keys[i],
				       &type, &error) == 0)
			continue;
		diagnostics_error(build->diagnostics, &window->key_places[i],
				  "%s", error.text);
		found = false;
	}
	return found;
}

/* The columns that all inputs have, or NULL. */
static const struct gust_column *
shared_columns(const struct gust_declaration *about)
{
	const struct gust_column *columns = NULL;

	for (size_t i = 0; i < gust_declared_inputs(about); i++) {
		const struct gust_input *input = gust_declared_input(about, i);

		if (columns == NULL)
			columns = input->columns;
		else if (!stream_same_columns(columns, input->columns))
			return NULL;
	}
	return columns;
}

static bool is_wanted(const struct build *build,
		      const struct build_component *component)
{
	for (uint32_t i = 0; i < build->edge_count; i++)
		if (build->edges[i].from == component &&
		    build->edges[i].model->name != NULL &&
		    strcmp(build->edges[i].model->name, LATE) == 0)
			return true;
	return false;
}

int build_window_late(struct build *build, struct build_component *component)
{
	const struct gust_stream *streams;
	const struct gust_column *columns;
	struct gust_error error = { 0 };
	size_t count;
	int r;

	if (component->model->window == NULL || !is_wanted(build, component))
		return 0;
	streams = declaration_streams(component->about, &count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(streams[i].name, LATE) == 0)
			return 0; /* the plugin's own */
	columns = shared_columns(component->about);
	if (columns == NULL)
		return 0;
	r = declaration_add(component->about, LATE, columns, &error);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		diagnostics_error(build->diagnostics,
				  &component->model->window->place, "%s",
				  error.text);
	else
		component->late = (uint32_t)count;
	return 0;
}

bool build_window_lacks_late(const struct build_edge *edge)
{
	return edge->from->model->window != NULL &&
	       strcmp(edge->model->name, LATE) == 0;
}

/* Whether all tuples of a key come to the same task. */
static bool meets(const struct build_edge *edge,
		  const struct gust_window_spec *spec)
{
	if (edge->model->grouping == PLAN_GLOBAL)
		return true;
	if (edge->model->grouping != PLAN_FIELDS)
		return false;
	for (uint16_t i = 0; i < edge->key_count; i++) {
		const char *name = edge->stream->columns[edge->keys[i]].name;
		size_t j = 0;

		while (j < spec->key_count && strcmp(spec->keys[j], name) != 0)
			j++;
		if (j == spec->key_count)
			return false;
	}
	return true;
}

void build_window_warn(struct build *build,
		       const struct build_component *component)
{
	const struct model_component *model = component->model;

	if (model->window == NULL || model->tasks < 2 ||
	    model->window->spec.key_count == 0)
		return;
	for (uint32_t i = 0; i < build->edge_count; i++) {
		const struct build_edge *edge = &build->edges[i];

		if (edge->to != component || edge->stream == NULL ||
		    meets(edge, &model->window->spec))
			continue;
		diagnostics_warning(build->diagnostics,
				    edge->model->grouping_place.line > 0
					    ? &edge->model->grouping_place
					    : &edge->model->place,
				    "tuples of one key reach several tasks of "
				    "'%s', which has 'window.keys', expected "
				    "the grouping 'fields' by these",
				    model->id);
	}
}
