/* SPDX-License-Identifier: MIT */

/*
 * slow: takes `each` for every tuple, and task `slow_task` takes `factor`
 * times as long; then passes n: int on. It sleeps, as one does that waits for
 * a disk, or keeps its core busy.
 */

#include <errno.h>
#include <time.h>

#include <gust/bolt.h>

struct slow {
	uint64_t each; /* options */
	int64_t slow_task;
	int64_t factor;
	bool busy;

	struct gust_field n;
	uint64_t lasts;
};

static const struct gust_option slow_options[] = {
	{ .name = "each",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct slow, each),
	  .fallback = "1ms",
	  .help = "how long a tuple takes" },
	{ .name = "slow_task",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct slow, slow_task),
	  .fallback = "-1",
	  .help = "the task that takes longer; -1: none",
	  .min = -1,
	  .max = 65535 },
	{ .name = "factor",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct slow, factor),
	  .fallback = "10",
	  .help = "how many times as long",
	  .min = 1,
	  .max = 1e6 },
	{ .name = "busy",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct slow, busy),
	  .help = "keeps the core busy" },
	{ .name = NULL },
};

static const struct gust_column slow_columns[] = { { "n", GUST_INT },
						   { NULL, GUST_NULL } };
static const struct gust_stream slow_streams[] = {
	{ "default", slow_columns },
	{ NULL, NULL },
};

static int slow_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct slow *slow = self;

	slow->lasts = slow->each;
	if (slow->slow_task == (int64_t)gust_task_index(task))
		slow->lasts *= (uint64_t)slow->factor;
	return gust_field(task, "n", GUST_INT, &slow->n, error);
}

static int slow_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct slow *slow = self;
	struct timespec until, now;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(slow->lasts / 1000000000);
	until.tv_nsec += (long)(slow->lasts % 1000000000);
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	if (!slow->busy)
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
				       NULL) == EINTR)
			;
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while (now.tv_sec < until.tv_sec ||
	       (now.tv_sec == until.tv_sec && now.tv_nsec < until.tv_nsec));
	return gust_emit(task, gust_int(gust_integer(in, slow->n)));
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "slow",
	.summary = "takes its time",
	.options = slow_options,
	.streams = slow_streams,
	.instance_size = sizeof(struct slow),
	.open = slow_open,
	.execute = slow_execute,
};
