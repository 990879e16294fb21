/* SPDX-License-Identifier: MIT */
#include "cli/shown_print.h"

#include <stdbool.h>
#include <string.h>

#include "base/count.h"
#include "base/duration.h"
#include "base/size.h"
#include "cli/grid.h"

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text != NULL ? text : "?";
}

static uint64_t number_of(const json_t *json, const char *name)
{
	json_int_t number = json_integer_value(json_object_get(json, name));

	return number > 0 ? (uint64_t)number : 0;
}

static void add_count(struct grid *grid, const json_t *json, const char *name)
{
	char text[COUNT_TEXT_SIZE];

	grid_add(grid, "%s", count_format(text, number_of(json, name)));
}

/* A count of a component, unless nothing is known of any of its tasks. */
static void add_known(struct grid *grid, const json_t *component,
		      const char *name)
{
	if (number_of(component, "tasks_known") > 0)
		add_count(grid, json_object_get(component, "counts"), name);
	else
		grid_add(grid, "-");
}

static void add_duration(struct grid *grid, const json_t *json,
			 const char *name)
{
	char text[DURATION_TEXT_SIZE];

	if (json_is_integer(json_object_get(json, name)))
		grid_add(grid, "%s",
			 duration_format(text, number_of(json, name)));
	else
		grid_add(grid, "-");
}

static void add_names(struct grid *grid, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		grid_add(grid, "%s", names[i]);
}

/* Whether event time comes to any component. */
static bool has_times(const json_t *components)
{
	const json_t *component;
	size_t i;

	json_array_foreach(components, i, component)
	{
		if (json_object_get(component, "watermark") != NULL)
			return true;
	}
	return false;
}

static void add_watermark(struct grid *grid, const json_t *component)
{
	const json_t *watermark = json_object_get(component, "watermark");

	grid_add(grid, "%s",
		 json_is_string(watermark) ? json_string_value(watermark)
					   : "-");
}

static void print_components(const json_t *components, FILE *file)
{
	static const char *const names[] = { "component", "tasks",  "emitted",
					     "acked",     "failed", "open",
					     "state" };
	const bool timed = has_times(components);
	const json_t *component;
	struct grid grid;
	size_t i;

	grid_init(&grid, timed ? "lrrrrrll" : "lrrrrrl");
	add_names(&grid, names, sizeof(names) / sizeof(names[0]));
	if (timed)
		grid_add(&grid, "watermark");
	json_array_foreach(components, i, component)
	{
		const char *kind = text_of(component, "kind");

		grid_add(&grid, "%s", text_of(component, "id"));
		add_count(&grid, component, "tasks");
		add_known(&grid, component, "emitted");
		add_known(&grid, component,
			  kind[0] == 's' ? "trees_acked" : "acked");
		add_known(&grid, component,
			  kind[0] == 's' ? "trees_failed" : "failed");
		add_known(&grid, component, "open_trees");
		grid_add(&grid, "%s", text_of(component, "state"));
		if (timed)
			add_watermark(&grid, component);
	}
	grid_print(&grid, file, "  ");
	grid_fini(&grid);
}

/* Silence that is shown: ten heartbeats. */
#define SILENT_NS 1000000000u

/* Whom a worker waits for, and for how long; or "all up". */
static void add_links(struct grid *grid, const json_t *worker)
{
	const json_t *link;
	char duration[DURATION_TEXT_SIZE], text[96] = "";
	size_t i, used = 0;

	json_array_foreach(json_object_get(worker, "links"), i, link)
	{
		const uint64_t silent_ns = number_of(link, "silent_ns");

		if ((json_is_true(json_object_get(link, "up")) &&
		     silent_ns < SILENT_NS) ||
		    used + 32 > sizeof(text))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%u: %s", used > 0 ? ", " : "",
					 (unsigned)number_of(link, "peer"),
					 duration_format(duration, silent_ns));
	}
	if (used > 0)
		grid_add(grid, "waiting for %s", text);
	else
		grid_add(grid, "all up");
}

/* One of this host, or of another one, which tells less. */
static void add_worker(struct grid *grid, const json_t *worker, bool here)
{
	if (here) {
		grid_add(grid, "%s", text_of(worker, "state"));
		grid_add(grid, "%u", (unsigned)number_of(worker, "pid"));
		add_duration(grid, worker, "up_ns");
		add_count(grid, worker, "restarts");
	} else {
		grid_add(grid, "elsewhere");
		for (int i = 0; i < 3; i++)
			grid_add(grid, "-");
	}
	add_count(grid, worker, "executors");
	if (here)
		add_links(grid, worker);
	else
		grid_add(grid, "-");
}

static void print_workers(const json_t *workers, const char *host, FILE *file)
{
	static const char *const names[] = { "state",    "pid",       "up",
					     "restarts", "executors", "links" };
	const json_t *worker;
	struct grid grid;
	size_t i;

	if (json_array_size(workers) < 2)
		return;
	grid_init(&grid, host != NULL ? "rllrrrrl" : "rlrrrrl");
	grid_add(&grid, "worker");
	if (host != NULL)
		grid_add(&grid, "host");
	add_names(&grid, names, sizeof(names) / sizeof(names[0]));
	json_array_foreach(workers, i, worker)
	{
		grid_add(&grid, "%u", (unsigned)number_of(worker, "worker"));
		if (host != NULL)
			grid_add(&grid, "%s", text_of(worker, "host"));
		add_worker(&grid, worker,
			   host == NULL ||
				   strcmp(text_of(worker, "host"), host) == 0);
	}
	grid_print(&grid, file, "  ");
	grid_fini(&grid);
}

void shown_print(const json_t *json, FILE *file)
{
	const char *host = json_string_value(json_object_get(json, "host"));
	char duration[DURATION_TEXT_SIZE];

	fprintf(file, "%s: %s%s%sprocess %u, for %s (%s)\n",
		text_of(json, "topology"), host != NULL ? "host " : "",
		host != NULL ? host : "", host != NULL ? ", " : "",
		(unsigned)number_of(json, "pid"),
		duration_format(duration, number_of(json, "run_ns")),
		text_of(json, "file"));
	print_components(json_object_get(json, "components"), file);
	print_workers(json_object_get(json, "workers"), host, file);
}
