/* SPDX-License-Identifier: MIT */

#include "worker/waits.h"

#include "base/clock.h"
#include "engine/count.h"

/* What is less makes no difference to anybody. */
#define WAITS_MIN_MS 50u

static bool waits_belong(const struct plan *plan, uint32_t task,
			 uint32_t worker)
{
	return plan->worker_of[plan->tasks[task].executor] == worker;
}

uint32_t waits_tell(const struct plan *plan, uint32_t worker,
		    const uint64_t *waits, struct beat_wait *list)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < plan->task_count && count < BEAT_WAITS_MAX;
	     i++) {
		uint64_t ms = count_get(&waits[i]) / CLOCK_NS_PER_MS;

		if (ms < WAITS_MIN_MS || !waits_belong(plan, i, worker))
			continue;
		list[count++] = (struct beat_wait){
			.task = i,
			.wait_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX
		};
	}
	return count;
}

void waits_take(const struct plan *plan, uint32_t worker,
		const struct beat_wait *list, uint32_t count, uint64_t *waits)
{
	waits_silent(plan, worker, 0, waits);
	for (uint32_t i = 0; i < count; i++)
		if (list[i].task < plan->task_count &&
		    waits_belong(plan, list[i].task, worker))
			count_set(&waits[list[i].task],
				  list[i].wait_ms * CLOCK_NS_PER_MS);
}

void waits_silent(const struct plan *plan, uint32_t worker, uint64_t ns,
		  uint64_t *waits)
{
	for (uint32_t i = 0; i < plan->task_count; i++)
		if (waits_belong(plan, i, worker))
			count_set(&waits[i], ns);
}
