/* SPDX-License-Identifier: MIT */

/*
 * split_due: cuts lines into words that keep the time at which their line was
 * due. Words are what stands between spaces.
 *
 * Input:
 *	a stream with the fields line: string, due: int
 * Output:
 *	default: word: string, due: int
 */

#include <string.h>

#include <gust/bolt.h>

struct split_due {
	struct gust_field line;
	struct gust_field due;
};

static const struct gust_column split_due_columns[] = {
	{ "word", GUST_STRING },
	{ "due", GUST_INT },
	{ NULL, GUST_NULL },
};

static const struct gust_stream split_due_streams[] = {
	{ "default", split_due_columns },
	{ NULL, NULL },
};

static int split_due_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct split_due *split = self;
	int r = gust_field(task, "line", GUST_STRING, &split->line, error);

	if (r < 0)
		return r;
	return gust_field(task, "due", GUST_INT, &split->due, error);
}

static int split_due_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	const struct split_due *split = self;
	const struct gust_text line = gust_text(in, split->line);
	const struct gust_value due = gust_value(in, split->due);
	const char *at = line.data, *end = at + line.length, *stop;
	int r = 0;

	for (; r == 0 && at < end; at = stop + 1) {
		stop = memchr(at, ' ', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		if (stop > at)
			r = gust_emit(task,
				      gust_string(at, (size_t)(stop - at)),
				      due);
	}
	return r;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "split_due",
	.summary = "cuts lines into words that know when they are due",
	.streams = split_due_streams,
	.instance_size = sizeof(struct split_due),
	.flags = GUST_DETERMINISTIC,
	.open = split_due_open,
	.execute = split_due_execute,
};
