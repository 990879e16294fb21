/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "topology/build.h"

static bool has_subscriber(const struct build *build,
			   const struct build_component *component,
			   const struct gust_stream *stream)
{
	uint32_t i;

	for (i = 0; i < build->edge_count; i++) {
		if (build->edges[i].from != component)
			continue;
		if (stream == NULL || build->edges[i].stream == stream)
			return true;
	}
	return false;
}

static void warn_unheard(struct build *build,
			 const struct build_component *component)
{
	const struct model_component *model = component->model;
	const struct build_output *output;
	size_t i;

	if (component->stream_count > 0 &&
	    !has_subscriber(build, component, NULL)) {
		diagnostics_warning(build->diagnostics, &model->id_place,
				    "nothing subscribes to '%s', so what it "
				    "emits is dropped, expected a stream with "
				    "'from: %s'",
				    model->id, model->id);
		return;
	}
	/* Plugins may offer more than is wanted; who names one wants it. */
	for (output = component->outputs; output != NULL;
	     output = output->next) {
		for (i = 0; i < component->stream_count; i++)
			if (component->streams[i].columns ==
				    output->stream.columns ||
			    strcmp(component->streams[i].name,
				   output->stream.name) == 0)
				break;
		if (i == component->stream_count ||
		    has_subscriber(build, component, &component->streams[i]))
			continue;
		diagnostics_warning(build->diagnostics, &output->place,
				    "nothing subscribes to stream '%s' of "
				    "'%s', expected a stream with 'name: %s'",
				    output->stream.name, model->id,
				    output->stream.name);
	}
}

/* Names the spouts that lose data, as the summary of a run does. */
static void warn_loss(struct build *build,
		      const struct build_component *component)
{
	const struct model_component *model = component->model;

	if (model->kind != PLAN_SPOUT ||
	    build->model->config.values.acker_executors == 0)
		return;
	if (declaration_replay(component->about) == GUST_REPLAY_NONE)
		diagnostics_warning(build->diagnostics, &model->id_place,
				    "'%s' cannot replay, so what fails is "
				    "lost",
				    model->id);
	if (declaration_replay(component->about) == GUST_REPLAY_RECORD)
		diagnostics_warning(build->diagnostics, &model->id_place,
				    "'%s' replays from memory, so what is in "
				    "flight is lost when the process dies",
				    model->id);
}

/* Whether results are in memory alone. Those of a window are not: its tuples
 * are held until it has been handed over. */
static bool loses_results(const struct build *build,
			  const struct build_component *component)
{
	const uint32_t flags = plugin_flags(component->plugin);

	if (component->model->window != NULL)
		return false;
	return (flags & GUST_MEMORY) != 0 ||
	       ((flags & GUST_STATE) != 0 &&
		!config_is_durable(&build->model->config));
}

static void warn_memory(struct build *build,
			const struct build_component *component)
{
	const struct model_component *model = component->model;

	if (!loses_results(build, component) ||
	    build->model->config.values.state_dir == NULL)
		return;
	diagnostics_warning(build->diagnostics, &model->id_place,
			    "'%s' keeps its results in memory, so a later run "
			    "that goes on by 'topology.state.dir' lacks them",
			    model->id);
}

static void warn_dedicated(struct build *build,
			   const struct build_component *component)
{
	const struct model_component *model = component->model;

	if (!(plugin_flags(component->plugin) & GUST_DEDICATED) ||
	    !model->dedicated_given || model->dedicated)
		return;
	diagnostics_warning(build->diagnostics, &model->dedicated_place,
			    "'%s' blocks, as its plugin says, and holds up "
			    "what shares its executor, expected no 'dedicated: "
			    "false'",
			    model->id);
}

void build_warnings(struct build *build)
{
	const struct build_component *component;
	uint32_t i;

	for (i = 0; i < build->component_count; i++) {
		component = &build->components[i];
		if (component->model->id == NULL || !component->known)
			continue;
		/* Errors may be why nothing subscribes. */
		if (build->diagnostics->errors == 0 &&
		    !component->outputs_in_vain)
			warn_unheard(build, component);
		warn_loss(build, component);
		warn_memory(build, component);
		warn_dedicated(build, component);
		build_window_warn(build, component);
	}
}

static void warn_lost(struct build *build,
		      const struct build_component *component)
{
	const struct model_component *model = component->model;

	if (loses_results(build, component))
		diagnostics_warning(build->diagnostics, &model->id_place,
				    "'%s' keeps its results in memory, so they "
				    "are lost when its worker dies",
				    model->id);
}

static void warn_idle_workers(struct build *build, const struct plan *plan)
{
	const struct place *place =
		config_place(&build->model->config, "topology.workers");
	uint32_t shared = plan->worker_count;
	uint32_t i;

	for (i = 0; i < plan->component_count; i++)
		if (plan->components[i].isolate)
			shared--;
	if (plan->config.workers <= shared || place == NULL)
		return;
	diagnostics_warning(build->diagnostics, place,
			    "there are tasks for %u of %u workers only, "
			    "expected 'parallelism' of %u in some component",
			    shared, plan->config.workers, plan->config.workers);
}

static void warn_idle_hosts(struct build *build, const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->host_count; i++)
		if (plan->hosts[i].worker_count == 0)
			diagnostics_warning(build->diagnostics,
					    &build->hosts->places[i],
					    "no task falls to host '%s', "
					    "expected more 'parallelism', or "
					    "fewer hosts",
					    plan->hosts[i].name);
}

void build_warn_workers(struct build *build, const struct plan *plan)
{
	uint32_t i;

	for (i = 0; plan->worker_count > 1 && i < build->component_count; i++)
		warn_lost(build, &build->components[i]);
	if (plan->host_count > 0)
		warn_idle_hosts(build, plan);
	else
		warn_idle_workers(build, plan);
}
