/* SPDX-License-Identifier: MIT */

/*
 * topology.state.dedupe: whether the identity of a tuple is the same each time
 * that it comes, and it comes to the task that knows it.
 */

#include <errno.h>
#include <stdlib.h>

#include "topology/build.h"

/* What it applies is remembered with what it emitted, and all else that it
 * emits is stored first: so it is as good as a source. */
static bool dedupe_keeps(const struct build_component *component)
{
	return (plugin_flags(component->plugin) & GUST_STATE) != 0 ||
	       component->model->window != NULL;
}

/* `seen` has a flag a component: it was looked at, with all before it. */
static void dedupe_source(struct build *build,
			  const struct build_component *component,
			  const struct build_component *keeper, bool *seen);

static void dedupe_before(struct build *build,
			  const struct build_component *component,
			  const struct build_component *keeper, bool *seen)
{
	for (uint32_t i = 0; i < build->edge_count; i++) {
		const struct build_edge *edge = &build->edges[i];

		if (edge->to == component && edge->from != NULL)
			dedupe_source(build, edge->from, keeper, seen);
	}
}

static void dedupe_source(struct build *build,
			  const struct build_component *component,
			  const struct build_component *keeper, bool *seen)
{
	const struct model_component *model = component->model;
	bool *mark = &seen[component - build->components];

	if (*mark || dedupe_keeps(component))
		return;
	*mark = true;
	if (model->kind == PLAN_SPOUT &&
	    declaration_replay(component->about) != GUST_REPLAY_POSITION)
		diagnostics_error(build->diagnostics, &model->id_place,
				  "'%s' does not replay by position, so "
				  "'topology.state.dedupe' cannot know in '%s' "
				  "what it has emitted before",
				  model->id, keeper->model->id);
	else if (model->kind == PLAN_BOLT &&
		 !(plugin_flags(component->plugin) & GUST_DETERMINISTIC))
		diagnostics_error(build->diagnostics, &model->id_place,
				  "'%s' is not deterministic, so "
				  "'topology.state.dedupe' cannot know in '%s' "
				  "what it has emitted before",
				  model->id, keeper->model->id);
	dedupe_before(build, component, keeper, seen);
}

/* A tuple must come to the task that has applied it. */
static void dedupe_inputs(struct build *build,
			  const struct build_component *keeper)
{
	for (uint32_t i = 0; i < build->edge_count; i++) {
		const struct build_edge *edge = &build->edges[i];
		enum plan_grouping grouping = edge->model->grouping;

		if (edge->to != keeper || keeper->model->tasks == 1 ||
		    grouping == PLAN_FIELDS || grouping == PLAN_GLOBAL ||
		    grouping == PLAN_ALL)
			continue;
		diagnostics_error(
			build->diagnostics,
			edge->model->grouping_place.line > 0
				? &edge->model->grouping_place
				: &edge->model->place,
			"grouped by '%s' a tuple that is emitted again "
			"may come to another task of '%s', expected "
			"'fields', 'global' or 'all' because of "
			"'topology.state.dedupe'",
			plan_grouping_name(grouping), keeper->model->id);
	}
}

int build_dedupe(struct build *build)
{
	const struct config *config = &build->model->config;
	bool *seen;

	if (!config->values.state_dedupe || !config_is_durable(config) ||
	    build->diagnostics->errors > 0)
		return 0;
	seen = calloc(build->component_count + 1, sizeof(*seen));
	if (seen == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < build->component_count; i++) {
		const struct build_component *component = &build->components[i];

		if (!dedupe_keeps(component))
			continue;
		dedupe_inputs(build, component);
		dedupe_before(build, component, component, seen);
	}
	free(seen);
	return 0;
}
