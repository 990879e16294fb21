/* SPDX-License-Identifier: MIT */

#include "book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define BOOK_SIZE_MIN ((size_t)64) /* a power of two */

/* It is free while `used` is false. The value stands behind the key. */
struct book_entry {
	uint64_t hash;
	size_t at; /* of the key, within the bytes */
	size_t key_length, value_length;
	bool used;
};

static struct book_entry *book_place(struct book_entry *entries, size_t size,
				     const char *bytes, struct gust_text key,
				     uint64_t hash)
{
	size_t at = (size_t)hash & (size - 1);
	struct book_entry *entry;

	for (;; at = (at + 1) & (size - 1)) {
		entry = &entries[at];
		if (!entry->used ||
		    (entry->hash == hash && entry->key_length == key.length &&
		     memcmp(bytes + entry->at, key.data, key.length) == 0))
			return entry;
	}
}

static int book_grow(struct book *book)
{
	size_t size = book->size == 0 ? BOOK_SIZE_MIN : 2 * book->size, i, at;
	struct book_entry *entries;

	if (2 * (book->used + 1) <= book->size)
		return 0;
	entries = calloc(size, sizeof(*entries));
	if (entries == NULL)
		return -ENOMEM;
	for (i = 0; i < book->size; i++) {
		if (!book->entries[i].used)
			continue;
		at = (size_t)book->entries[i].hash & (size - 1);
		while (entries[at].used)
			at = (at + 1) & (size - 1);
		entries[at] = book->entries[i];
	}
	free(book->entries);
	book->entries = entries;
	book->size = size;
	return 0;
}

int book_put(struct book *book, struct gust_text key, struct gust_text value)
{
	struct book_entry *entry;
	const size_t at = book->bytes.used;
	uint64_t hash = XXH3_64bits(key.data, key.length);
	int r = book_grow(book);

	if (r == 0)
		r = buffer_append(&book->bytes, key.data, key.length);
	if (r == 0)
		r = buffer_append(&book->bytes, value.data, value.length);
	if (r < 0) {
		book->bytes.used = at;
		return r;
	}
	entry = book_place(book->entries, book->size, book->bytes.data, key,
			   hash);
	book->used += !entry->used;
	*entry = (struct book_entry){ .hash = hash,
				      .at = at,
				      .key_length = key.length,
				      .value_length = value.length,
				      .used = true };
	return 0;
}

bool book_find(const struct book *book, struct gust_text key,
	       struct gust_text *value)
{
	const struct book_entry *entry;

	if (book->used == 0)
		return false;
	entry = book_place(book->entries, book->size, book->bytes.data, key,
			   XXH3_64bits(key.data, key.length));
	if (!entry->used)
		return false;
	value->data = book->bytes.data + entry->at + entry->key_length;
	value->length = entry->value_length;
	return true;
}

void book_destroy(struct book *book)
{
	free(book->entries);
	buffer_destroy(&book->bytes);
	*book = (struct book){ 0 };
}
