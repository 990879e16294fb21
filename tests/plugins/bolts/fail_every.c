/* SPDX-License-Identifier: MIT */

/*
 * fail_every: passes n: int on, but the first `times` attempts at every
 * `every`-th number end otherwise. Attempts are counted by task: group by n.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>

enum fail_how { FAIL_ERRNO, FAIL_REASON, FAIL_LETTER, FAIL_REJECT, FAIL_LATER };

struct fail_every {
	int64_t every; /* options */
	int64_t times;
	int how;

	struct gust_field n;
	uint8_t *attempts; /* by number / every */
	size_t size;
};

static const char *const fail_hows[] = { "errno",  "reason", "letter",
					 "reject", "later",  NULL };

static const struct gust_option fail_every_options[] = {
	{ .name = "every",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct fail_every, every),
	  .fallback = "1",
	  .help = "the numbers that this divides; 0: none",
	  .min = 0,
	  .max = 1e9 },
	{ .name = "times",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct fail_every, times),
	  .fallback = "1",
	  .help = "how many attempts fail",
	  .min = 0,
	  .max = 255 },
	{ .name = "how",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct fail_every, how),
	  .help = "what execute() does",
	  .fallback = "errno",
	  .choices = fail_hows },
	{ .name = NULL },
};

static const struct gust_column fail_every_columns[] = { { "n", GUST_INT },
							 { NULL, GUST_NULL } };
static const struct gust_stream fail_every_streams[] = {
	{ "default", fail_every_columns },
	{ NULL, NULL },
};

static int fail_every_open(void *self, struct gust_task *task,
			   struct gust_error *error)
{
	struct fail_every *fail_every = self;

	return gust_field(task, "n", GUST_INT, &fail_every->n, error);
}

/* Whether this attempt is one of those that fail. */
static bool fail_every_now(struct fail_every *fail_every, int64_t n)
{
	size_t at, size;
	uint8_t *grown;

	if (fail_every->every == 0 || n % fail_every->every != 0)
		return false;
	at = (size_t)(n / fail_every->every);
	size = 2 * at + 64;
	if (at >= fail_every->size) {
		grown = realloc(fail_every->attempts, size);
		if (grown == NULL)
			abort();
		memset(grown + fail_every->size, 0, size - fail_every->size);
		fail_every->attempts = grown;
		fail_every->size = size;
	}
	if (fail_every->attempts[at] >= fail_every->times)
		return false;
	fail_every->attempts[at]++;
	return true;
}

static int fail_every_execute(void *self, struct gust_task *task,
			      const struct gust_tuple *in)
{
	struct fail_every *fail_every = self;
	int64_t n = gust_integer(in, fail_every->n);
	const struct gust_tuple *kept;

	if (!fail_every_now(fail_every, n))
		return gust_emit(task, gust_int(n));
	switch ((enum fail_how)fail_every->how) {
	case FAIL_REASON:
		return gust_fail(task, in, "number %lld is not liked",
				 (long long)n);
	case FAIL_LETTER:
		return gust_dead_letter(task, in, "number %lld never works",
					(long long)n);
	case FAIL_REJECT:
		return gust_reject(task, in, "number %lld is bad",
				   (long long)n);
	case FAIL_LATER:
		kept = gust_retain(task, in);
		if (kept == NULL)
			return -ENOMEM;
		gust_fail(task, kept, "number %lld failed later", (long long)n);
		return 0;
	default:
		return -EIO;
	}
}

static void fail_every_close(void *self)
{
	struct fail_every *fail_every = self;

	free(fail_every->attempts);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "fail_every",
	.summary = "fails some numbers some times",
	.options = fail_every_options,
	.streams = fail_every_streams,
	.instance_size = sizeof(struct fail_every),
	.open = fail_every_open,
	.execute = fail_every_execute,
	.close = fail_every_close,
};
