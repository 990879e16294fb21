/* SPDX-License-Identifier: MIT */

/* nothing: ends at once. */

#include <gust/spout.h>

static int nothing_next(void *self, struct gust_task *task)
{
	(void)self;
	(void)task;
	return GUST_DONE;
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "nothing",
	.summary = "ends at once",
	.next = nothing_next,
};
