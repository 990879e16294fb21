/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/jsontext.h"
#include "cli/manual.h"
#include "cli/moment.h"
#include "cli/shown.h"
#include "cli/state.h"
#include "gust_config.h"
#include "metric/metric_report.h"

/* A task of another host, which counts what it does. */
static json_t *elsewhere_json(const struct plan *plan, uint32_t number)
{
	const struct plan_task *task = &plan->tasks[number];
	const struct plan_worker *worker =
		&plan->workers[plan->worker_of[task->executor]];

	return json_pack("{s:i, s:i, s:i, s:s, s:o, s:n}", "task", (int)number,
			 "index", (int)task->index, "executor",
			 (int)task->executor, "state", "elsewhere", "host",
			 jsontext(plan->hosts[worker->host].name), "counts");
}

static json_t *task_json(const struct outcome *outcome, uint32_t number)
{
	const struct plan *plan = outcome->last->plan;
	const struct plan_task *task = &plan->tasks[number];
	const struct task_counters *counters = &outcome->last->tasks[number];
	json_t *json;

	if (!outcome_is_here(outcome, task->executor))
		return elsewhere_json(plan, number);
	json = json_pack("{s:i, s:i, s:i, s:s, s:o}", "task", (int)number,
			 "index", (int)task->index, "executor",
			 (int)task->executor, "state",
			 state_name(plan->components[task->component].kind,
				    counters->state),
			 "counts", shown_counts(counters));

	if (json != NULL && plan->components[task->component].timed)
		json_object_set_new(json, "watermark",
				    moment_watermark(outcome->last, number, 1));
	return json;
}

static json_t *tasks_json(const struct outcome *outcome,
			  const struct plan_component *component)
{
	json_t *json = json_array();
	uint32_t i;

	for (i = 0; i < component->task_count; i++)
		json_array_append_new(
			json, task_json(outcome, component->first_task + i));
	return json;
}

static void add_latency(json_t *json, const struct outcome *outcome,
			uint32_t number)
{
	struct gust_histogram *latency = outcome_latency(outcome, number);

	if (latency != NULL)
		json_object_set_new(json, "complete_latency_ns",
				    metric_report_histogram(latency));
	free(latency);
}

static json_t *component_json(const struct outcome *outcome, uint32_t number)
{
	const struct plan_component *it =
		&outcome->last->plan->components[number];
	bool spout = it->kind == PLAN_SPOUT;
	struct task_counters sum;
	json_t *json;

	snapshot_component(outcome->last, number, &sum);
	json = json_pack(
		"{s:o, s:s, s:s, s:i, s:i, s:b, s:f, s:I, s:o, s:o,"
		" s:o}",
		"id", jsontext(it->id), "kind", spout ? "spout" : "bolt",
		"plugin", spout ? it->spout->name : it->bolt->name, "tasks",
		(int)it->task_count, "tasks_here",
		(int)outcome_tasks_here(outcome, number), "dedicated",
		it->dedicated, "execute_latency_ns", snapshot_latency(&sum),
		"blamed", (json_int_t)outcome->blamed[number], "counts",
		shown_counts(&sum), "metrics",
		metric_report_sets(outcome->metrics + it->first_task,
				   it->task_count),
		"by_task", tasks_json(outcome, it));
	if (json != NULL && it->timed)
		json_object_set_new(json, "watermark",
				    moment_watermark(outcome->last,
						     it->first_task,
						     it->task_count));
	if (json == NULL || !spout)
		return json;
	json_object_set_new(json, "replay",
			    json_string(manual_replay_name(it->replay)));
	add_latency(json, outcome, number);
	return json;
}

static json_t *components_json(const struct outcome *outcome)
{
	json_t *json = json_array();
	uint32_t i;

	for (i = 0; i < outcome->last->plan->component_count; i++)
		json_array_append_new(json, component_json(outcome, i));
	return json;
}

