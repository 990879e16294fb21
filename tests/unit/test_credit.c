/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "base/random.h"
#include "engine/credit.h"
#include "starve.h"
#include "test.h"

#define EXECUTORS 3
#define COMPONENTS 3
#define WINDOW 1000

/*
 * A spout on executor 0, four bolts on executors 0, 1, 2 and 0, a bolt on
 * executor 2; the first bolts get tuples of the spout, and by feedback those of
 * the last one.
 */
static struct plan_component components[COMPONENTS] = {
	{ .id = "spout", .first_task = 0, .task_count = 1 },
	{ .id = "wide", .first_task = 1, .task_count = 4 },
	{ .id = "narrow", .first_task = 5, .task_count = 1 },
};
static struct plan_task tasks[] = {
	{ 0, 0, 0 }, { 1, 0, 0 }, { 1, 1, 1 },
	{ 1, 2, 2 }, { 1, 3, 0 }, { 2, 0, 2 },
};
static struct plan_edge edges[] = {
	{ .from = 0, .to = 1 },
	{ .from = 1, .to = 2 },
	{ .from = 2, .to = 1, .feedback = true },
};
static struct plan plan = {
	.components = components,
	.component_count = COMPONENTS,
	.tasks = tasks,
	.task_count = 6,
	.edges = edges,
	.edge_count = 3,
	.executor_count = EXECUTORS,
};

static struct executor x;

static void begin(uint64_t credit_bytes, uint64_t memory_bytes)
{
	memset(&x, 0, sizeof(x));
	plan.config.credit_bytes = credit_bytes;
	plan.config.memory_max_bytes = memory_bytes;
	x.plan = &plan;
	CHECK_INT(credit_init(&x), 0);
}

TEST(lines_are_components_and_edges)
{
	begin(WINDOW, 0);
	CHECK_UINT(x.line_count, 6);
	CHECK_UINT(x.lines[0].hosts, 1);
	CHECK_UINT(x.lines[1].hosts, 3);
	CHECK_UINT(x.lines[2].hosts, 1);
	/* Those of an edge are where it leads to. */
	CHECK_UINT(credit_feedback_line(&x, 2), 5);
	CHECK_UINT(x.lines[5].hosts, 3);
	credit_fini(&x);
}

/* All windows of all executors, full at once, take half of the budget. */
TEST(windows_stay_within_the_memory)
{
	uint64_t sum = 0;

	begin(0, 1 << 20);
	for (uint32_t i = 0; i < x.line_count; i++)
		sum += x.lines[i].window * x.lines[i].hosts * EXECUTORS;
	CHECK(sum <= 1 << 19);
	CHECK(sum > (1 << 19) - 100);
	credit_fini(&x);
	begin(0, 1);
	CHECK_UINT(x.lines[0].window, 1);
	credit_fini(&x);
	begin(0, UINT64_C(1) << 40);
	CHECK_UINT(x.lines[0].window, 256 * 1024);
	credit_fini(&x);
	begin(WINDOW, 1);
	CHECK_UINT(x.lines[0].window, WINDOW);
	credit_fini(&x);
}

TEST(a_window_is_full_when_all_of_it_is_out)
{
	begin(WINDOW, 0);
	credit_take(&x, 1, 2, WINDOW - 1);
	CHECK_BOOL(credit_full(&x, 1, 2), false);
	CHECK_UINT(x.lines[1].lacking, 0);
	credit_take(&x, 1, 2, 1);
	CHECK_BOOL(credit_full(&x, 1, 2), true);
	CHECK_UINT(x.lines[1].lacking, 1);
	/* Past the end is allowed, and is counted once. */
	credit_take(&x, 1, 2, 500);
	CHECK_UINT(x.lines[1].lacking, 1);
	CHECK_BOOL(credit_full(&x, 1, 1), false);
	CHECK_BOOL(credit_full(&x, 2, 2), false);
	credit_give(&x, 1, 2, 500);
	CHECK_UINT(x.lines[1].lacking, 1);
	credit_give(&x, 1, 2, 1);
	CHECK_BOOL(credit_full(&x, 1, 2), false);
	CHECK_UINT(x.lines[1].lacking, 0);
	credit_give(&x, 1, 2, WINDOW - 1);
	CHECK_UINT(x.lines[1].outstanding[2], 0);
	credit_fini(&x);
}

TEST(a_sink_needs_no_room)
{
	struct gust_task sink = { 0 };

	begin(WINDOW, 0);
	for (uint32_t i = 0; i < x.line_count; i++)
		for (uint32_t executor = 0; executor < EXECUTORS; executor++)
			credit_take(&x, i, executor, WINDOW);
	CHECK_BOOL(credit_room(&x, &sink), true);
	CHECK_UINT(credit_blocker(&x, &sink), UINT32_MAX);
	credit_fini(&x);
}

/* A task cannot choose: the executor that is full may be whose turn it is. */
TEST(one_full_executor_stops_a_task_that_cannot_choose)
{
	struct need needs[] = { { 2, false }, { 1, false } };
	struct gust_task task = { .needs = needs, .need_count = 2 };

	begin(WINDOW, 0);
	CHECK_BOOL(credit_room(&x, &task), true);
	credit_take(&x, 1, 1, WINDOW);
	CHECK_BOOL(credit_room(&x, &task), false);
	CHECK_UINT(credit_blocker(&x, &task), 1);
	credit_give(&x, 1, 1, 1);
	CHECK_BOOL(credit_room(&x, &task), true);
	CHECK_UINT(credit_blocker(&x, &task), UINT32_MAX);
	credit_fini(&x);
}

TEST(a_shuffle_needs_one_executor_with_room)
{
	struct need need = { 1, true };
	struct gust_task task = { .needs = &need, .need_count = 1 };

	begin(WINDOW, 0);
	credit_take(&x, 1, 0, WINDOW);
	credit_take(&x, 1, 1, WINDOW);
	CHECK_BOOL(credit_room(&x, &task), true);
	credit_take(&x, 1, 2, WINDOW);
	CHECK_BOOL(credit_room(&x, &task), false);
	CHECK_UINT(credit_blocker(&x, &task), 1);
	credit_give(&x, 1, 0, 1);
	CHECK_BOOL(credit_room(&x, &task), true);
	credit_fini(&x);
}

/* `lacking` is what one would count, whatever was taken and given. */
TEST(it_agrees_with_a_count)
{
	uint64_t out[6][EXECUTORS] = { { 0 } };
	struct random random;

	begin(WINDOW, 0);
	random_seed(&random, 11);
	for (int round = 0; round < 100000; round++) {
		uint32_t line = random_below(&random, 6), lacking = 0;
		uint32_t to = random_below(&random, EXECUTORS);
		uint64_t bytes = random_below(&random, 700);

		if (random_below(&random, 2) == 0) {
			credit_take(&x, line, to, bytes);
			out[line][to] += bytes;
		} else {
			if (bytes > out[line][to])
				bytes = out[line][to];
			credit_give(&x, line, to, bytes);
			out[line][to] -= bytes;
		}
		for (uint32_t i = 0; i < EXECUTORS; i++)
			lacking += out[line][i] >= WINDOW;
		CHECK_UINT(x.lines[line].lacking, lacking);
		CHECK_BOOL(credit_full(&x, line, to), out[line][to] >= WINDOW);
	}
	credit_fini(&x);
}

TEST(short_memory_is_reported)
{
	for (unsigned long n = 1; starve(n); n++) {
		int r;

		memset(&x, 0, sizeof(x));
		x.plan = &plan;
		r = credit_init(&x);
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		credit_fini(&x);
	}
}
