/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "topology/topology.h"

/* One file, loaded. */
struct fixture {
	char path[64];
	struct diagnostics diagnostics;
	struct topology *topology;
	const struct plan *plan;
	struct topology_request request;
};

static int load(struct fixture *f, const char *text)
{
	int fd;
	int r;

	setenv("GUST_PLUGIN_PATH", TEST_BUILD_DIR "/tests/plugins", 1);
	strcpy(f->path, "/tmp/gust-topology-XXXXXX");
	fd = mkstemp(f->path);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, strlen(text)), (intmax_t)strlen(text));
	close(fd);
	diagnostics_init(&f->diagnostics);
	f->request.path = f->path;
	r = topology_load(&f->request, &f->diagnostics, &f->topology);
	unlink(f->path);
	if (r == 0)
		f->plan = topology_plan(f->topology);
	else
		diagnostics_print(&f->diagnostics, stderr);
	return r;
}

static void finish(struct fixture *f)
{
	topology_destroy(f->topology);
	diagnostics_fini(&f->diagnostics);
}

static const char whole[] =
	"name: whole\n"
	"config: {topology.executors: 4, topology.tick.tuple.freq.secs: 0.5,\n"
	"  topology.message.timeout.secs: 7, topology.max.spout.pending: 9}\n"
	"bolts:\n"
	"  - {id: a, plugin: typed, options: {string: x}, parallelism: 3,\n"
	"     config: {topology.tick.tuple.freq.secs: 2}}\n"
	"  - {id: b, plugin: blocking, numTasks: 2, parallelism: 8}\n"
	"  - {id: c, plugin: typed, options: {string: y, int: 7}, executor: "
	"3}\n"
	"spouts:\n"
	"  - {id: in, plugin: forgetful, outputs: {more: {x: json}},\n"
	"     config: {topology.max.spout.pending: 5}}\n"
	"streams:\n"
	"  - {from: in, to: a, grouping: {type: fields, args: n}}\n"
	"  - {from: in, to: b, name: more, grouping: {type: all}}\n"
	"  - {from: a, to: b, name: side}\n"
	"  - {from: a, to: c, grouping: {type: fields, args: [text, id]}}\n"
	"  - {from: c, to: a, feedback: true}\n";

TEST(components_are_numbered_spouts_first)
{
	struct fixture f = { 0 };

	CHECK_INT(load(&f, whole), 0);
	CHECK_STR(f.plan->name, "whole");
	CHECK_UINT(f.plan->component_count, 4);
	CHECK_STR(f.plan->components[0].id, "in");
	CHECK_STR(f.plan->components[1].id, "a");
	CHECK_INT(f.plan->components[0].kind, PLAN_SPOUT);
	CHECK(f.plan->components[0].spout != NULL);
	CHECK(f.plan->components[0].bolt == NULL);
	CHECK_STR(f.plan->components[2].bolt->name, "blocking");
	CHECK_INT(f.plan->components[0].replay, GUST_REPLAY_NONE);
	CHECK_UINT((uintptr_t)f.plan->components[1].instance % 16, 0);
	finish(&f);
}

TEST(streams_and_edges_are_resolved)
{
	struct fixture f = { 0 };
	const struct plan_edge *edge;

	CHECK_INT(load(&f, whole), 0);
	CHECK_UINT(f.plan->stream_count, 6);
	CHECK_STR(f.plan->streams[1].name, "more");
	CHECK_INT(f.plan->streams[1].columns[0].type, GUST_JSON);
	CHECK_UINT(f.plan->components[3].first_stream, 4);
	CHECK_UINT(f.plan->components[2].stream_count, 0);
	edge = &f.plan->edges[1];
	CHECK_UINT(edge->stream, 1);
	CHECK_INT(edge->grouping, PLAN_ALL);
	CHECK_UINT(f.plan->edges[2].stream, 3);
	edge = &f.plan->edges[3];
	CHECK_UINT(edge->from, 1);
	CHECK_UINT(edge->to, 3);
	CHECK_UINT(edge->key_count, 2);
	CHECK_UINT(edge->keys[0], 1);
	CHECK_UINT(edge->keys[1], 0);
	CHECK_BOOL(f.plan->edges[4].feedback, true);
	CHECK_UINT(f.plan->components[1].rank, 1);
	CHECK_UINT(f.plan->components[3].rank, 2);
	finish(&f);
}

TEST(tasks_are_placed)
{
	struct fixture f = { 0 };

	CHECK_INT(load(&f, whole), 0);
	CHECK_UINT(f.plan->task_count, 7);
	CHECK_UINT(f.plan->components[2].task_count, 2);
	CHECK_BOOL(f.plan->components[2].dedicated, true);
	CHECK_UINT(f.plan->config.executors, 4);
	CHECK_UINT(f.plan->executor_count, 6);
	CHECK_UINT(f.plan->tasks[f.plan->components[3].first_task].executor, 3);
	CHECK_UINT(f.plan->tasks[f.plan->components[2].first_task].executor, 4);
	finish(&f);
}

