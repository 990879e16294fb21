/* SPDX-License-Identifier: MIT */

/* bad_default: the default of an option is none. */

#include <gust/bolt.h>

struct bad_default {
	int64_t times;
};

static const struct gust_option bad_default_options[] = {
	{ .name = "times",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct bad_default, times),
	  .fallback = "many" },
	{ 0 },
};

static int bad_default_execute(void *self, struct gust_task *task,
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
	.name = "bad_default",
	.options = bad_default_options,
	.instance_size = sizeof(struct bad_default),
	.execute = bad_default_execute,
};
