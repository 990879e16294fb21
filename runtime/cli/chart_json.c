/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "cli/chart.h"
#include "cli/jsontext.h"

/* JSON has no numbers of 64 bits that all can read. */
static json_t *hash_json(uint64_t hash)
{
	return json_sprintf("%016" PRIx64, hash);
}

static json_t *components_json(const struct plan *plan)
{
	json_t *list = json_array();
	const struct plan_component *it;
	uint32_t i;

	for (i = 0; i < plan->component_count; i++) {
		it = &plan->components[i];
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:i, s:b, s:b, s:o}", "id",
				  jsontext(it->id), "plugin",
				  jsontext(it->spout != NULL ? it->spout->name
							     : it->bolt->name),
				  "tasks", (int)it->task_count, "dedicated",
				  it->dedicated, "isolate", it->isolate,
				  "plugin_hash", hash_json(it->plugin_hash)));
	}
	return list;
}

static json_t *hosts_json(const struct plan *plan)
{
	json_t *list = json_array();
	const struct plan_host *it;
	uint32_t i;

	for (i = 0; i < plan->host_count; i++) {
		it = &plan->hosts[i];
		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:i, s:i}", "name",
				  jsontext(it->name), "address",
				  jsontext(it->address), "bind",
				  jsontext(it->bind), "port", (int)it->port,
				  "slots", (int)it->slots));
	}
	return list;
}

static json_t *tasks_json(const struct plan *plan, uint32_t executor)
{
	json_t *list = json_array();
	const struct plan_task *it;
	uint32_t i;

	for (i = 0; i < plan->task_count; i++) {
		it = &plan->tasks[i];
		if (it->executor != executor)
			continue;
		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:i}", "task", (int)i,
				  "component",
				  jsontext(plan->components[it->component].id),
				  "index", (int)it->index));
	}
	return list;
}

static json_t *executors_json(const struct plan *plan,
			      const struct plan_worker *worker)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < worker->executor_count; i++)
		json_array_append_new(
			list,
			json_pack(
				"{s:i, s:o}", "executor",
				(int)(worker->first_executor + i), "tasks",
				tasks_json(plan, worker->first_executor + i)));
	return list;
}

static json_t *workers_json(const struct plan *plan)
{
	json_t *list = json_array();
	const struct plan_worker *it;
	json_t *worker;
	uint32_t i;

	for (i = 0; i < plan->worker_count; i++) {
		it = &plan->workers[i];
		worker = json_pack("{s:i, s:i, s:i, s:o}", "worker", (int)i,
				   "slot", (int)it->slot, "sockets",
				   (int)chart_sockets(plan, i), "executors",
				   executors_json(plan, it));
		if (plan->host_count > 0) {
			json_object_set_new(
				worker, "host",
				jsontext(plan->hosts[it->host].name));
			json_object_set_new(
				worker, "port",
				json_integer(plan->hosts[it->host].port +
					     it->slot));
		}
		json_array_append_new(list, worker);
	}
	return list;
}

static json_t *edge_json(const struct plan *plan, const struct plan_edge *edge)
{
	return json_pack("{s:o, s:o, s:o, s:s}", "from",
			 jsontext(plan->components[edge->from].id), "to",
			 jsontext(plan->components[edge->to].id), "stream",
			 jsontext(plan->streams[edge->stream].name), "grouping",
			 plan_grouping_name(edge->grouping));
}

static json_t *links_json(const struct plan *plan)
{
	json_t *list = json_array();
	json_t *streams;
	uint32_t from;
	uint32_t to;
	uint32_t e;

	for (from = 0; from < plan->worker_count; from++)
		for (to = 0; to < plan->worker_count; to++) {
			streams = json_array();
			for (e = 0; from != to && e < plan->edge_count; e++)
				if (chart_passes(plan, &plan->edges[e], from,
						 to))
					json_array_append_new(
						streams,
						edge_json(plan,
							  &plan->edges[e]));
			if (json_array_size(streams) == 0)
				json_decref(streams);
			else
				json_array_append_new(
					list,
					json_pack("{s:i, s:i, s:o}", "from",
						  (int)from, "to", (int)to,
						  "streams", streams));
		}
	return list;
}

json_t *chart_json(const struct plan *plan)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name",
			 jsontext(plan->name), "hash", hash_json(plan->hash),
			 "components", components_json(plan), "hosts",
			 hosts_json(plan), "workers", workers_json(plan),
			 "links", links_json(plan));
}
