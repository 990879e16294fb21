/* SPDX-License-Identifier: MIT */

/* older: built when the descriptor ended with execute(). Its close() stands
 * behind that end, so it is never called. */

#include <gust/bolt.h>

#include <stdlib.h>

static int older_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

static void older_close(void *self)
{
	(void)self;
	abort();
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = offsetof(struct gust_bolt, tick),
	.name = "older",
	.execute = older_execute,
	.close = older_close,
};
