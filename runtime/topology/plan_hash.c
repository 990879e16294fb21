/* SPDX-License-Identifier: MIT */

#include "topology/plan_hash.h"

#include "base/hash.h"

static uint64_t hash_config(const struct plan_config *config, uint64_t hash)
{
	const uint64_t numbers[] = {
		config->executors,
		config->worker_timeout_ns,
		config->max_spout_pending,
		config->message_timeout_ns,
		config->message_timeout_max_ns,
		config->replay_max_attempts,
		config->replay_backoff_ns,
		config->replay_hold_ns,
		config->retry_max_ns,
		config->memory_max_bytes,
		config->tuple_max_bytes,
		config->credit_bytes,
		config->drain_timeout_ns,
		config->state_commit_ns,
		config->state_memory_max_bytes,
		config->state_commit_tuples,
		config->state_provider != NULL,
		config->state_dedupe,
		config->acking,
	};

	return hash_bytes_from(numbers, sizeof(numbers), hash);
}

static const char *plugin_name_of(const struct plan_component *component)
{
	if (component->spout != NULL)
		return component->spout->name;
	return component->bolt != NULL ? component->bolt->name : NULL;
}

static uint64_t hash_window(const struct gust_window_spec *window,
			    uint64_t hash)
{
	const int64_t numbers[] = {
		window->type,   window->length,
		window->slide,  window->gap,
		window->offset, window->lateness,
		window->early,  (int64_t)window->key_count
	};

	hash = hash_bytes_from(numbers, sizeof(numbers), hash);
	hash = hash_text_from(window->zone, hash);
	for (size_t i = 0; i < window->key_count; i++)
		hash = hash_text_from(window->keys[i], hash);
	return hash;
}

static uint64_t hash_timestamp(const struct plan_timestamp *timestamp,
			       uint64_t hash)
{
	if (timestamp == NULL)
		return hash;
	hash = hash_text_from(timestamp->field, hash);
	hash = hash_text_from(timestamp->format, hash);
	hash = hash_text_from(timestamp->zone, hash);
	hash = hash_number_from((uint64_t)timestamp->lag_ns, hash);
	return hash_number_from(timestamp->idle_ns, hash);
}

static uint64_t hash_component(const struct plan_component *component,
			       uint64_t hash)
{
	const uint64_t numbers[] = {
		component->kind,
		component->flags,
		component->dedicated,
		component->replay,
		component->tick_ns,
		component->max_spout_pending,
		component->message_timeout_ns,
		component->first_stream,
		component->stream_count,
		component->task_count,
		component->options_hash,
	};

	hash = hash_text_from(component->id, hash);
	hash = hash_text_from(plugin_name_of(component), hash);
	if (component->window != NULL)
		hash = hash_window(component->window, hash);
	hash = hash_timestamp(component->timestamp, hash);
	return hash_bytes_from(numbers, sizeof(numbers), hash);
}

static uint64_t hash_stream(const struct plan_stream *stream, uint64_t hash)
{
	uint32_t i;

	hash = hash_text_from(stream->name, hash);
	hash = hash_number_from(stream->column_count, hash);
	for (i = 0; i < stream->column_count; i++) {
		hash = hash_text_from(stream->columns[i].name, hash);
		hash = hash_number_from((uint64_t)stream->columns[i].type,
					hash);
	}
	return hash;
}

static uint64_t hash_edge(const struct plan_edge *edge, uint64_t hash)
{
	const uint64_t numbers[] = { edge->stream,   edge->from,
				     edge->to,       edge->grouping,
				     edge->input,    edge->feedback,
				     edge->key_count };

	hash = hash_bytes_from(numbers, sizeof(numbers), hash);
	return hash_bytes_from(edge->keys, edge->key_count * sizeof(uint16_t),
			       hash);
}

static uint64_t hash_placement(const struct plan *plan, uint64_t hash)
{
	uint32_t i;

	for (i = 0; i < plan->host_count; i++)
		hash = hash_text_from(plan->hosts[i].name, hash);
	for (i = 0; i < plan->worker_count; i++) {
		hash = hash_number_from(plan->workers[i].host, hash);
		hash = hash_number_from(plan->workers[i].slot, hash);
		hash = hash_number_from(plan->workers[i].executor_count, hash);
	}
	for (i = 0; i < plan->task_count; i++)
		hash = hash_number_from(plan->tasks[i].executor, hash);
	return hash;
}

uint64_t plan_hash(const struct plan *plan)
{
	const uint32_t counts[] = { plan->component_count, plan->stream_count,
				    plan->edge_count,      plan->task_count,
				    plan->worker_count,    plan->host_count };
	uint64_t hash = hash_bytes(counts, sizeof(counts));
	uint32_t i;

	hash = hash_text_from(plan->name, hash);
	hash = hash_config(&plan->config, hash);
	for (i = 0; i < plan->component_count; i++)
		hash = hash_component(&plan->components[i], hash);
	for (i = 0; i < plan->stream_count; i++)
		hash = hash_stream(&plan->streams[i], hash);
	for (i = 0; i < plan->edge_count; i++)
		hash = hash_edge(&plan->edges[i], hash);
	return hash_placement(plan, hash);
}
