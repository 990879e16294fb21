/* SPDX-License-Identifier: MIT */

/*
 * limit: counts words as fast as a loop in C can that does nothing else. It is
 * what gust is compared with: one thread, no runtime, no tuples, no acks.
 *
 *	limit FILE ROUNDS
 *
 * Reads the lines of FILE into memory and goes over them ROUNDS times; what
 * stands between spaces is a word. Prints every word, a tab and its count.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_MIN (UINT32_C(1) << 16) /* a power of two */
#define FILE_BLOCK ((size_t)1 << 20)

/* A sentence, within the text that was read. */
struct sentence {
	const char *text;
	size_t length;
};

struct sentences {
	char *text;
	struct sentence *items;
	size_t count;
};

struct entry {
	char *word; /* NULL while the slot is free */
	uint32_t length;
	uint64_t hash;
	uint64_t count;
};

/* Open addressing, at most half full. */
struct table {
	struct entry *entries;
	uint32_t size;
	uint32_t used;
};

static void *need(void *block)
{
	if (block == NULL) {
		fputs("limit: out of memory\n", stderr);
		exit(1);
	}
	return block;
}

/* Eight bytes at a time, multiplied and folded. */
static inline uint64_t hash_word(const char *word, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325u, bytes;
	size_t left = length;

	for (; left >= sizeof(bytes); left -= sizeof(bytes)) {
		memcpy(&bytes, word, sizeof(bytes));
		hash = (hash ^ bytes) * 0x9fb21c651e98df25u;
		hash ^= hash >> 32;
		word += sizeof(bytes);
	}
	bytes = 0;
	memcpy(&bytes, word, left);
	hash ^= bytes ^ (uint64_t)left << 56;
	hash *= 0x9fb21c651e98df25u;
	return hash ^ hash >> 29;
}

static void table_grow(struct table *table)
{
	struct table grown = { .size = table->size * 2, .used = table->used };

	grown.entries = need(calloc(grown.size, sizeof(*grown.entries)));
	for (uint32_t i = 0; i < table->size; i++) {
		uint32_t at = (uint32_t)table->entries[i].hash;

		if (table->entries[i].word == NULL)
			continue;
		while (grown.entries[at & (grown.size - 1)].word != NULL)
			at++;
		grown.entries[at & (grown.size - 1)] = table->entries[i];
	}
	free(table->entries);
	*table = grown;
}

/* Adds a word that is not there; counting goes on in `table`. */
static void table_add(struct table *table, uint32_t at, uint64_t hash,
		      const char *word, size_t length)
{
	struct entry *entry = &table->entries[at];

	entry->word = need(malloc(length));
	memcpy(entry->word, word, length);
	entry->length = (uint32_t)length;
	entry->hash = hash;
	entry->count = 1;
	if (++table->used * 2 > table->size)
		table_grow(table);
}

static inline void table_count(struct table *table, const char *word,
			       size_t length)
{
	uint64_t hash = hash_word(word, length);
	uint32_t at = (uint32_t)hash & (table->size - 1);
	struct entry *entry = &table->entries[at];

	while (entry->word != NULL) {
		if (entry->hash == hash && entry->length == length &&
		    memcmp(entry->word, word, length) == 0) {
			entry->count++;
			return;
		}
		at = (at + 1) & (table->size - 1);
		entry = &table->entries[at];
	}
	table_add(table, at, hash, word, length);
}

static inline void sentence_count(const struct sentence *sentence,
				  struct table *table)
{
	const char *at = sentence->text, *end = at + sentence->length, *word;

	while (at < end) {
		while (at < end && *at == ' ')
			at++;
		word = at;
		while (at < end && *at != ' ')
			at++;
		if (at > word)
			table_count(table, word, (size_t)(at - word));
	}
}

/* Reads a whole file; exits with a message if it cannot. */
static char *read_all(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	char *text = NULL;
	size_t n;

	*size = 0;
	if (file == NULL) {
		fprintf(stderr, "limit: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	do {
		text = need(realloc(text, *size + FILE_BLOCK));
		n = fread(text + *size, 1, FILE_BLOCK, file);
		*size += n;
	} while (n == FILE_BLOCK);
	fclose(file);
	return text;
}

static void sentences_read(struct sentences *sentences, const char *name)
{
	size_t size, room = 0;
	const char *at, *end, *line_end;

	sentences->text = read_all(name, &size);
	end = sentences->text + size;
	for (at = sentences->text; at < end; at = line_end + 1) {
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (line_end == NULL)
			line_end = end;
		if (sentences->count == room) {
			room = room * 2 + 1024;
			sentences->items =
				need(realloc(sentences->items,
					     room * sizeof(struct sentence)));
		}
		sentences->items[sentences->count++] =
			(struct sentence){ at, (size_t)(line_end - at) };
	}
}

static void table_print(const struct table *table)
{
	for (uint32_t i = 0; i < table->size; i++) {
		const struct entry *entry = &table->entries[i];

		if (entry->word == NULL)
			continue;
		fwrite(entry->word, 1, entry->length, stdout);
		printf("\t%llu\n", (unsigned long long)entry->count);
	}
}

static void table_free(struct table *table)
{
	for (uint32_t i = 0; i < table->size; i++)
		free(table->entries[i].word);
	free(table->entries);
}

int main(int argc, char **argv)
{
	struct sentences sentences = { 0 };
	struct table table = { .size = TABLE_MIN };
	unsigned long rounds;

	if (argc != 3) {
		fputs("usage: limit FILE ROUNDS\n", stderr);
		return 2;
	}
	rounds = strtoul(argv[2], NULL, 10);
	sentences_read(&sentences, argv[1]);
	table.entries = need(calloc(table.size, sizeof(*table.entries)));
	for (unsigned long i = 0; i < rounds; i++)
		for (size_t j = 0; j < sentences.count; j++)
			sentence_count(&sentences.items[j], &table);
	table_print(&table);
	table_free(&table);
	free(sentences.items);
	free(sentences.text);
	return 0;
}
