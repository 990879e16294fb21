/* SPDX-License-Identifier: MIT */

#include "base/clock.h"
#include "worker/board.h"
#include "worker/crew.h"
#include "worker/seat.h"

/* What a step may emit at most in a run with a limit. */
#define SEAT_SHARE 1024

static struct board_share *seat_share(const struct seat *seat)
{
	return &seat->crew->board->shares[seat->number];
}

void seat_reserve(struct seat *seat)
{
	struct board_limit *limit = seat->crew->board->limit;
	int64_t left = __atomic_load_n(&limit->free, __ATOMIC_RELAXED);
	int64_t share;

	do {
		share = left < SEAT_SHARE ? left : SEAT_SHARE;
		if (share < 0)
			share = 0;
	} while (!__atomic_compare_exchange_n(&limit->free, &left, left - share,
					      false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	seat_share(seat)->reserved = share;
	executor_limit(seat->executor,
		       seat_share(seat)->roots + (uint64_t)share);
}

uint64_t seat_settle(struct seat *seat, uint64_t next)
{
	struct board_limit *limit = seat->crew->board->limit;
	struct board_share *share = seat_share(seat);
	int64_t reserved = share->reserved;
	uint64_t roots = 0, emitted, all;

	for (uint32_t i = 0; i < seat->spout_count; i++) {
		const struct task_counters *counters =
			executor_counters(seat->executor, seat->tasks[i]);

		roots += counters->roots + counters->untracked;
	}
	emitted = roots - share->roots;
	share->reserved = 0;
	share->roots = roots;
	__atomic_fetch_add(&limit->free, reserved - (int64_t)emitted,
			   __ATOMIC_RELAXED);
	all = __atomic_add_fetch(&limit->roots, emitted, __ATOMIC_RELAXED);
	if (all < limit->max) {
		/* Others have reserved the last ones, and may give them back.
		 */
		uint64_t soon = clock_now_ns() + CLOCK_NS_PER_MS;

		if (reserved > (int64_t)emitted)
			return next;
		return reserved > 0 ? 0 : next < soon ? next : soon;
	}
	if (__atomic_exchange_n(&limit->enough, 1, __ATOMIC_ACQ_REL) == 0)
		crew_ring(seat->crew);
	return next;
}
