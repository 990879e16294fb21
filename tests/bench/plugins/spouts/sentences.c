/* SPDX-License-Identifier: MIT */

/*
 * sentences: emits the lines of a file that it holds in memory, again and
 * again, so that a benchmark measures what comes after the reading.
 *
 * Output:
 *	default: line: string
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/spout.h>

struct sentences {
	const char *file; /* options */
	int64_t rounds;

	char *text;
	size_t size;
	struct gust_text *items;
	size_t count;
	size_t at;
};

static const struct gust_option sentences_options[] = {
	{ .name = "file",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sentences, file),
	  .help = "where the lines are",
	  .flags = GUST_REQUIRED },
	{ .name = "rounds",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct sentences, rounds),
	  .fallback = "1",
	  .help = "how often each is emitted",
	  .min = 0,
	  .max = 1e12 },
	{ .name = NULL },
};

static const struct gust_column sentences_columns[] = {
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream sentences_streams[] = {
	{ "default", sentences_columns },
	{ NULL, NULL },
};

static int sentences_read(struct sentences *sentences, FILE *file)
{
	long size;

	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		return -errno;
	rewind(file);
	sentences->text = malloc((size_t)size + 1);
	if (sentences->text == NULL)
		return -ENOMEM;
	sentences->size = fread(sentences->text, 1, (size_t)size, file);
	return sentences->size == (size_t)size ? 0 : -EIO;
}

/* Finds the lines; with `items` NULL they are only counted. */
static size_t sentences_cut(const struct sentences *sentences,
			    struct gust_text *items)
{
	const char *at = sentences->text, *end = at + sentences->size;
	size_t count = 0;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		if (items != NULL)
			items[count] =
				(struct gust_text){ at, (size_t)(stop - at) };
		count++;
		at = stop + 1;
	}
	return count;
}

static int sentences_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct sentences *sentences = self;
	FILE *file = fopen(sentences->file, "rb");
	int r = file == NULL ? -errno : sentences_read(sentences, file);

	(void)task;
	if (file != NULL)
		fclose(file);
	if (r < 0)
		return gust_error_set(error, r, "cannot read '%s': %s",
				      sentences->file, strerror(-r));
	sentences->count = sentences_cut(sentences, NULL);
	sentences->items =
		calloc(sentences->count + 1, sizeof(*sentences->items));
	if (sentences->items == NULL)
		return -ENOMEM;
	sentences_cut(sentences, sentences->items);
	if (sentences->count == 0)
		sentences->rounds = 0;
	return 0;
}

static int sentences_next(void *self, struct gust_task *task)
{
	struct sentences *sentences = self;
	const struct gust_text *item = &sentences->items[sentences->at];

	if (sentences->rounds == 0)
		return GUST_DONE;
	if (++sentences->at == sentences->count) {
		sentences->at = 0;
		sentences->rounds--;
	}
	return gust_emit(task, gust_string(item->data, item->length));
}

static void sentences_close(void *self)
{
	struct sentences *sentences = self;

	free(sentences->items);
	free(sentences->text);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "sentences",
	.summary = "emits the lines of a file again and again",
	.options = sentences_options,
	.streams = sentences_streams,
	.instance_size = sizeof(struct sentences),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_RECORD,
	.open = sentences_open,
	.next = sentences_next,
	.close = sentences_close,
};
