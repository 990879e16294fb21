/* SPDX-License-Identifier: MIT */

/*
 * whole: emits of each window begin and end, the numbers n of all its tuples in
 * their order, of those that are new and of those that have left, and why it
 * was handed over.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/window.h>

struct whole {
	struct gust_field n;
};

static const struct gust_column whole_columns[] = {
	{ "begin", GUST_INT },      { "end", GUST_INT },
	{ "all", GUST_STRING },     { "fresh", GUST_STRING },
	{ "expired", GUST_STRING }, { "firing", GUST_INT },
	{ NULL, GUST_NULL },
};
static const struct gust_stream whole_streams[] = {
	{ "default", whole_columns },
	{ NULL, NULL },
};

static int whole_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct whole *whole = self;

	return gust_field(task, "n", GUST_INT, &whole->n, error);
}

/* "1 2 3", to be freed. */
static char *whole_list(const struct whole *whole,
			const struct gust_tuple *const *tuples, size_t count)
{
	char *text = malloc(21 * count + 1);
	size_t length = 0;

	if (text == NULL)
		abort();
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		length += (size_t)sprintf(text + length, "%s%" PRId64,
					  i > 0 ? " " : "",
					  gust_integer(tuples[i], whole->n));
	return text;
}

static int whole_whole(void *self, struct gust_task *task,
		       const struct gust_window *window,
		       const struct gust_window_tuples *tuples)
{
	char *all = whole_list(self, tuples->all, tuples->all_count);
	char *fresh = whole_list(self, tuples->fresh, tuples->fresh_count);
	char *expired =
		whole_list(self, tuples->expired, tuples->expired_count);
	int r = gust_emit(task, gust_int(window->begin), gust_int(window->end),
			  gust_string(all, strlen(all)),
			  gust_string(fresh, strlen(fresh)),
			  gust_string(expired, strlen(expired)),
			  gust_int(window->firing));

	free(all);
	free(fresh);
	free(expired);
	return r;
}

static const struct gust_windowing whole_windowing = {
	.size = sizeof(struct gust_windowing),
	.whole = whole_whole,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "whole",
	.summary = "lists the tuples of windows",
	.streams = whole_streams,
	.instance_size = sizeof(struct whole),
	.open = whole_open,
	.windowing = &whole_windowing,
};
