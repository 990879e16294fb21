/* SPDX-License-Identifier: MIT */

/* blocking: says that it blocks, and swallows its input. */

#include <gust/bolt.h>

static int blocking_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "blocking",
	.summary = "says that it blocks, and swallows its input",
	.flags = GUST_DEDICATED,
	.execute = blocking_execute,
};
