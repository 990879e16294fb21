/* SPDX-License-Identifier: MIT */

/*
 * crash: passes n: int on, but dies of SIGSEGV at every number whose remainder
 * by `every` is `at`, as often as it comes. With `who` it emits the number of
 * its process instead.
 */

#include <unistd.h>

#include <gust/bolt.h>

struct crash {
	int64_t every; /* options */
	int64_t at;
	bool who;

	struct gust_field n;
};

static const struct gust_option crash_options[] = {
	{ .name = "every",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct crash, every),
	  .help = "by what the numbers are divided",
	  .flags = GUST_REQUIRED,
	  .min = 1,
	  .max = 1e9 },
	{ .name = "at",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct crash, at),
	  .fallback = "0",
	  .help = "the remainder that kills; -1: none",
	  .min = -1,
	  .max = 1e9 },
	{ .name = "who",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct crash, who),
	  .help = "emits the process" },
	{ .name = NULL },
};

static const struct gust_column crash_columns[] = { { "n", GUST_INT },
						    { NULL, GUST_NULL } };
static const struct gust_stream crash_streams[] = {
	{ "default", crash_columns },
	{ NULL, NULL },
};

static int crash_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct crash *crash = self;

	return gust_field(task, "n", GUST_INT, &crash->n, error);
}

static int crash_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	const struct crash *crash = self;
	int64_t n = gust_integer(in, crash->n);
	volatile int *nowhere = NULL;

	if (n % crash->every == crash->at)
		*nowhere = 1;
	return gust_emit(task, gust_int(crash->who ? getpid() : n));
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "crash",
	.summary = "dies of some numbers",
	.options = crash_options,
	.streams = crash_streams,
	.instance_size = sizeof(struct crash),
	.open = crash_open,
	.execute = crash_execute,
};
