/* SPDX-License-Identifier: MIT */
#include "cli/shown.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/jsontext.h"
#include "cli/moment.h"
#include "cli/snapshot.h"
#include "cli/state.h"
#include "engine/count.h"
#include "gust_config.h"

static json_t *since(uint64_t time_ns)
{
	uint64_t now = clock_now_ns();

	return time_ns == 0 ? json_null()
			    : jsontext_count(now > time_ns ? now - time_ns : 0);
}

static const char *worker_state(uint32_t state)
{
	switch ((enum board_state)state) {
	case BOARD_AWAY:
		return "away";
	case BOARD_OPENING:
		return "opening";
	case BOARD_OPENED:
		return "opened";
	case BOARD_RUNNING:
		return "running";
	case BOARD_DONE:
		return "done";
	case BOARD_LEFT:
		return "left";
	case BOARD_DEAD:
		return "dead";
	}
	return "unknown";
}

static json_t *link_json(const struct board_link *link, uint32_t peer)
{
	return json_pack("{s:i, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "peer",
			 (int)peer, "up", link->up != 0, "met", link->met != 0,
			 "silent_ns", since(link->silent_since_ns),
			 "kept_frames", jsontext_count(link->kept_frames),
			 "kept_bytes", jsontext_count(link->kept_bytes),
			 "repeats", jsontext_count(link->repeats), "drops",
			 jsontext_count(link->drops));
}

static json_t *links_json(const struct board *board, uint32_t worker)
{
	const struct board_link *links =
		&board->links[(size_t)worker * board->worker_count];
	json_t *json = json_array();
	uint32_t i;

	for (i = 0; i < board->worker_count; i++)
		if (i != worker)
			json_array_append_new(json, link_json(&links[i], i));
	return json;
}

/* NULL where there are no hosts. */
static const char *host_of(const struct plan *plan, uint32_t worker)
{
	if (plan->host_count == 0)
		return NULL;
	return plan->hosts[plan->workers[worker].host].name;
}

static json_t *worker_json(const struct board *board, uint32_t which)
{
	const struct board_worker *worker = &board->workers[which];
	const struct plan_worker *place = &board->plan->workers[which];
	const struct plan *plan = board->plan;
	char incarnation[32];

	(void)snprintf(incarnation, sizeof(incarnation), "%016llx",
		       (unsigned long long)worker->incarnation);
	return json_pack("{s:i, s:s?, s:s, s:i, s:s, s:o, s:o, s:o, s:i, s:i, "
			 "s:o}",
			 "worker", (int)which, "host", host_of(plan, which),
			 "state", worker_state(worker->state), "pid",
			 (int)worker->pid, "incarnation", incarnation, "up_ns",
			 since(worker->pid != 0 ? worker->since_ns : 0),
			 "restarts", jsontext_count(worker->restarts),
			 "peak_rss_bytes", jsontext_count(worker->rss),
			 "first_executor", (int)place->first_executor,
			 "executors", (int)place->executor_count, "links",
			 board_is_here(board, which) ? links_json(board, which)
						     : json_array());
}

json_t *shown_workers(const struct board *board)
{
	json_t *json = json_array();
	uint32_t i;

	for (i = 0; i < board->worker_count; i++)
		json_array_append_new(json, worker_json(board, i));
	return json;
}

json_t *shown_counts(const struct task_counters *counters)
{
	const struct snapshot_member *member;
	json_t *json = json_object();

	for (member = snapshot_members; member->name != NULL; member++)
		json_object_set_new(
			json, member->name,
			jsontext_count(snapshot_count(counters, member)));
	return json;
}

/* Whether its counters are known: it is of this host, or was heard of. */
static bool is_known(const struct board *board, uint32_t task)
{
	const struct plan *plan = board->plan;

	return board_is_here(board,
			     plan->worker_of[plan->tasks[task].executor]) ||
	       count_get(&board->told_ns[task]) != 0;
}

