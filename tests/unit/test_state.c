/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/state.h"
#include "fixture_plan.h"

static struct fixture_plan fixture;
static struct snapshot snapshot;

static void begin(void)
{
	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&snapshot, &fixture.plan), 0);
}

static void end(void)
{
	snapshot_fini(&snapshot);
	plan_fini_derived(&fixture.plan);
}

TEST(words_are_those_of_the_kind)
{
	char text[STATE_TEXT_SIZE];

	begin();
	CHECK_STR(state_format(text, &snapshot, 0, NULL), "source empty");
	CHECK_STR(state_format(text, &snapshot, 1, NULL), "idle");
	snapshot.tasks[0].state = TASK_EMITTING;
	snapshot.tasks[1].state = snapshot.tasks[2].state = TASK_EMITTING;
	CHECK_STR(state_format(text, &snapshot, 0, NULL), "emitting");
	CHECK_STR(state_format(text, &snapshot, 1, NULL), "working");
	end();
}

TEST(the_worst_task_speaks_for_all)
{
	char text[STATE_TEXT_SIZE];

	begin();
	snapshot.tasks[1].state = TASK_EMITTING;
	snapshot.tasks[2].state = TASK_BACKPRESSURE;
	snapshot.tasks[2].blocked_by = 2;
	CHECK_UINT(state_task(&snapshot, 1), 2);
	CHECK_STR(state_format(text, &snapshot, 1, NULL),
		  "backpressure by 'count' (1 of 2)");
	snapshot.tasks[1] = snapshot.tasks[2];
	CHECK_STR(state_format(text, &snapshot, 1, NULL),
		  "backpressure by 'count'");
	end();
}

TEST(a_wait_has_its_reason_and_time)
{
	char text[STATE_TEXT_SIZE];

	begin();
	snapshot.time_ns = UINT64_C(15000000000);
	snapshot.tasks[3].state = snapshot.tasks[4].state = TASK_WAITING;
	snapshot.tasks[3].state_since = UINT64_C(3000000000);
	CHECK_STR(state_format(text, &snapshot, 2, "sqlite busy"),
		  "waiting: sqlite busy, 12 s");
	CHECK_STR(state_format(text, &snapshot, 2, ""), "waiting, 12 s");
	end();
}

TEST(a_window_that_holds_what_the_spout_emitted_is_named)
{
	static const struct gust_window_spec window = { .type = GUST_TUMBLING };
	char text[STATE_TEXT_SIZE];

	begin();
	fixture.components[2].window = &window;
	snapshot.tasks[0].state = TASK_MEMORY_LIMIT;
	CHECK_STR(state_format(text, &snapshot, 0, NULL), "memory limit");
	snapshot.tasks[0].open_trees = snapshot.tasks[0].held_trees = 5;
	snapshot.tasks[3].window_tuples = 812000;
	snapshot.tasks[4].window_tuples = 345;
	CHECK_STR(state_format(text, &snapshot, 0, NULL),
		  "memory limit, held by window 'count': 812,345 tuples");
	snapshot.tasks[0].state = TASK_IDLE;
	CHECK_STR(state_format(text, &snapshot, 0, NULL),
		  "source empty, held by window 'count': 812,345 tuples");
	snapshot.tasks[0].state = TASK_EMITTING;
	CHECK_STR(state_format(text, &snapshot, 0, NULL), "emitting");
	end();
}
