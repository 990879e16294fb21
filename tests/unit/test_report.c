/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/report.h"
#include "fixture_plan.h"

static struct fixture_plan fixture;
static struct snapshot last;
static struct board board;
static struct worker_result result;
static struct gust_histogram latency;
static const struct gust_histogram *latencies[5];
static const struct metric_set *metrics[5];
static uint64_t blamed[3];
static struct outcome outcome;
static char path[64];

static void begin(void)
{
	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&last, &fixture.plan), 0);
	CHECK_INT(board_init(&board, &fixture.plan, 0), 0);
	outcome.board = &board;
	latencies[0] = &latency;
	outcome.path = "words.yaml";
	outcome.last = &last;
	outcome.result = &result;
	outcome.latencies = latencies;
	outcome.metrics = metrics;
	outcome.blamed = blamed;
	snprintf(path, sizeof(path), "/tmp/gust-report-%d.json", getpid());
}

static void end(void)
{
	unlink(path);
	snapshot_fini(&last);
	board_fini(&board);
	plan_fini_derived(&fixture.plan);
}

static json_t *write_and_read(void)
{
	struct gust_error error = { 0 };
	json_t *json;

	CHECK_INT(report_write(&outcome, path, &error), 0);
	json = json_load_file(path, 0, NULL);
	CHECK(json != NULL);
	return json;
}

TEST(every_count_is_in_it)
{
	const struct snapshot_member *member;
	json_t *json, *counts, *tasks;

	begin();
	memset(&last.tasks[1], 1, offsetof(struct task_counters, state));
	json = write_and_read();
	CHECK_INT(json_array_size(json_object_get(json, "components")), 3);
	counts = json_array_get(json_object_get(json, "components"), 1);
	tasks = json_object_get(counts, "by_task");
	CHECK_INT(json_array_size(tasks), 2);
	counts = json_object_get(json_array_get(tasks, 0), "counts");
	for (member = snapshot_members; member->name != NULL; member++)
		CHECK_INT(json_integer_value(
				  json_object_get(counts, member->name)),
			  INT64_C(0x0101010101010101));
	CHECK(!json_is_true(json_object_get(json, "balanced")));
	json_decref(json);
	end();
}

TEST(latencies_are_in_it)
{
	json_t *json, *of;

	begin();
	histogram_record(&latency, 40);
	json = write_and_read();
	of = json_array_get(json_object_get(json, "components"), 0);
	of = json_object_get(of, "complete_latency_ns");
	CHECK_INT(json_integer_value(json_object_get(of, "p99")), 40);
	CHECK_INT(json_integer_value(json_object_get(of, "max")), 40);
	CHECK(json_is_true(json_object_get(json, "balanced")));
	CHECK_STR(json_string_value(json_object_get(json, "topology")),
		  "words");
	json_decref(json);
	end();
}

TEST(names_may_be_any_bytes)
{
	json_t *json;

	begin();
	outcome.path = "\xff.yaml";
	json = write_and_read();
	CHECK_STR(json_string_value(json_object_get(json, "file")), "?.yaml");
	json_decref(json);
	outcome.path = "words.yaml";
	end();
}

TEST(what_cannot_be_written_is_known_before)
{
	struct gust_error error = { 0 };

	CHECK_INT(report_check("/nowhere/at/all.json", &error), -ENOENT);
	CHECK_CONTAINS(error.text, "'/nowhere/at/all.json'");
	CHECK_INT(report_check("/tmp", NULL), -EISDIR);
	CHECK_INT(report_check("-", NULL), 0);
	CHECK_INT(report_check("new.json", NULL), 0);
}
