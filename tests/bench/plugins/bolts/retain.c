/* SPDX-License-Identifier: MIT */

/*
 * retain: keeps so many tuples, and for each one that comes then acks one of
 * them by chance. When none has come for a while it acks all, for that is the
 * end: the spout waits for them.
 *
 * Input:
 *	any streams
 * Output:
 *	none
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>

#define RETAIN_WHILE_NS UINT64_C(200000000)

struct retain {
	int64_t limit; /* option */

	const struct gust_tuple **kept;
	size_t count;
	uint64_t seen;   /* tuples */
	bool waiting;    /* for the timer */
	uint64_t random; /* xorshift64*, never 0 */
};

static const struct gust_option retain_options[] = {
	{ .name = "limit",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct retain, limit),
	  .help = "how many tuples are kept",
	  .flags = GUST_REQUIRED,
	  .min = 1,
	  .max = 1e9 },
	{ .name = NULL },
};

static int retain_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct retain *retain = self;

	(void)task;
	(void)error;
	retain->random = 42;
	retain->kept = calloc((size_t)retain->limit, sizeof(*retain->kept));
	return retain->kept == NULL ? -ENOMEM : 0;
}

static uint64_t retain_draw(struct retain *retain)
{
	retain->random ^= retain->random >> 12;
	retain->random ^= retain->random << 25;
	retain->random ^= retain->random >> 27;
	return retain->random * UINT64_C(0x2545f4914f6cdd1d);
}

/* Acks one by chance; the last one takes its place. */
static void retain_drop(struct retain *retain, struct gust_task *task)
{
	size_t at = (size_t)(retain_draw(retain) % retain->count);
	const struct gust_tuple *kept = retain->kept[at];

	retain->kept[at] = retain->kept[--retain->count];
	gust_ack(task, kept);
}

static int retain_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct retain *retain = self;
	const struct gust_tuple *kept = gust_retain(task, in);

	if (kept == NULL)
		return -ENOMEM;
	if (retain->count == (size_t)retain->limit)
		retain_drop(retain, task);
	retain->kept[retain->count++] = kept;
	retain->seen++;
	return 0;
}

static int retain_idle(void *self, struct gust_task *task)
{
	struct retain *retain = self;

	if (retain->count == 0 || retain->waiting)
		return 0;
	retain->waiting = true;
	return gust_timer(task, RETAIN_WHILE_NS, retain->seen);
}

static int retain_timer(void *self, struct gust_task *task, uint64_t seen)
{
	struct retain *retain = self;

	retain->waiting = false;
	if (retain->seen != seen)
		return retain_idle(self, task);
	while (retain->count > 0)
		retain_drop(retain, task);
	return 0;
}

static void retain_close(void *self)
{
	struct retain *retain = self;

	free(retain->kept);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "retain",
	.summary = "keeps tuples and acks them in no order",
	.options = retain_options,
	.instance_size = sizeof(struct retain),
	.open = retain_open,
	.execute = retain_execute,
	.timer = retain_timer,
	.idle = retain_idle,
	.close = retain_close,
};
