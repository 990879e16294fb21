/* SPDX-License-Identifier: MIT */

#include "worker/tidings.h"

#include "engine/count.h"
#include "topology/plan.h"
#include "worker/board.h"

bool tidings_wanted(const struct plan *plan, uint32_t worker, uint32_t peer)
{
	uint32_t host = plan->workers[peer].host;

	return plan->host_count > 0 && plan->workers[worker].host != host &&
	       plan->hosts[host].first_worker == peer;
}

static bool tidings_belong(const struct plan *plan, uint32_t task,
			   uint32_t worker)
{
	return plan->worker_of[plan->tasks[task].executor] == worker;
}

/* Clocks of hosts differ, so a time travels as an age, and 0 as 0. */
static uint64_t tidings_turn(uint64_t time, uint64_t now)
{
	return time < now ? now - time : 1;
}

uint32_t tidings_tell(const struct board *board, uint32_t worker,
		      uint32_t *next, uint64_t now, struct beat_task *list)
{
	const struct plan *plan = board->plan;
	uint32_t count = 0;

	for (uint32_t i = 0; i < plan->task_count && count < BEAT_TASKS_MAX;
	     i++) {
		uint32_t task = *next < plan->task_count ? *next : 0;
		struct beat_task *told = &list[count];

		*next = task + 1;
		if (!tidings_belong(plan, task, worker))
			continue;
		*told = (struct beat_task){ .task = task };
		task_counters_copy(&told->counters, &board->tasks[task]);
		if (told->counters.state_since != 0)
			told->counters.state_since =
				tidings_turn(told->counters.state_since, now);
		count++;
	}
	return count;
}

void tidings_take(struct board *board, uint32_t worker,
		  const struct beat_task *list, uint32_t count, uint64_t now)
{
	const struct plan *plan = board->plan;

	for (uint32_t i = 0; i < count; i++) {
		struct task_counters counters = list[i].counters;
		uint32_t task = list[i].task;

		if (task >= plan->task_count ||
		    !tidings_belong(plan, task, worker))
			continue;
		if (counters.state_since != 0)
			counters.state_since =
				tidings_turn(counters.state_since, now);
		task_counters_copy(&board->told[task], &counters);
		count_set(&board->told_ns[task], now);
	}
}
