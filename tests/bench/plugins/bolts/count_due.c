/* SPDX-License-Identifier: MIT */

/*
 * count_due: counts words, and keeps how long after the time at which it was
 * due each was counted, in the histogram `latency_ns` of its metrics. A word
 * that is due at 0 is only counted. The counts are emitted at the end.
 *
 * Input:
 *	streams with the fields word: string, due: int, grouped by word
 * Output:
 *	default: word: string, count: int
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gust/bolt.h>

#define COUNT_DUE_TABLE_MIN 1024u /* a power of two */

/* A slot of the hash table; it is free while `word` is NULL. */
struct count_due_entry {
	uint64_t hash;
	int64_t count;
	char *word;
	size_t length;
};

struct count_due {
	struct gust_field word;
	struct gust_field due;
	struct gust_histogram *latency;
	struct count_due_entry *table; /* open addressing, at most half full */
	size_t size;
	size_t used;
	size_t emitted; /* so many slots, by finish() */
};

static const struct gust_column count_due_columns[] = {
	{ "word", GUST_STRING },
	{ "count", GUST_INT },
	{ NULL, GUST_NULL },
};

static const struct gust_stream count_due_streams[] = {
	{ "default", count_due_columns },
	{ NULL, NULL },
};

static uint64_t count_due_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int count_due_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct count_due *count = self;
	const char *const by[] = { "word" };
	int r = gust_field(task, "word", GUST_STRING, &count->word, error);

	if (r == 0)
		r = gust_field(task, "due", GUST_INT, &count->due, error);
	if (r < 0)
		return r;
	if (!gust_hashed_by(task, by, 1))
		return gust_error_set(error, -EINVAL,
				      "the input is not grouped by 'word'");
	count->latency = gust_histogram(task, "latency_ns");
	count->size = COUNT_DUE_TABLE_MIN;
	count->table = calloc(count->size, sizeof(*count->table));
	return count->table == NULL ? -ENOMEM : 0;
}

/* The slot of a word, or the free one where it belongs. */
static struct count_due_entry *count_due_find(const struct count_due *count,
					      uint64_t hash,
					      struct gust_text word)
{
	size_t mask = count->size - 1, i = (size_t)hash & mask;

	for (;; i = (i + 1) & mask) {
		struct count_due_entry *entry = &count->table[i];

		if (entry->word == NULL ||
		    (entry->hash == hash && entry->length == word.length &&
		     memcmp(entry->word, word.data, word.length) == 0))
			return entry;
	}
}

static int count_due_grow(struct count_due *count)
{
	struct count_due grown = { .size = 2 * count->size };
	size_t i;

	grown.table = calloc(grown.size, sizeof(*grown.table));
	if (grown.table == NULL)
		return -ENOMEM;
	for (i = 0; i < count->size; i++) {
		const struct count_due_entry *entry = &count->table[i];

		if (entry->word == NULL)
			continue;
		*count_due_find(&grown, entry->hash,
				(struct gust_text){ entry->word,
						    entry->length }) = *entry;
	}
	free(count->table);
	count->table = grown.table;
	count->size = grown.size;
	return 0;
}

static int count_due_add(struct count_due *count, struct count_due_entry *entry,
			 uint64_t hash, struct gust_text word)
{
	entry->word = malloc(word.length + 1);
	if (entry->word == NULL)
		return -ENOMEM;
	memcpy(entry->word, word.data, word.length);
	entry->length = word.length;
	entry->hash = hash;
	entry->count = 1;
	return 2 * ++count->used > count->size ? count_due_grow(count) : 0;
}

static int count_due_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct count_due *count = self;
	struct gust_text word = gust_text(in, count->word);
	struct count_due_entry *entry = count_due_find(count, in->hash, word);
	int64_t due = gust_integer(in, count->due);
	int r = 0;

	(void)task;
	if (entry->word != NULL)
		entry->count++;
	else
		r = count_due_add(count, entry, in->hash, word);
	if (due != 0)
		gust_histogram_record(count->latency,
				      count_due_now() - (uint64_t)due);
	return r;
}

static int count_due_finish(void *self, struct gust_task *task)
{
	struct count_due *count = self;
	int r;

	while (count->emitted < count->size) {
		const struct count_due_entry *entry =
			&count->table[count->emitted++];

		if (entry->word == NULL)
			continue;
		r = gust_emit(task, gust_string(entry->word, entry->length),
			      gust_int(entry->count));
		if (r < 0)
			return r;
		if (gust_room(task) == 0)
			return GUST_MORE;
	}
	return 0;
}

static void count_due_close(void *self)
{
	struct count_due *count = self;

	for (size_t i = 0; count->table != NULL && i < count->size; i++)
		free(count->table[i].word);
	free(count->table);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "count_due",
	.summary = "counts words and how late they are",
	.streams = count_due_streams,
	.instance_size = sizeof(struct count_due),
	.flags = GUST_MEMORY,
	.open = count_due_open,
	.execute = count_due_execute,
	.finish = count_due_finish,
	.close = count_due_close,
};
