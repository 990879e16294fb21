/* SPDX-License-Identifier: MIT */

/*
 * keep: passes n: int on, after it has kept the tuple for a while:
 *
 *	retain	for `delay`, by a timer
 *	hold	until flush(); then all are passed on, each anchored to its own
 *	gather	until flush(), or until 16 are held; then their sum is passed
 *		on, anchored to all
 *	forget	for ever, the first time; later attempts pass at once
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>

#define KEEP_GATHER 16u

enum keep_how { KEEP_RETAIN, KEEP_HOLD, KEEP_GATHERED, KEEP_FORGET };

struct keep {
	uint64_t delay; /* options */
	int how;

	struct gust_field n;
	const struct gust_tuple **kept; /* in the order they came */
	size_t first, count, size;
	uint8_t *seen;
	size_t seen_size;
};

static const char *const keep_hows[] = { "retain", "hold", "gather", "forget",
					 NULL };

static const struct gust_option keep_options[] = {
	{ .name = "delay",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct keep, delay),
	  .fallback = "1ms",
	  .help = "for how long a tuple is retained" },
	{ .name = "how",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct keep, how),
	  .fallback = "retain",
	  .help = "how tuples are kept",
	  .choices = keep_hows },
	{ .name = NULL },
};

static const struct gust_column keep_columns[] = { { "n", GUST_INT },
						   { NULL, GUST_NULL } };
static const struct gust_stream keep_streams[] = {
	{ "default", keep_columns },
	{ NULL, NULL },
};

static int keep_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct keep *keep = self;

	return gust_field(task, "n", GUST_INT, &keep->n, error);
}

static void keep_add(struct keep *keep, const struct gust_tuple *kept)
{
	if (kept == NULL)
		abort();
	if (keep->count == keep->size) {
		keep->size = 2 * keep->size + 64;
		keep->kept =
			realloc(keep->kept, keep->size * sizeof(const void *));
		if (keep->kept == NULL)
			abort();
	}
	keep->kept[keep->count++] = kept;
}

/* Passes the oldest kept tuple on. */
static int keep_pass(struct keep *keep, struct gust_task *task)
{
	const struct gust_tuple *kept = keep->kept[keep->first++];
	int64_t n = gust_integer(kept, keep->n);
	int r;

	if (keep->first == keep->count)
		keep->first = keep->count = 0;
	r = gust_emit_anchored(task, 0, &kept, 1, gust_int(n));
	gust_ack(task, kept);
	return r;
}

/* Passes the sum of all on. */
static int keep_pass_sum(struct keep *keep, struct gust_task *task)
{
	int64_t sum = 0;
	size_t i;
	int r;

	if (keep->count == 0)
		return 0;
	for (i = 0; i < keep->count; i++)
		sum += gust_integer(keep->kept[i], keep->n);
	r = gust_emit_anchored(task, 0, keep->kept, keep->count, gust_int(sum));
	for (i = 0; i < keep->count; i++)
		gust_ack(task, keep->kept[i]);
	keep->count = 0;
	return r;
}

static bool keep_is_new(struct keep *keep, int64_t n)
{
	size_t at = (size_t)n;

	if (at >= keep->seen_size) {
		keep->seen = realloc(keep->seen, 2 * at + 64);
		if (keep->seen == NULL)
			abort();
		for (; keep->seen_size < 2 * at + 64; keep->seen_size++)
			keep->seen[keep->seen_size] = 0;
	}
	return keep->seen[at]++ == 0;
}

static int keep_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct keep *keep = self;

	switch ((enum keep_how)keep->how) {
	case KEEP_RETAIN:
		keep_add(keep, gust_retain(task, in));
		return gust_timer(task, keep->delay, 1);
	case KEEP_HOLD:
		keep_add(keep, gust_hold(task, in));
		return 0;
	case KEEP_GATHERED:
		keep_add(keep, gust_hold(task, in));
		return keep->count < KEEP_GATHER ? 0
						 : keep_pass_sum(keep, task);
	case KEEP_FORGET:
		if (!keep_is_new(keep, gust_integer(in, keep->n)))
			break;
		if (gust_retain(task, in) == NULL)
			return -ENOMEM;
		return 0;
	}
	return gust_emit(task, gust_int(gust_integer(in, keep->n)));
}

static int keep_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	(void)cookie;
	return keep_pass(self, task);
}

static int keep_flush(void *self, struct gust_task *task)
{
	struct keep *keep = self;
	int r = 0;

	if (keep->how == KEEP_GATHERED)
		return keep_pass_sum(keep, task);
	if (keep->how != KEEP_HOLD)
		return 0;
	while (keep->first < keep->count && r == 0)
		r = keep_pass(keep, task);
	keep->first = 0;
	keep->count = 0;
	return r;
}

static void keep_close(void *self)
{
	struct keep *keep = self;

	free(keep->kept);
	free(keep->seen);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "keep",
	.summary = "passes numbers on later",
	.options = keep_options,
	.streams = keep_streams,
	.instance_size = sizeof(struct keep),
	.open = keep_open,
	.execute = keep_execute,
	.timer = keep_timer,
	.flush = keep_flush,
	.close = keep_close,
};
