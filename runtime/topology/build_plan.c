/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "topology/build.h"

/* The file for dead letters, if none is named. */
static const char *default_letters(struct build *build)
{
	const char *directory = build->model->config.values.state_dir;

	if (directory == NULL)
		return arena_printf(build->arena, "%s.dead-letters.jsonl",
				    build->model->name);
	return arena_printf(build->arena, "%s/%s.dead-letters.jsonl", directory,
			    build->model->name);
}

static int fill_config(struct build *build, struct plan_config *config)
{
	const struct config_values *values = &build->model->config.values;

	config->executors = build_executors(build);
	config->workers = (uint32_t)values->workers;
	config->worker_timeout_ns = values->worker_timeout;
	config->max_spout_pending = values->max_spout_pending;
	config->message_timeout_ns = values->message_timeout;
	config->message_timeout_max_ns = values->message_timeout_max;
	config->replay_max_attempts = (uint32_t)values->replay_max_attempts;
	config->replay_backoff_ns = values->replay_backoff;
	config->replay_hold_ns = values->replay_hold;
	config->retry_max_ns = values->retry_max;
	config->memory_max_bytes = values->memory_max;
	config->tuple_max_bytes = values->tuple_max;
	config->credit_bytes = values->credit;
	config->drain_timeout_ns = values->drain_timeout;
	config->state_commit_ns = values->state_commit;
	config->state_memory_max_bytes = values->state_memory_max;
	config->state_commit_tuples = values->state_commit_tuples;
	config->state_dir = values->state_dir;
	if (config_is_durable(&build->model->config)) {
		config->state_provider = values->state_provider;
		config->state_dedupe = values->state_dedupe != 0;
	}
	config->acking = values->acker_executors > 0;
	config->dead_letters = values->dead_letters;
	if (config->dead_letters == NULL)
		config->dead_letters = default_letters(build);
	return config->dead_letters == NULL ? -ENOMEM : 0;
}

static void fill_component(struct build *build,
			   const struct build_component *from,
			   struct plan_component *to)
{
	const struct model_component *model = from->model;
	struct config config = build->model->config;

	config_merge(&config, &model->config, true);
	to->id = model->id;
	to->kind = model->kind;
	to->spout = model->kind == PLAN_SPOUT ? &from->plugin->spout : NULL;
	to->bolt = model->kind == PLAN_BOLT ? &from->plugin->bolt : NULL;
	to->flags = plugin_flags(from->plugin);
	to->dedicated = build_is_dedicated(from);
	to->replay = declaration_replay(from->about);
	to->executor = model->executor;
	to->isolate = model->isolate;
	to->hosts = from->hosts;
	to->host_count = from->host_count;
	to->plugin_hash = from->plugin_hash;
	to->options_hash = from->options_hash;
	to->instance = from->instance;
	to->instance_size = plugin_instance_size(from->plugin);
	to->window = model->window == NULL ? NULL : &model->window->spec;
	to->late = from->late;
	to->tick_ns = config.values.tick;
	to->max_spout_pending = config.values.max_spout_pending;
	to->message_timeout_ns = config.values.message_timeout;
	to->first_stream = from->first_stream;
	to->stream_count = (uint32_t)from->stream_count;
	to->task_count = model->tasks;
}

static int fill_components(struct build *build, struct plan *plan)
{
	uint32_t i;

	plan->components = arena_calloc(build->arena, build->component_count,
					sizeof(*plan->components));
	if (plan->components == NULL)
		return -ENOMEM;
	plan->component_count = build->component_count;
	for (i = 0; i < build->component_count; i++) {
		build->components[i].first_stream = plan->stream_count;
		plan->stream_count +=
			(uint32_t)build->components[i].stream_count;
		fill_component(build, &build->components[i],
			       &plan->components[i]);
		if (build_timestamp_plan(build, &build->components[i],
					 &plan->components[i]) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int fill_streams(struct build *build, struct plan *plan)
{
	const struct build_component *component;
	struct plan_stream *stream;
	uint32_t i;
	size_t s;

	plan->streams = arena_calloc(build->arena, plan->stream_count + 1,
				     sizeof(*plan->streams));
	if (plan->streams == NULL)
		return -ENOMEM;
	stream = plan->streams;
	for (i = 0; i < build->component_count; i++) {
		component = &build->components[i];
		for (s = 0; s < component->stream_count; s++, stream++) {
			stream->name = component->streams[s].name;
			stream->columns = component->streams[s].columns;
			stream->component = i;
		}
	}
	return 0;
}

static int fill_edges(struct build *build, struct plan *plan)
{
	const struct build_edge *from;
	struct plan_edge *to;
	uint32_t i;

	plan->edges = arena_calloc(build->arena, build->edge_count + 1,
				   sizeof(*plan->edges));
	if (plan->edges == NULL)
		return -ENOMEM;
	plan->edge_count = build->edge_count;
	for (i = 0; i < build->edge_count; i++) {
		from = &build->edges[i];
		to = &plan->edges[i];
		assert(from->stream != NULL && from->to != NULL);
		to->stream = from->from->first_stream + from->number;
		to->from = from->from->model->number;
		to->to = from->to->model->number;
		to->grouping = from->model->grouping;
		to->keys = from->keys;
		to->key_count = from->key_count;
		to->feedback = from->model->feedback;
	}
	return 0;
}

int build_plan(struct build *build, struct plan *plan)
{
	int r;

	memset(plan, 0, sizeof(*plan));
	plan->name = build->model->name;
	if (build->hosts != NULL) {
		plan->hosts = build->hosts->items;
		plan->host_count = build->hosts->count;
	}
	r = fill_config(build, &plan->config);
	if (r == 0)
		r = fill_components(build, plan);
	if (r == 0)
		r = fill_streams(build, plan);
	if (r == 0)
		r = fill_edges(build, plan);
	return r;
}
