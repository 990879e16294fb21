/* SPDX-License-Identifier: MIT */

#include "base/stamp.h"
#include "topology/build.h"

#include <errno.h>
#include <string.h>

/* Counts the components and gives them their numbers, spouts first. */
static int number_components(struct build *build)
{
	struct model_component *model;
	uint32_t count = 0;
	int kind;

	for (model = build->model->components; model != NULL;
	     model = model->next)
		count++;
	build->components = arena_calloc(build->arena, (size_t)count + 1,
					 sizeof(*build->components));
	if (build->components == NULL)
		return -ENOMEM;
	for (kind = PLAN_SPOUT; kind <= PLAN_BOLT; kind++) {
		for (model = build->model->components; model != NULL;
		     model = model->next) {
			if (model->kind != (enum plan_kind)kind)
				continue;
			model->number = build->component_count++;
			build->components[model->number].model = model;
			build->components[model->number].late = UINT32_MAX;
		}
	}
	return 0;
}

/* The directory of the file in which `place` is; NULL for the current one. */
static int directory_of(struct build *build, const struct place *place,
			const char **directory)
{
	const char *slash = strrchr(place->file, '/');

	*directory = NULL;
	if (slash == NULL)
		return 0;
	/* A file in the root keeps its slash. */
	*directory = arena_copy(
		build->arena, place->file,
		slash == place->file ? 1 : (size_t)(slash - place->file));
	return *directory == NULL ? -ENOMEM : 0;
}

static int open_plugin(struct build *build, struct build_component *component)
{
	const struct node *name = component->model->plugin;
	struct gust_error error = { 0 };
	const char *directory;
	enum plugin_kind kind;
	int r;

	if (component->model->spout != NULL)
		return plugin_wrap(component->model->spout, &component->plugin);
	if (name == NULL)
		return 0;
	if (directory_of(build, &name->place, &directory) < 0)
		return -ENOMEM;
	kind = component->model->kind == PLAN_SPOUT ? PLUGIN_SPOUT
						    : PLUGIN_BOLT;
	r = plugin_open(kind, name->text, directory, &component->plugin,
			&error);
	if (r == -ENOMEM)
		return r;
	if (r == 0)
		r = plugin_hash(component->plugin, &component->plugin_hash,
				&error);
	if (r < 0)
		diagnostics_error(build->diagnostics, &name->place, "%s",
				  error.text);
	return 0;
}

int build_components(struct build *build)
{
	struct build_component *component;
	uint32_t i;
	int r;

	r = number_components(build);
	for (i = 0; r == 0 && i < build->component_count; i++) {
		component = &build->components[i];
		r = open_plugin(build, component);
		if (r == 0 && component->plugin != NULL)
			r = build_options(build, component);
		if (r == 0 && component->plugin != NULL)
			r = build_window_plugin(build, component);
		if (r == 0)
			r = build_outputs(build, component);
	}
	return r;
}

void build_fini(struct build *build)
{
	uint32_t i;

	/* Streams point into plugins, so they go first. */
	for (i = 0; i < build->component_count; i++) {
		declaration_destroy(build->components[i].about);
		stamp_close(build->components[i].stamp);
	}
	for (i = 0; i < build->component_count; i++)
		plugin_close(build->components[i].plugin);
	build->component_count = 0;
}
