/* SPDX-License-Identifier: MIT */

#include "topology/topology.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "topology/build.h"
#include "topology/model.h"
#include "topology/yaml.h"

struct topology {
	struct arena arena;
	struct option_memory memory;
	struct model model;
	struct hosts hosts;
	struct build build;
	struct plan plan;
};

/* A scalar of the command line, as if it stood unquoted in a file. */
static struct node text_node(const char *text, struct place place)
{
	struct node node = { .kind = NODE_SCALAR,
			     .place = place,
			     .text = text,
			     .length = strlen(text),
			     .size = 1,
			     .height = 1 };

	return node;
}

/*
 * Applies --set. Values that are borrowed by the configuration are copied,
 * because the request is gone when the plan is used.
 */
static int apply_settings(struct topology *topology,
			  const struct topology_request *request,
			  struct diagnostics *diagnostics)
{
	const struct variable *setting;
	struct node value;
	struct node key;
	char *text;
	size_t i;

	for (i = 0; i < request->setting_count; i++) {
		struct place place = { .file = "--set" };

		setting = &request->settings[i];
		if (setting->option != NULL)
			place.file = setting->option;
		text = arena_string(&topology->arena, setting->value);
		if (text == NULL)
			return -ENOMEM;
		key = text_node(setting->name, place);
		value = text_node(text, place);
		config_set(&topology->model.config, &key, &value, false,
			   diagnostics);
	}
	return 0;
}

/* What a topology must have at all. */
static void check_whole(const struct topology *topology, const char *path,
			struct diagnostics *diagnostics)
{
	struct place place = { .file = path, .line = 1, .column = 1 };

	if (topology->model.name == NULL &&
	    topology->model.name_place.line == 0)
		diagnostics_error(diagnostics, &place,
				  "the topology has no 'name', expected one");
	if (!topology->model.names_spouts)
		diagnostics_error(diagnostics, &place,
				  "the topology has no spout, expected one at "
				  "least");
}

/* A component's own timeout is bounded by that of the topology. */
static void check_timeouts(const struct model *model,
			   struct diagnostics *diagnostics)
{
	static const char key[] = "topology.message.timeout.secs";
	uint64_t most = model->config.values.message_timeout_max;
	const struct model_component *component;

	for (component = model->components; component != NULL;
	     component = component->next)
		if (config_place(&component->config, key) != NULL &&
		    component->config.values.message_timeout > most)
			diagnostics_error(
				diagnostics,
				config_place(&component->config, key),
				"'%s' is above 'topology.message.timeout.max."
				"secs', expected at most %.15g",
				key, (double)most / 1e9);
}

/* Everything from the model to the plan. */
static int build_all(struct topology *topology, struct diagnostics *diagnostics)
{
	struct build *build = &topology->build;
	struct gust_error error = { 0 };
	int r;

	build->arena = &topology->arena;
	build->diagnostics = diagnostics;
	build->memory = &topology->memory;
	build->model = &topology->model;
	if (topology->hosts.count > 0)
		build->hosts = &topology->hosts;
	r = build_components(build);
	if (r == 0)
		r = build_edges(build);
	if (r == 0)
		r = build_declarations(build);
	if (r == 0)
		r = build_hosts(build);
	if (r == 0)
		r = build_dedupe(build);
	if (r < 0)
		return r;
	build_placement(build);
	build_warnings(build);
	if (diagnostics->errors > 0)
		return -EINVAL;
	r = build_plan(build, &topology->plan);
	if (r == 0)
		r = plan_derive(&topology->plan, &error);
	if (r < 0 && r != -ENOMEM)
		diagnostics_error(diagnostics, &topology->model.name_place,
				  "%s", error.text);
	if (r < 0)
		return r;
	build_warn_workers(build, &topology->plan);
	hosts_check_ports(&topology->hosts, &topology->plan, diagnostics);
	return diagnostics->errors > 0 ? -EINVAL : 0;
}

static int load(struct topology *topology,
		const struct topology_request *request,
		struct diagnostics *diagnostics)
{
	struct yaml yaml;
	int r;

	yaml_init(&yaml, &topology->arena, diagnostics, &request->variables);
	if (request->read != NULL)
		r = request->read(request->self, &yaml, &topology->model);
	else
		r = model_load(&yaml, request->path, &topology->model);
	if (r == 0 && request->change != NULL)
		r = request->change(request->self, &yaml, &topology->model);
	if (r < 0)
		return r;
	/* What else is wrong is said, too. */
	if (request->hosts != NULL &&
	    hosts_load(&yaml, request->hosts, &topology->hosts) == -ENOMEM)
		return -ENOMEM;
	r = apply_settings(topology, request, diagnostics);
	if (r < 0)
		return r;
	config_check(&topology->model.config, diagnostics);
	check_timeouts(&topology->model, diagnostics);
	check_whole(topology, request->path, diagnostics);
	return build_all(topology, diagnostics);
}

int topology_load(const struct topology_request *request,
		  struct diagnostics *diagnostics, struct topology **topology)
{
	struct topology *made;
	int r;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	arena_init(&made->arena, 0);
	r = load(made, request, diagnostics);
	diagnostics_sort(diagnostics);
	if (diagnostics->no_memory)
		r = -ENOMEM;
	if (r == 0) {
		*topology = made;
		return 0;
	}
	topology_destroy(made);
	return r == -ENOMEM ? r : -EINVAL;
}

const struct plan *topology_plan(const struct topology *topology)
{
	return &topology->plan;
}

void topology_destroy(struct topology *topology)
{
	if (topology == NULL)
		return;
	plan_fini_derived(&topology->plan);
	build_fini(&topology->build);
	option_memory_fini(&topology->memory);
	arena_fini(&topology->arena);
	free(topology);
}
