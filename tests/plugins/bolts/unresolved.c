/* SPDX-License-Identifier: MIT */

/* unresolved: calls a function that the runtime does not have. */

#include <gust/bolt.h>

int gust_frobnicate(struct gust_task *task);

static int unresolved_execute(void *self, struct gust_task *task,
			      const struct gust_tuple *in)
{
	(void)self;
	(void)in;
	return gust_frobnicate(task);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "unresolved",
	.execute = unresolved_execute,
};
