/* SPDX-License-Identifier: MIT */

/*
 * null: takes every tuple and does nothing with it.
 *
 * Tuples are acked at once. It ends a branch whose output nobody wants, and
 * shows how fast the rest of a topology is.
 *
 * Input:
 *	any streams
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - {id: nowhere, plugin: null}
 */

#include <gust/bolt.h>

static int null_execute(void *self, struct gust_task *task,
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
	.name = "null",
	.summary = "takes every tuple and does nothing with it",
	.flags = GUST_DETERMINISTIC,
	.execute = null_execute,
};
