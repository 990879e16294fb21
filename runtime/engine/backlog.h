/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_BACKLOG_H
#define ENGINE_BACKLOG_H

/*
 * Backlog: what was sent to a task and is not consumed, as a sender sees it,
 * and how much of that is no reason to pass the task over in a shuffle.
 *
 * To a fast task of another executor something is always under way, in
 * batches; to a slow one the same number of bytes may be a second of work. So
 * a task may lag behind by what it has lately consumed within an interval,
 * and a little.
 */

#include <stdint.h>

#define BACKLOG_INTERVAL_NS (UINT64_C(1) << 21) /* about 2 ms */
#define BACKLOG_SLACK_MIN 4096u

struct backlog {
	uint64_t bytes;
	uint64_t interval; /* the number of that which `now` is of */
	uint64_t now;      /* consumed in that interval, and */
	uint64_t before;   /* in the one before it */
};

static inline void backlog_consumed(struct backlog *backlog, uint64_t bytes,
				    uint64_t time_ns)
{
	uint64_t interval = time_ns / BACKLOG_INTERVAL_NS;

	backlog->bytes -= bytes;
	if (interval != backlog->interval) {
		backlog->before =
			interval == backlog->interval + 1 ? backlog->now : 0;
		backlog->now = 0;
		backlog->interval = interval;
	}
	backlog->now += bytes;
}

static inline uint64_t backlog_slack(const struct backlog *backlog,
				     uint64_t time_ns)
{
	uint64_t age = time_ns / BACKLOG_INTERVAL_NS - backlog->interval;
	uint64_t pace = age > 1 ? 0 : backlog->now;

	if (age == 0 && backlog->before > pace)
		pace = backlog->before;
	return pace + BACKLOG_SLACK_MIN;
}

#endif
