/* SPDX-License-Identifier: MIT */

/*
 * work: keeps the processor busy for a while with each tuple.
 *
 * Input:
 *	any streams
 * Output:
 *	none
 */

#include <time.h>

#include <gust/bolt.h>

struct work {
	int64_t busy; /* options */
	int64_t slow_task;
	int64_t slow_busy;

	uint64_t ns; /* of this task */
};

static const struct gust_option work_options[] = {
	{ .name = "busy",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct work, busy),
	  .fallback = "1000",
	  .help = "nanoseconds that each tuple takes",
	  .min = 0,
	  .max = 1e9 },
	{ .name = "slow_task",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct work, slow_task),
	  .fallback = "-1",
	  .help = "the index of a task that is slower, -1 for none",
	  .min = -1,
	  .max = 1e6 },
	{ .name = "slow_busy",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct work, slow_busy),
	  .fallback = "10000",
	  .help = "nanoseconds that each tuple takes there",
	  .min = 0,
	  .max = 1e9 },
	{ .name = NULL },
};

static uint64_t work_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int work_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct work *work = self;

	(void)error;
	work->ns = (uint64_t)(gust_task_index(task) == work->slow_task
				      ? work->slow_busy
				      : work->busy);
	return 0;
}

static int work_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	const struct work *work = self;
	uint64_t end = work_now() + work->ns;

	(void)task;
	(void)in;
	while (work_now() < end)
		;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "work",
	.summary = "keeps the processor busy",
	.options = work_options,
	.instance_size = sizeof(struct work),
	.flags = GUST_DETERMINISTIC,
	.open = work_open,
	.execute = work_execute,
};
