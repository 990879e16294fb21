/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/model.h"

/* A folder with some files, and the model of the first one. */
struct fixture {
	char folder[64];
	struct arena arena;
	struct diagnostics diagnostics;
	struct variables variables;
	struct yaml yaml;
	struct model model;
};

static void prepare(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/gust-model-XXXXXX");
	CHECK(mkdtemp(f->folder) != NULL);
	arena_init(&f->arena, 0);
	diagnostics_init(&f->diagnostics);
	yaml_init(&f->yaml, &f->arena, &f->diagnostics, &f->variables);
}

static void put(const struct fixture *f, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	file = fopen(path, "w");
	CHECK(file != NULL);
	fputs(text, file);
	fclose(file);
}

static int load(struct fixture *f)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/main", f->folder);
	return model_load(&f->yaml, path, &f->model);
}

static void finish(struct fixture *f)
{
	static const char *const names[] = { "main", "one", "two" };
	char path[128];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
		unlink(path);
	}
	rmdir(f->folder);
	diagnostics_fini(&f->diagnostics);
	arena_fini(&f->arena);
}

TEST(an_include_adds_what_is_not_there)
{
	struct fixture f;
	const struct model_component *component;

	prepare(&f);
	put(&f, "main",
	    "name: m\nincludes: [{file: one}]\n"
	    "bolts: [{id: a, plugin: mine}]\n"
	    "streams: [{from: s, to: a}]\n");
	put(&f, "one",
	    "name: other\nspouts: {id: s, plugin: p}\n"
	    "bolts: [{id: a, plugin: other}, {id: b, plugin: q}]\n"
	    "streams: [{from: a, to: b}]\n");
	CHECK_INT(load(&f), 0);
	CHECK_UINT(f.diagnostics.errors, 0);
	CHECK_STR(f.model.name, "m");
	component = f.model.components;
	CHECK_STR(component->plugin->text, "mine");
	CHECK_STR(component->next->id, "s");
	CHECK_STR(component->next->next->id, "b");
	CHECK_PTR(component->next->next->next, NULL);
	CHECK_STR(f.model.streams->next->to, "b");
	CHECK_PTR(f.model.streams->next->next, NULL);
	finish(&f);
}

TEST(an_include_may_override)
{
	struct fixture f;

	prepare(&f);
	put(&f, "main",
	    "name: m\nincludes: {file: one, override: true}\n"
	    "config: {topology.executors: 1, "
	    "topology.replay.max.attempts: 3}\n"
	    "bolts: [{id: a, plugin: mine}, {id: b, plugin: b}]\n");
	put(&f, "one",
	    "name: other\nconfig: {topology.executors: 2}\n"
	    "includes: {file: two, override: true}\n"
	    "bolts: [{id: a, plugin: other}]\n");
	put(&f, "two",
	    "bolts: [{id: b, plugin: deep}]\n"
	    "config: {topology.executors: 3}\n");
	CHECK_INT(load(&f), 0);
	CHECK_UINT(f.diagnostics.errors, 0);
	CHECK_STR(f.model.name, "other");
	CHECK_UINT(f.model.config.values.executors, 3);
	CHECK_UINT(f.model.config.values.replay_max_attempts, 3);
	CHECK_STR(f.model.components->plugin->text, "other");
	CHECK_STR(f.model.components->next->plugin->text, "deep");
	CHECK_PTR(f.model.components->next->next, NULL);
	finish(&f);
}

TEST(a_cycle_is_found_through_a_link)
{
	struct fixture f;
	char path[128];

	prepare(&f);
	put(&f, "main", "includes: {file: one}\n");
	snprintf(path, sizeof(path), "%s/one", f.folder);
	CHECK_INT(symlink("main", path), 0);
	CHECK_INT(load(&f), -EINVAL);
	CHECK_UINT(f.diagnostics.errors, 1);
	CHECK_CONTAINS(f.diagnostics.items[0].text, "includes itself");
	finish(&f);
}

TEST(a_file_may_be_included_twice_without_a_cycle)
{
	struct fixture f;

	prepare(&f);
	put(&f, "main", "includes: [{file: one}, {file: two}]\n");
	put(&f, "one", "includes: {file: two}\n");
	put(&f, "two", "bolts: {id: a, plugin: p}\n");
	CHECK_INT(load(&f), 0);
	CHECK_UINT(f.diagnostics.errors, 0);
	CHECK_PTR(f.model.components->next, NULL);
	finish(&f);
}

TEST(includes_share_the_limits)
{
	struct fixture f;
	FILE *file;
	char path[128];
	int i;

	prepare(&f);
	put(&f, "main", "includes: [{file: one}, {file: one}]\n");
	snprintf(path, sizeof(path), "%s/one", f.folder);
	file = fopen(path, "w");
	CHECK(file != NULL);
	fputs("bolts:\n", file);
	for (i = 0; i < 60000; i++)
		fputs("- a\n", file);
	fclose(file);
	CHECK_INT(load(&f), -EINVAL);
	CHECK_UINT(f.yaml.nodes_left, 0);
	finish(&f);
}
