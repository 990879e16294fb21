/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/table.h"
#include "fixture_plan.h"

static struct fixture_plan fixture;
static struct snapshot now, before;

static void begin(void)
{
	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&now, &fixture.plan), 0);
	CHECK_INT(snapshot_init(&before, &fixture.plan), 0);
	before.time_ns = 1000000000;
	now.time_ns = 3000000000;
	now.elapsed_ns = 2500000000;
	before.tasks[0].emitted = 1000;
	now.tasks[0].emitted = 5000;
	now.tasks[0].trees_acked = 4990;
	now.tasks[0].open_trees = 10;
	now.tasks[0].state = TASK_EMITTING;
	now.tasks[1].executed = 3000;
	now.tasks[2].executed = 2000;
	now.tasks[1].sampled_calls = 2;
	now.tasks[1].sampled_ns = 3000;
}

static void end(void)
{
	snapshot_fini(&now);
	snapshot_fini(&before);
	plan_fini_derived(&fixture.plan);
}

static int print(struct table *table, char **text)
{
	size_t size;
	FILE *file = open_memstream(text, &size);
	int lines;

	CHECK(file != NULL);
	table->now = &now;
	table->before = &before;
	lines = table_print(table, file);
	fclose(file);
	return lines;
}

TEST(a_line_a_component)
{
	struct table table = { .columns = 80, .rows = 24 };
	char *text;

	begin();
	CHECK_INT(print(&table, &text), 5);
	CHECK_STR(text,
		  "words  2.50 s  10 open\n"
		  "component  tasks  emitted  acked  failed  rate/s  latency  "
		  "state\n"
		  "text           1    5,000  4,990       0   2,000        -  "
		  "emitting\n"
		  "split          2        0      0       0   2,500  1.50 us  "
		  "idle\n"
		  "count          2        0      0       0       0        -  "
		  "idle\n");
	free(text);
	end();
}

TEST(it_fits_the_screen)
{
	struct table table = { .columns = 20, .rows = 5 };
	char *text;

	begin();
	CHECK_INT(print(&table, &text), 4);
	CHECK_STR(text, "words  2.50 s  10 op\n"
			"component  tasks  em\n"
			"text           1    \n"
			"and 2 more\n");
	free(text);
	end();
}

TEST(trouble_is_coloured)
{
	struct table table = { .columns = 80, .rows = 24, .colours = true };
	char *text;

	begin();
	now.tasks[3].failed = 1;
	print(&table, &text);
	CHECK_CONTAINS(text, "\x1b[31mcount ");
	CHECK_CONTAINS(text, "\nsplit ");
	free(text);
	end();
}
