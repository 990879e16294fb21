/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <errno.h>

#include "topology/plan.h"

static const struct gust_column word[] = { { "word", GUST_STRING },
					   { "n", GUST_INT },
					   { NULL, GUST_NULL } };

/* A spout, two bolts and a sink: 0 -> 1 -> 3, 0 -> 2 -> 3, 2 -> 1. */
struct fixture {
	struct plan_component components[4];
	struct plan_stream streams[3];
	struct plan_edge edges[5];
	struct plan plan;
};

static void connect(struct fixture *f, uint32_t edge, uint32_t from,
		    uint32_t to)
{
	f->edges[edge] = (struct plan_edge){
		.stream = from, .from = from, .to = to, .grouping = PLAN_SHUFFLE
	};
}

static void prepare(struct fixture *f)
{
	static const char *const ids[] = { "in", "a", "b", "out" };
	uint32_t i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < 4; i++)
		f->components[i] = (struct plan_component){
			.id = ids[i],
			.kind = i == 0 ? PLAN_SPOUT : PLAN_BOLT,
			.executor = -1,
			.task_count = i == 3 ? 1 : 3,
			.first_stream = i,
			.stream_count = i == 3 ? 0 : 1,
		};
	for (i = 0; i < 3; i++)
		f->streams[i] = (struct plan_stream){ .name = "default",
						      .component = i,
						      .columns = word };
	connect(f, 0, 0, 1);
	connect(f, 1, 1, 3);
	connect(f, 2, 0, 2);
	connect(f, 3, 2, 3);
	connect(f, 4, 2, 1);
	f->plan = (struct plan){ .name = "t",
				 .config = { .executors = 2 },
				 .components = f->components,
				 .component_count = 4,
				 .streams = f->streams,
				 .stream_count = 3,
				 .edges = f->edges,
				 .edge_count = 5 };
}

TEST(ranks_are_longest_distances)
{
	struct fixture f;

	prepare(&f);
	CHECK_INT(plan_derive(&f.plan, NULL), 0);
	CHECK_UINT(f.components[0].rank, 0);
	CHECK_UINT(f.components[2].rank, 1);
	CHECK_UINT(f.components[1].rank, 2);
	CHECK_UINT(f.components[3].rank, 3);
	CHECK_UINT(f.plan.rank_count, 4);
	plan_fini_derived(&f.plan);
}

TEST(inputs_and_subscribers_are_in_file_order)
{
	struct fixture f;

	prepare(&f);
	CHECK_INT(plan_derive(&f.plan, NULL), 0);
	CHECK_UINT(f.components[0].input_count, 0);
	CHECK_UINT(f.components[1].input_count, 2);
	CHECK_UINT(f.components[1].inputs[0], 0);
	CHECK_UINT(f.components[1].inputs[1], 4);
	CHECK_UINT(f.edges[4].input, 1);
	CHECK_STR(f.components[1].input_views[1].component, "b");
	CHECK_STR(f.components[1].input_views[1].stream, "default");
	CHECK_PTR(f.components[1].input_views[1].columns, word);
	CHECK_PTR(f.components[1].output_views,
		  f.components[0].output_views + f.components[0].stream_count);
	CHECK_STR(f.components[1].output_views[0].name, "default");
	CHECK_PTR(f.components[1].output_views[0].columns,
		  f.streams[f.components[1].first_stream].columns);
	CHECK_UINT(f.streams[0].edge_count, 2);
	CHECK_UINT(f.streams[0].edges[1], 2);
	CHECK_UINT(f.streams[2].edge_count, 2);
	CHECK_UINT(f.streams[2].edges[0], 3);
	CHECK_UINT(f.streams[0].column_count, 2);
	plan_fini_derived(&f.plan);
}

TEST(tasks_are_dealt_out_and_dedicated_ones_come_last)
{
	struct fixture f;

	prepare(&f);
	f.components[1].dedicated = true;
	f.components[3].executor = 1;
	f.plan.config.executors = 8;
	CHECK_INT(plan_derive(&f.plan, NULL), 0);
	CHECK_UINT(f.plan.task_count, 10);
	CHECK_UINT(f.components[2].first_task, 6);
	CHECK_UINT(f.plan.tasks[8].index, 2);
	CHECK_UINT(f.plan.tasks[8].executor, 2);
	CHECK_UINT(f.plan.tasks[9].executor, 1);
	CHECK_UINT(f.plan.config.executors, 3);
	CHECK_UINT(f.plan.tasks[3].executor, 3);
	CHECK_UINT(f.plan.tasks[5].executor, 5);
	CHECK_UINT(f.plan.executor_count, 6);
	plan_fini_derived(&f.plan);
}

TEST(a_cycle_is_refused_unless_it_is_feedback)
{
	struct gust_error error = { 0 };
	struct fixture f;

	prepare(&f);
	connect(&f, 1, 1, 2);
	CHECK_INT(plan_derive(&f.plan, &error), -ELOOP);
	CHECK_CONTAINS(error.text, "a -> b -> a is a cycle");
	f.edges[1].feedback = true;
	CHECK_INT(plan_derive(&f.plan, NULL), 0);
	CHECK_UINT(f.components[1].rank, 2);
	plan_fini_derived(&f.plan);
}

TEST(a_loop_of_one_is_a_cycle)
{
	struct gust_error error = { 0 };
	struct fixture f;

	prepare(&f);
	connect(&f, 3, 2, 2);
	CHECK_INT(plan_derive(&f.plan, &error), -ELOOP);
	CHECK_CONTAINS(error.text, "b -> b is a cycle");
}

TEST(too_many_tasks_are_refused)
{
	struct gust_error error = { 0 };
	struct fixture f;

	prepare(&f);
	f.components[1].task_count = 65529;
	CHECK_INT(plan_derive(&f.plan, &error), -E2BIG);
	CHECK_CONTAINS(error.text, "65536 tasks");
	f.components[1].task_count = 65528;
	CHECK_INT(plan_derive(&f.plan, NULL), 0);
	plan_fini_derived(&f.plan);
	plan_fini_derived(&f.plan);
}
