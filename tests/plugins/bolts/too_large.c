/* SPDX-License-Identifier: MIT */

/* too_large: a descriptor with members that this runtime has never seen. */

#include <gust/bolt.h>

static int too_large_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt) + 8,
	.name = "too_large",
	.execute = too_large_execute,
};
