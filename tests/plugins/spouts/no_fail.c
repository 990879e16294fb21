/* SPDX-License-Identifier: MIT */

/* no_fail: says that it replays by itself, but is never told what failed. */

#include <gust/spout.h>

static int no_fail_next(void *self, struct gust_task *task)
{
	(void)self;
	(void)task;
	return GUST_DONE;
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "no_fail",
	.replay = GUST_REPLAY_OWN,
	.next = no_fail_next,
};
