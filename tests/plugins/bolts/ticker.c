/* SPDX-License-Identifier: MIT */

/*
 * ticker: takes tuples and does nothing with them, and writes at the end how
 * its ticks came: "TICKS LONGEST TUPLES", where LONGEST is the longest time
 * between two ticks in ns.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <gust/bolt.h>

struct ticker {
	const char *path; /* option */

	uint64_t ticks, tuples;
	uint64_t last, longest;
};

static const struct gust_option ticker_options[] = {
	{ .name = "path",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct ticker, path),
	  .help = "the file",
	  .flags = GUST_REQUIRED },
	{ .name = NULL },
};

static int ticker_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct ticker *ticker = self;

	(void)task;
	(void)in;
	ticker->tuples++;
	return 0;
}

/* By a clock of its own: the runtime's may have stood still. */
static int ticker_tick(void *self, struct gust_task *task)
{
	struct ticker *ticker = self;
	struct timespec time;
	uint64_t now;

	(void)task;
	clock_gettime(CLOCK_MONOTONIC, &time);
	now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
	if (ticker->last != 0 && now - ticker->last > ticker->longest)
		ticker->longest = now - ticker->last;
	ticker->last = now;
	ticker->ticks++;
	return 0;
}

static int ticker_finish(void *self, struct gust_task *task)
{
	struct ticker *ticker = self;
	FILE *file = fopen(ticker->path, "a");

	(void)task;
	if (file == NULL)
		return -errno;
	fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", ticker->ticks,
		ticker->longest, ticker->tuples);
	return fclose(file) == 0 ? 0 : -EIO;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "ticker",
	.summary = "measures how its ticks come",
	.options = ticker_options,
	.instance_size = sizeof(struct ticker),
	.execute = ticker_execute,
	.tick = ticker_tick,
	.finish = ticker_finish,
};