TEST(config_comes_from_the_component_then_the_topology)
{
	struct fixture f = { 0 };

	CHECK_INT(load(&f, whole), 0);
	CHECK_UINT(f.plan->components[0].max_spout_pending, 5);
	CHECK_UINT(f.plan->components[1].tick_ns, 2000000000);
	CHECK_UINT(f.plan->components[3].tick_ns, 500000000);
	CHECK_UINT(f.plan->components[0].message_timeout_ns, 7000000000);
	CHECK_UINT(f.plan->config.message_timeout_max_ns, 600000000000);
	CHECK_UINT(f.plan->config.memory_max_bytes, 268435456);
	CHECK_UINT(f.plan->config.replay_max_attempts, 5);
	CHECK_BOOL(f.plan->config.acking, true);
	CHECK_STR(f.plan->config.dead_letters, "whole.dead-letters.jsonl");
	CHECK_PTR(f.plan->config.state_dir, NULL);
	finish(&f);
}

TEST(settings_win_over_the_file)
{
	const struct variable settings[] = {
		{ .name = "topology.executors", .value = "2" },
		{ .name = "topology.executors", .value = "1" },
		{ .name = "topology.state.dir", .value = "/s" },
		{ .name = "topology.acker.executors", .value = "0" },
	};
	struct fixture f = { .request = { .settings = settings,
					  .setting_count = 4 } };

	CHECK_INT(load(&f, "name: t\n"
			   "spouts: {id: in, plugin: forgetful}\n"
			   "bolts: {id: out, plugin: typed, parallelism: 4,\n"
			   "  options: {string: x}}\n"
			   "streams: {from: in, to: out}\n"),
		  0);
	CHECK_UINT(f.plan->config.executors, 1);
	CHECK_STR(f.plan->config.state_dir, "/s");
	CHECK_STR(f.plan->config.dead_letters, "/s/t.dead-letters.jsonl");
	CHECK_BOOL(f.plan->config.acking, false);
	finish(&f);
}

/* The plan's hash of a bolt with these options and this configuration. */
static uint64_t hash_of(const char *options, const char *config)
{
	struct fixture f = { 0 };
	char text[512];
	uint64_t hash;

	snprintf(text, sizeof(text),
		 "name: t\nconfig: {topology.executors: 1%s}\n"
		 "spouts: {id: in, plugin: forgetful}\n"
		 "bolts: {id: out, plugin: typed, options: {string: x%s}}\n"
		 "streams: {from: in, to: out}\n",
		 config, options);
	CHECK_INT(load(&f, text), 0);
	hash = f.plan->hash;
	CHECK(f.plan->components[0].plugin_hash != 0);
	CHECK(f.plan->components[0].plugin_hash !=
	      f.plan->components[1].plugin_hash);
	finish(&f);
	return hash;
}

TEST(the_hash_is_of_what_options_mean)
{
	uint64_t plain = hash_of("", "");

	CHECK_UINT(hash_of(", int: 5 # the default\n", ""), plain);
	CHECK_UINT(hash_of(", secret: hush", ""), plain);
	CHECK_UINT(hash_of(", duration: 60s", ""),
		   hash_of(", duration: 1min", ""));
	CHECK(hash_of(", int: 6", "") != plain);
	CHECK(hash_of(", float: 6", "") != plain);
	CHECK(hash_of(", bool: true", "") != plain);
	CHECK(hash_of(", enum: green", "") != plain);
	CHECK(hash_of(", list: a", "") != plain);
	CHECK(hash_of(", list: [a, b]", "") != hash_of(", list: ab", ""));
	CHECK(hash_of(", map: {a: b}", "") != hash_of(", map: {a: c}", ""));
	CHECK(hash_of("y", "") != plain);
	CHECK(hash_of("", ", topology.tuple.max.bytes: 1MB") != plain);
	CHECK_UINT(hash_of("", ", topology.state.dir: /s"), plain);
}

TEST(mistakes_leave_no_topology)
{
	struct fixture f = { 0 };

	CHECK_INT(load(&f, "name: t\nspouts: {id: in, plugin: forgetfull}\n"),
		  -EINVAL);
	CHECK_PTR(f.topology, NULL);
	CHECK_UINT(f.diagnostics.errors, 1);
	CHECK_INT(f.diagnostics.items[0].place.line, 2);
	CHECK_INT(f.diagnostics.items[0].place.column, 26);
	finish(&f);
}
