/* SPDX-License-Identifier: MIT */

/*
 * explode: emits n: int `factor` times for every tuple it gets. If `polite`,
 * it makes room when the runtime asks for it.
 */

#include <errno.h>

#include <gust/bolt.h>

struct explode {
	int64_t factor; /* options */
	bool polite;

	struct gust_field n;
	int64_t done; /* of the tuple that is given again */
};

static const struct gust_option explode_options[] = {
	{ .name = "factor",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct explode, factor),
	  .fallback = "10000",
	  .help = "tuples emitted for one",
	  .min = 0,
	  .max = 1e9 },
	{ .name = "polite",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct explode, polite),
	  .fallback = "true",
	  .help = "returns GUST_MORE when there is no room" },
	{ .name = NULL },
};

static const struct gust_column explode_columns[] = { { "n", GUST_INT },
						      { NULL, GUST_NULL } };
static const struct gust_stream explode_streams[] = {
	{ "default", explode_columns },
	{ NULL, NULL },
};

static int explode_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct explode *explode = self;

	return gust_field(task, "n", GUST_INT, &explode->n, error);
}

static int explode_execute(void *self, struct gust_task *task,
			   const struct gust_tuple *in)
{
	struct explode *explode = self;
	const int64_t n = gust_integer(in, explode->n);
	int r;

	while (explode->done < explode->factor) {
		r = gust_emit(task, gust_int(n));
		if (r < 0) {
			explode->done = 0;
			return r;
		}
		explode->done++;
		if (explode->polite && gust_room(task) == 0)
			return GUST_MORE;
	}
	explode->done = 0;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "explode",
	.summary = "emits many tuples for one",
	.options = explode_options,
	.streams = explode_streams,
	.instance_size = sizeof(struct explode),
	.open = explode_open,
	.execute = explode_execute,
};
