/* SPDX-License-Identifier: MIT */

#include "worker/waits.h"

#include "base/clock.h"

#include "test.h"

#define MS CLOCK_NS_PER_MS
#define TASKS 5

/* Tasks 0, 2 and 4 are of worker 0, the others of worker 1. */
static struct plan_task tasks[BEAT_WAITS_MAX * 2 + 10];
static uint32_t worker_of[2] = { 0, 1 };
static struct plan plan = { .tasks = tasks,
			    .task_count = TASKS,
			    .worker_of = worker_of,
			    .executor_count = 2,
			    .worker_count = 2 };

static void prepare(uint32_t count)
{
	plan.task_count = count;
	for (uint32_t i = 0; i < count; i++)
		tasks[i].executor = i % 2;
}

TEST(only_long_waits_of_the_own_tasks_are_told)
{
	uint64_t waits[TASKS] = { 49 * MS, 900 * MS, 50 * MS, 0, UINT64_MAX };
	struct beat_wait list[BEAT_WAITS_MAX];

	prepare(TASKS);
	CHECK_UINT(waits_tell(&plan, 0, waits, list), 2);
	CHECK_UINT(list[0].task, 2);
	CHECK_UINT(list[0].wait_ms, 50);
	CHECK_UINT(list[1].task, 4);
	CHECK_UINT(list[1].wait_ms, UINT32_MAX);
}

TEST(no_more_are_told_than_there_is_room_for)
{
	static uint64_t waits[BEAT_WAITS_MAX * 2 + 10];
	struct beat_wait list[BEAT_WAITS_MAX];

	prepare(BEAT_WAITS_MAX * 2 + 10);
	for (uint32_t i = 0; i < plan.task_count; i++)
		waits[i] = 1000 * MS;
	CHECK_UINT(waits_tell(&plan, 0, waits, list), BEAT_WAITS_MAX);
}

TEST(who_is_not_mentioned_waits_no_longer)
{
	uint64_t waits[TASKS] = { 1, 2, 3, 4, 5 };
	const struct beat_wait list[] = { { 3, 70 }, { 0, 80 }, { 99, 90 } };

	prepare(TASKS);
	waits_take(&plan, 1, list, 3, waits);
	CHECK_UINT(waits[0], 1);
	CHECK_UINT(waits[1], 0);
	CHECK_UINT(waits[2], 3);
	CHECK_UINT(waits[3], 70 * MS);
	CHECK_UINT(waits[4], 5);
}

TEST(all_tasks_of_who_is_silent_wait)
{
	uint64_t waits[TASKS] = { 0 };

	prepare(TASKS);
	waits_silent(&plan, 1, 7, waits);
	CHECK_UINT(waits[0], 0);
	CHECK_UINT(waits[1], 7);
	CHECK_UINT(waits[3], 7);
	CHECK_UINT(waits[4], 0);
}
