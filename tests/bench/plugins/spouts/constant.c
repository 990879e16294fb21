/* SPDX-License-Identifier: MIT */

/*
 * constant: emits the same text again and again.
 *
 * Output:
 *	default: text: string
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/spout.h>

struct constant {
	int64_t count; /* options */
	uint64_t size;

	char *text;
};

static const struct gust_option constant_options[] = {
	{ .name = "count",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct constant, count),
	  .help = "how many tuples each task emits",
	  .flags = GUST_REQUIRED,
	  .min = 0,
	  .max = 1e12 },
	{ .name = "size",
	  .type = GUST_OPTION_SIZE,
	  .offset = offsetof(struct constant, size),
	  .fallback = "9",
	  .help = "bytes of the text",
	  .min = 0,
	  .max = 1 << 20 },
	{ .name = NULL },
};

static const struct gust_column constant_columns[] = {
	{ "text", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream constant_streams[] = {
	{ "default", constant_columns },
	{ NULL, NULL },
};

static int constant_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct constant *constant = self;
	const char text[] = "some data";
	size_t i;

	(void)task;
	(void)error;
	constant->text = malloc(constant->size + 1);
	if (constant->text == NULL)
		return -ENOMEM;
	for (i = 0; i < constant->size; i++)
		constant->text[i] = text[i % (sizeof(text) - 1)];
	return 0;
}

static int constant_next(void *self, struct gust_task *task)
{
	struct constant *constant = self;

	if (constant->count == 0)
		return GUST_DONE;
	constant->count--;
	return gust_emit(task, gust_string(constant->text, constant->size));
}

static void constant_close(void *self)
{
	struct constant *constant = self;

	free(constant->text);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "constant",
	.summary = "emits the same text again and again",
	.options = constant_options,
	.streams = constant_streams,
	.instance_size = sizeof(struct constant),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_RECORD,
	.open = constant_open,
	.next = constant_next,
	.close = constant_close,
};