static json_t *executors_json(const struct outcome *outcome)
{
	json_t *json = json_array();
	uint32_t i;

	for (i = 0; i < outcome->last->plan->executor_count; i++) {
		const struct executor_usage *usage =
			&outcome->last->executors[i];

		if (!outcome_is_here(outcome, i))
			continue;
		json_array_append_new(
			json,
			json_pack("{s:i, s:f, s:o, s:o, s:o, s:o}", "executor",
				  (int)i, "busy", outcome_busy(outcome, i),
				  "busy_ns", jsontext_count(usage->busy_ns),
				  "steps", jsontext_count(usage->steps),
				  "batches_sent",
				  jsontext_count(usage->batches_sent),
				  "bytes_sent",
				  jsontext_count(usage->bytes_sent)));
	}
	return json;
}

static const char *end_name(enum worker_end end)
{
	switch (end) {
	case WORKER_ENDED:
		return "ended";
	case WORKER_STOPPED:
		return "stopped";
	case WORKER_OVERDUE:
		return "overdue";
	case WORKER_ABORTED:
		return "aborted";
	case WORKER_FAILED:
		return "failed";
	case WORKER_STUCK:
		return "stuck";
	case WORKER_NO_READER:
		return "no reader";
	}
	return "unknown";
}

static json_t *report_json(const struct outcome *outcome)
{
	const struct plan *plan = outcome->last->plan;
	const struct worker_result *result = outcome->result;
	char begun[CLOCK_TEXT_SIZE], ended[CLOCK_TEXT_SIZE];
	struct task_counters total;
	struct balance balance;

	snapshot_total(outcome->last, &total);
	outcome_balance(&total, &balance);
	return json_pack(
		"{s:i, s:s, s:o, s:o, s:s, s:s, s:o, s:i, s:s, s:o, s:o, s:b,"
		" s:o, s:o, s:o, s:o, s:o, s:i, s:o}",
		"format", REPORT_FORMAT, "version", GUST_VERSION, "topology",
		jsontext(plan->name), "file", jsontext(outcome->path), "begun",
		clock_format(begun, (int64_t)outcome->begun_wall_ns), "ended",
		clock_format(ended, (int64_t)outcome->ended_wall_ns), "run_ns",
		jsontext_count(result->run_ns), "exit_code", result->exit_code,
		"end", end_name(result->end), "reason",
		jsontext(result->reason), "error",
		jsontext(result->error.code != 0 ? result->error.text : NULL),
		"balanced", balance_even(&balance), "counts",
		shown_counts(&total), "components", components_json(outcome),
		"executors", executors_json(outcome), "workers",
		shown_workers(outcome->board), "peak_rss_bytes",
		jsontext_count(result->peak_rss), "threads_left_behind",
		(int)result->left_behind, "dead_letters",
		jsontext(plan->config.dead_letters));
}

int report_check(const char *path, struct gust_error *error)
{
	struct stat status;
	char *folder;
	int r = 0;

	if (strcmp(path, "-") == 0)
		return 0;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return gust_error_set(error, -EISDIR,
				      "'%s' is a folder, expected a file for "
				      "the report",
				      path);
	folder = file_folder(path);
	if (folder == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	if (access(folder, W_OK | X_OK) < 0)
		r = gust_error_set(error, -errno,
				   "the report cannot be written to '%s': %s",
				   path, strerror(errno));
	free(folder);
	return r;
}

int report_write(const struct outcome *outcome, const char *path,
		 struct gust_error *error)
{
	json_t *json = report_json(outcome);
	char *text = NULL, *line = NULL;
	int n = -1, r;

	if (json != NULL)
		text = json_dumps(json, JSON_INDENT(2));
	if (text != NULL)
		n = asprintf(&line, "%s\n", text);
	free(text);
	json_decref(json);
	if (n < 0)
		return gust_error_set(error, -ENOMEM, "out of memory");
	if (strcmp(path, "-") == 0) {
		r = file_write(STDOUT_FILENO, line, (size_t)n);
		if (r < 0)
			gust_error_set(error, r,
				       "the report cannot be written to "
				       "standard output: %s",
				       strerror(-r));
	} else {
		r = file_replace(path, line, (size_t)n, error);
	}
	free(line);
	return r;
}
