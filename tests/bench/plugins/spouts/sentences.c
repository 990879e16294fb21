/* SPDX-License-Identifier: MIT */

/*
 * sentences: emits the lines of a file that it holds in memory, again and
 * again, so that a benchmark measures what comes after the reading.
 *
 * With `rate` it keeps to a timetable: each line has a time at which it is due,
 * however late the one before it was, and carries that time. The first `warm`
 * lines carry 0.
 *
 * Output:
 *	default: line: string; with `rate` also due: int, in nanoseconds of
 *	CLOCK_MONOTONIC
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gust/spout.h>

struct sentences {
	const char *file; /* options */
	int64_t rounds;
	double rate;
	int64_t warm;

	char *text;
	size_t size;
	struct gust_text *items;
	size_t count;
	size_t at;
	uint64_t begin;  /* of the timetable */
	int64_t emitted; /* by the timetable */
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
	{ .name = "rate",
	  .type = GUST_OPTION_FLOAT,
	  .offset = offsetof(struct sentences, rate),
	  .help = "lines a second; as fast as it goes if left out",
	  .min = 0,
	  .max = 1e9 },
	{ .name = "warm",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct sentences, warm),
	  .help = "how many lines do not say when they are due",
	  .min = 0,
	  .max = 1e12 },
	{ .name = NULL },
};

static int sentences_declare(void *self, struct gust_declaration *about,
			     struct gust_error *error)
{
	const struct sentences *sentences = self;
	const struct gust_column columns[] = {
		{ "line", GUST_STRING },
		{ sentences->rate > 0 ? "due" : NULL, GUST_INT },
		{ NULL, GUST_NULL },
	};

	(void)error;
	return gust_declare_stream(about, "default", columns);
}

static uint64_t sentences_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

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

/* The next line, of which there is one. */
static const struct gust_text *sentences_take(struct sentences *sentences)
{
	const struct gust_text *item = &sentences->items[sentences->at];

	if (++sentences->at == sentences->count) {
		sentences->at = 0;
		sentences->rounds--;
	}
	return item;
}

static int sentences_next_due(struct sentences *sentences,
			      struct gust_task *task)
{
	const struct gust_text *item;
	uint64_t due;

	if (sentences->begin == 0)
		sentences->begin = sentences_now();
	due = sentences->begin +
	      (uint64_t)((double)sentences->emitted * 1e9 / sentences->rate);
	if (sentences_now() < due)
		return gust_wait_until(task, due);
	item = sentences_take(sentences);
	if (sentences->emitted++ < sentences->warm)
		due = 0;
	return gust_emit(task, gust_string(item->data, item->length),
			 gust_int((int64_t)due));
}

static int sentences_next(void *self, struct gust_task *task)
{
	struct sentences *sentences = self;
	const struct gust_text *item;

	if (sentences->rounds == 0)
		return GUST_DONE;
	if (sentences->rate > 0)
		return sentences_next_due(sentences, task);
	item = sentences_take(sentences);
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
	.instance_size = sizeof(struct sentences),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_RECORD,
	.declare = sentences_declare,
	.open = sentences_open,
	.next = sentences_next,
	.close = sentences_close,
};
