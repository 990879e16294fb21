/* SPDX-License-Identifier: MIT */

/*
 * slow: takes `each` for every tuple, and task `slow_task` takes `factor`
 * times as long; then passes it on. It sleeps, as one does that waits for
 * a disk, or keeps its core busy.
 */

#include <errno.h>
#include <time.h>

#include <gust/bolt.h>

#define SLOW_FIELDS_MAX 16

struct slow {
	uint64_t each; /* options */
	int64_t slow_task;
	int64_t factor;
	bool busy;

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

static int slow_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	(void)self;
	(void)error;
	return gust_declare_stream(about, "default",
				   gust_declared_input(about, 0)->columns);
}

static int slow_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct slow *slow = self;

	(void)error;
	slow->lasts = slow->each;
	if (slow->slow_task == (int64_t)gust_task_index(task))
		slow->lasts *= (uint64_t)slow->factor;
	return 0;
}

static int slow_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct slow *slow = self;
	struct gust_value row[SLOW_FIELDS_MAX];
	struct timespec until, now;
	size_t i;

	if (in->fields > SLOW_FIELDS_MAX)
		return -E2BIG;
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
	for (i = 0; i < in->fields; i++)
		row[i] = gust_value_at(in, i);
	return gust_emit_values(task, 0, row, in->fields);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "slow",
	.summary = "takes its time",
	.options = slow_options,
	.instance_size = sizeof(struct slow),
	.declare = slow_declare,
	.open = slow_open,
	.execute = slow_execute,
};
