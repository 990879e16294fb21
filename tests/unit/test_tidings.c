/* SPDX-License-Identifier: MIT */

#include "worker/tidings.h"

#include "cli/progress.h"
#include "cli/snapshot.h"
#include "topology/plan.h"
#include "worker/board.h"

#include "test.h"

#define TASKS 40

/* Workers 0 and 1 are of host a, worker 2 of host b; they have the tasks in
 * turn. */
static struct plan_task tasks[TASKS];
static uint32_t worker_of[3] = { 0, 1, 2 };
static struct plan_worker workers[3] = { { .host = 0 },
					 { .host = 0 },
					 { .host = 1 } };
static struct plan_host hosts[2] = {
	{ .name = "a", .first_worker = 0, .worker_count = 2 },
	{ .name = "b", .first_worker = 2, .worker_count = 1 },
};
static struct plan_component component = { .id = "in", .task_count = TASKS };
static struct plan plan = { .tasks = tasks,
			    .task_count = TASKS,
			    .components = &component,
			    .component_count = 1,
			    .worker_of = worker_of,
			    .executor_count = 3,
			    .workers = workers,
			    .worker_count = 3,
			    .hosts = hosts,
			    .host_count = 2 };
static struct board here, there;
static struct beat_task list[BEAT_TASKS_MAX];

static void begin(void)
{
	for (uint32_t i = 0; i < TASKS; i++)
		tasks[i].executor = i % 3;
	CHECK_INT(board_init(&here, &plan, 0), 0);
	CHECK_INT(board_init(&there, &plan, 0), 0);
	here.workers[0].state = here.workers[1].state = BOARD_RUNNING;
	there.workers[2].state = BOARD_RUNNING;
	for (uint32_t i = 0; i < TASKS; i++)
		there.tasks[i].acked = 100 + i;
}

static void end(void)
{
	board_fini(&here);
	board_fini(&there);
}

TEST(the_first_worker_of_each_other_host_is_told)
{
	CHECK(tidings_wanted(&plan, 2, 0));
	CHECK(!tidings_wanted(&plan, 2, 1));
	CHECK(tidings_wanted(&plan, 0, 2));
	CHECK(tidings_wanted(&plan, 1, 2));
	CHECK(!tidings_wanted(&plan, 1, 0));
	plan.host_count = 0;
	CHECK(!tidings_wanted(&plan, 2, 0));
	plan.host_count = 2;
}

TEST(all_tasks_have_their_turn)
{
	uint32_t next = 0, told = 0;

	begin();
	for (int i = 0; i < 2; i++) {
		uint32_t count = tidings_tell(&there, 2, &next, 1000, list);

		CHECK_UINT(count, BEAT_TASKS_MAX);
		tidings_take(&here, 2, list, count, 70);
	}
	for (uint32_t i = 0; i < TASKS; i++) {
		told += here.told_ns[i] == 70;
		CHECK_UINT(here.told[i].acked, i % 3 == 2 ? 100 + i : 0);
	}
	CHECK_UINT(told, TASKS / 3);
	end();
}

TEST(a_state_is_as_old_there_as_here)
{
	uint32_t next = 2;

	begin();
	there.tasks[2].state = TASK_WAITING;
	there.tasks[2].state_since = 400;
	CHECK(tidings_tell(&there, 2, &next, 1000, list) > 1);
	CHECK_UINT(list[0].task, 2);
	tidings_take(&here, 2, list, 2, 50000);
	CHECK_UINT(here.told[2].state, TASK_WAITING);
	CHECK_UINT(here.told[2].state_since, 50000 - 600);
	CHECK_UINT(here.told[5].state_since, 0);
	end();
}

TEST(nobody_tells_of_the_tasks_of_others)
{
	begin();
	list[0] = (struct beat_task){ .task = 3, .counters.acked = 5 };
	list[1] = (struct beat_task){ .task = TASKS, .counters.acked = 5 };
	tidings_take(&here, 2, list, 2, 50);
	CHECK_UINT(here.told_ns[3], 0);
	CHECK_UINT(here.told[3].acked, 0);
	end();
}

TEST(a_snapshot_has_what_was_told)
{
	struct snapshot snapshot;
	uint32_t next = 0;

	begin();
	here.tasks[0].acked = 7;
	here.links[0 * 3 + 2].up = 1;
	CHECK_INT(snapshot_init(&snapshot, &plan), 0);
	tidings_take(&here, 2, list, tidings_tell(&there, 2, &next, 10, list),
		     20);
	snapshot_take(&snapshot, &here);
	snapshot_hear(&snapshot, &here);
	CHECK_UINT(snapshot.tasks[0].acked, 7);
	CHECK_UINT(snapshot.tasks[2].acked, 102);
	CHECK_UINT(snapshot.tasks[2].state, TASK_IDLE);
	/* It has not had its turn. */
	CHECK_UINT(snapshot.tasks[38].acked, 0);
	CHECK_UINT(snapshot.tasks[38].state, SNAPSHOT_UNKNOWN);
	/* What was told is kept, what it does now nobody knows. */
	here.links[0 * 3 + 2].up = 0;
	snapshot_hear(&snapshot, &here);
	CHECK_UINT(snapshot.tasks[2].acked, 102);
	CHECK_UINT(snapshot.tasks[2].state, SNAPSHOT_UNKNOWN);
	snapshot_fini(&snapshot);
	end();
}

TEST(progress_is_that_of_all_hosts_and_a_summary_is_not)
{
	struct progress progress;
	uint32_t next = 0;

	begin();
	CHECK_INT(progress_init(&progress, &plan, PROGRESS_NONE), 0);
	tidings_take(&here, 2, list, tidings_tell(&there, 2, &next, 10, list),
		     20);
	progress_update(&progress, &here);
	CHECK_UINT(progress.now.tasks[2].acked, 102);
	progress_take(&progress, &here);
	CHECK_UINT(progress.now.tasks[2].acked, 0);
	progress_fini(&progress);
	end();
}