static json_t *task_json(const struct board *board,
			 const struct snapshot *snapshot, uint32_t task)
{
	const struct plan *plan = board->plan;
	const struct plan_task *it = &plan->tasks[task];
	const struct task_counters *counters = &snapshot->tasks[task];
	uint32_t worker = plan->worker_of[it->executor];

	json_t *json = json_pack(
		"{s:i, s:i, s:i, s:i, s:s?, s:s, s:o}", "task", (int)task,
		"index", (int)it->index, "executor", (int)it->executor,
		"worker", (int)worker, "host", host_of(plan, worker), "state",
		state_name(plan->components[it->component].kind,
			   counters->state),
		"counts",
		is_known(board, task) ? shown_counts(counters) : json_null());

	if (json != NULL && !board_is_here(board, worker))
		json_object_set_new(json, "told_ns_ago",
				    since(board->told_ns[task]));
	if (json != NULL && plan->components[it->component].timed)
		json_object_set_new(json, "watermark",
				    moment_watermark(snapshot, task, 1));
	return json;
}

static json_t *component_json(const struct board *board,
			      const struct snapshot *snapshot, uint32_t which)
{
	const struct plan_component *it = &board->plan->components[which];
	json_t *tasks = json_array();
	char state[STATE_TEXT_SIZE];
	struct task_counters sum;
	uint32_t i, known = 0;
	json_t *json;

	snapshot_component(snapshot, which, &sum);
	state_format(state, snapshot, which,
		     board->reasons[state_task(snapshot, which)]);
	for (i = it->first_task; i < it->first_task + it->task_count; i++) {
		json_array_append_new(tasks, task_json(board, snapshot, i));
		known += is_known(board, i);
	}
	json = json_pack("{s:o, s:s, s:s, s:i, s:i, s:o, s:f, s:o, s:o}", "id",
			 jsontext(it->id), "kind",
			 it->kind == PLAN_SPOUT ? "spout" : "bolt", "plugin",
			 it->kind == PLAN_SPOUT ? it->spout->name
						: it->bolt->name,
			 "tasks", (int)it->task_count, "tasks_known",
			 (int)known, "state", jsontext(state),
			 "execute_latency_ns", snapshot_latency(&sum), "counts",
			 shown_counts(&sum), "by_task", tasks);
	if (json != NULL && it->timed)
		json_object_set_new(json, "watermark",
				    moment_watermark(snapshot, it->first_task,
						     it->task_count));
	return json;
}

/* The host that this is; NULL where there are none, or while nothing began. */
static const char *own_host(const struct board *board)
{
	for (uint32_t i = 0; i < board->worker_count; i++)
		if (board_is_here(board, i))
			return host_of(board->plan, i);
	return NULL;
}

static json_t *shown_json(const struct board *board,
			  const struct snapshot *snapshot, const char *path)
{
	json_t *components = json_array();
	struct task_counters total;
	uint32_t i;

	for (i = 0; i < board->plan->component_count; i++)
		json_array_append_new(components,
				      component_json(board, snapshot, i));
	snapshot_total(snapshot, &total);
	return json_pack("{s:i, s:s, s:o, s:o, s:s?, s:i, s:o, s:o, s:o, s:o}",
			 "format", SHOWN_FORMAT, "version", GUST_VERSION,
			 "topology", jsontext(board->plan->name), "file",
			 jsontext(path), "host", own_host(board), "pid",
			 (int)getpid(), "run_ns",
			 jsontext_count(snapshot->elapsed_ns), "counts",
			 shown_counts(&total), "components", components,
			 "workers", shown_workers(board));
}

char *shown_text(const struct board *board, const char *path, size_t *n)
{
	struct snapshot snapshot;
	char *text = NULL;
	json_t *json;

	if (snapshot_init(&snapshot, board->plan) < 0)
		return NULL;
	snapshot_take(&snapshot, board);
	snapshot_hear(&snapshot, board);
	json = shown_json(board, &snapshot, path);
	if (json != NULL)
		text = json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	snapshot_fini(&snapshot);
	if (text != NULL)
		*n = strlen(text);
	return text;
}
