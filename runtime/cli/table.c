/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include <string.h>

#include "base/count.h"
#include "base/duration.h"
#include "cli/grid.h"
#include "cli/state.h"

#define BOLD "\x1b[1m"
#define RED "\x1b[31m"
#define YELLOW "\x1b[33m"
#define PLAIN "\x1b[0m"

static uint64_t count_at(const struct snapshot *snapshot, uint32_t component,
			 size_t offset)
{
	struct task_counters sum;

	if (component == UINT32_MAX)
		snapshot_spouts(snapshot, &sum);
	else
		snapshot_component(snapshot, component, &sum);
	return *(const uint64_t *)(const void *)((const char *)&sum + offset);
}

double table_rate(const struct snapshot *now, const struct snapshot *before,
		  uint32_t component, size_t offset)
{
	uint64_t grown = count_at(now, component, offset) -
			 count_at(before, component, offset);

	if (now->time_ns <= before->time_ns)
		return 0;
	return (double)grown * 1e9 / (double)(now->time_ns - before->time_ns);
}

static void add_count(struct grid *grid, uint64_t count)
{
	char text[COUNT_TEXT_SIZE];

	grid_add(grid, "%s", count_format(text, count));
}

static void add_header(struct grid *grid)
{
	static const char *const names[] = { "component", "tasks",  "emitted",
					     "acked",     "failed", "rate/s",
					     "latency",   "state" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		grid_add(grid, "%s", names[i]);
}

/* A spout's trees are what is acked and failed, and what it emits its rate;
 * of a bolt it is what it executes. */
static void add_component(struct grid *grid, const struct table *table,
			  uint32_t number)
{
	const struct plan_component *component =
		&table->now->plan->components[number];
	bool spout = component->kind == PLAN_SPOUT;
	char text[STATE_TEXT_SIZE], duration[DURATION_TEXT_SIZE];
	struct task_counters sum;
	double rate;

	snapshot_component(table->now, number, &sum);
	rate = table_rate(table->now, table->before, number,
			  spout ? offsetof(struct task_counters, emitted)
				: offsetof(struct task_counters, executed));
	grid_add(grid, "%s", component->id);
	add_count(grid, component->task_count);
	add_count(grid, sum.emitted);
	add_count(grid, spout ? sum.trees_acked : sum.acked);
	add_count(grid, spout ? sum.trees_failed : sum.failed);
	add_count(grid, (uint64_t)rate);
	if (sum.sampled_calls > 0)
		grid_add(grid, "%s",
			 duration_format(duration,
					 (uint64_t)snapshot_latency(&sum)));
	else
		grid_add(grid, "-");
	grid_add(grid, "%s",
		 state_format(text, table->now, number,
			      table->reasons != NULL ? table->reasons[number]
						     : NULL));
}

/* The first `length` columns of the screen's first line. */
static void print_title(const struct table *table, FILE *file)
{
	char elapsed[DURATION_TEXT_SIZE], open[COUNT_TEXT_SIZE];
	char title[256];
	struct task_counters sum;

	snapshot_total(table->now, &sum);
	(void)snprintf(title, sizeof(title), "%.100s  %s  %s open",
		       table->now->plan->name,
		       duration_format(elapsed, table->now->elapsed_ns),
		       count_format(open, sum.open_trees));
	fprintf(file, "%.*s\n", table->columns, title);
}

static const char *colour_of(const struct table *table, size_t row)
{
	const struct snapshot *now = table->now;
	struct task_counters sum;
	uint32_t state;

	if (!table->colours)
		return "";
	if (row == 0)
		return BOLD;
	snapshot_component(now, (uint32_t)row - 1, &sum);
	if (sum.failed > 0 || sum.trees_failed > 0)
		return RED;
	state = now->tasks[state_task(now, (uint32_t)row - 1)].state;
	return state == TASK_WAITING || state == TASK_BACKPRESSURE ? YELLOW
								   : "";
}

int table_print(const struct table *table, FILE *file)
{
	struct grid grid;
	size_t row, rows, room;
	uint32_t i;

	/* Not the last line of the screen, which would scroll, nor those of
	 * the title and of what is left out. */
	room = table->rows > 5 ? (size_t)table->rows - 3 : 2;
	grid_init(&grid, "lrrrrrrl");
	add_header(&grid);
	for (i = 0; i < table->now->plan->component_count; i++)
		add_component(&grid, table, i);
	print_title(table, file);
	rows = grid_rows(&grid);
	for (row = 0; row < rows && row < room; row++) {
		const char *colour = colour_of(table, row);

		fputs(colour, file);
		grid_print_row(&grid, file, row, table->columns);
		fprintf(file, "%s\n", colour[0] != '\0' ? PLAIN : "");
	}
	if (rows > room)
		fprintf(file, "and %zu more\n", rows - room);
	grid_fini(&grid);
	return (int)row + 1 + (rows > room);
}
