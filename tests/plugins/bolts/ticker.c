/* SPDX-License-Identifier: MIT */

/*
 * ticker: takes tuples and does nothing with them, and writes at the end how
 * its ticks came: "TICKS LONGEST TUPLES", where LONGEST is the longest time
 * between two ticks in ns, less what the thread waited for a core meanwhile:
 * that is the fault of others.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <gust/bolt.h>

struct ticker {
	const char *path; /* option */

	uint64_t ticks, tuples;
	uint64_t last, longest, waited;
	int statistics; /* of the scheduler, on the thread that ticks */
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

/* How long this thread has waited for a core since it began, in ns. */
static uint64_t ticker_waited(struct ticker *ticker)
{
	uint64_t waited = 0;
	char text[128];
	ssize_t length;

	if (ticker->statistics <= 0)
		ticker->statistics = open("/proc/thread-self/schedstat",
					  O_RDONLY | O_CLOEXEC);
	length = pread(ticker->statistics, text, sizeof(text) - 1, 0);
	text[length > 0 ? length : 0] = '\0';
	if (sscanf(text, "%*u %" SCNu64, &waited) != 1)
		return 0;
	return waited;
}

/* By a clock of its own: the runtime's may have stood still. */
static int ticker_tick(void *self, struct gust_task *task)
{
	struct ticker *ticker = self;
	uint64_t now, waited, gap;
	struct timespec time;

	(void)task;
	clock_gettime(CLOCK_MONOTONIC, &time);
	now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
	waited = ticker_waited(ticker);
	gap = now - ticker->last;
	gap -= waited - ticker->waited < gap ? waited - ticker->waited : gap;
	if (ticker->last != 0 && gap > ticker->longest)
		ticker->longest = gap;
	ticker->last = now;
	ticker->waited = waited;
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

static void ticker_close(void *self)
{
	struct ticker *ticker = self;

	if (ticker->statistics > 0)
		close(ticker->statistics);
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
	.close = ticker_close,
};
