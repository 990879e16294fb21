/* SPDX-License-Identifier: MIT */

/*
 * again: passes n: int on, but says "not now" `times` times before it takes a
 * number that is one less than a multiple of `every`.
 */

#include <errno.h>

#include <gust/bolt.h>

struct again {
	int64_t every; /* options */
	int64_t times;

	struct gust_field n;
	int64_t said;
};

static const struct gust_option again_options[] = {
	{ .name = "every",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct again, every),
	  .fallback = "100",
	  .help = "the numbers one below its multiples",
	  .min = 1,
	  .max = 1e9 },
	{ .name = "times",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct again, times),
	  .fallback = "3",
	  .help = "how often it says -EAGAIN; -1: for ever",
	  .min = -1,
	  .max = 1e9 },
	{ .name = NULL },
};

static const struct gust_column again_columns[] = { { "n", GUST_INT },
						    { NULL, GUST_NULL } };
static const struct gust_stream again_streams[] = {
	{ "default", again_columns },
	{ NULL, NULL },
};

static int again_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct again *again = self;

	return gust_field(task, "n", GUST_INT, &again->n, error);
}

static int again_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct again *again = self;
	int64_t n = gust_integer(in, again->n);

	if (n % again->every == again->every - 1 &&
	    (again->times < 0 || again->said < again->times)) {
		again->said++;
		return gust_not_now(task, "told to wait");
	}
	again->said = 0;
	return gust_emit(task, gust_int(n));
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "again",
	.summary = "says \"not now\" for a while",
	.options = again_options,
	.streams = again_streams,
	.instance_size = sizeof(struct again),
	.open = again_open,
	.execute = again_execute,
};
