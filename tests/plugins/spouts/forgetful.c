/* SPDX-License-Identifier: MIT */

/*
 * forgetful: emits nothing and cannot replay.
 *
 * Output:
 *	default: n: int
 *	others as `outputs:` says
 */

#include <gust/spout.h>

static const struct gust_column forgetful_default[] = { { "n", GUST_INT },
							{ NULL, GUST_NULL } };
static const struct gust_stream forgetful_streams[] = {
	{ "default", forgetful_default },
	{ NULL, NULL },
};

static int forgetful_next(void *self, struct gust_task *task)
{
	(void)self;
	(void)task;
	return GUST_DONE;
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "forgetful",
	.summary = "emits nothing and cannot replay",
	.streams = forgetful_streams,
	.replay = GUST_REPLAY_NONE,
	.next = forgetful_next,
};
