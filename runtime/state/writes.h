/* SPDX-License-Identifier: MIT */
#ifndef STATE_WRITES_H
#define STATE_WRITES_H

/*
 * A set of writes to a store, which are one transaction: each key once, as
 * encoded by state/key.h, with its record (state/record.h), or with none to be
 * removed. They are bytes of their own, so that one thread may store them while
 * the task goes on. One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

struct write {
	struct gust_text key;
	struct gust_text record; /* length 0: the key is removed */
};

/* Zeroed, it is empty. Members are private, but for `count`. */
struct writes {
	size_t count;
	struct write_place *places;
	size_t place_room;
	char *data;
	size_t used, room;
	bool sorted;
};

void writes_fini(struct writes *writes);

/* Empties it, but keeps the memory for the next ones. */
void writes_reset(struct writes *writes);

/*
 * Makes room for a write and tells where its bytes have to be put: first the
 * key, then the record. Returns NULL when memory is short.
 */
char *writes_add(struct writes *writes, size_t key_length,
		 size_t record_length);

/* Sorts by the bytes of the keys. Done by who stores them; it may take long. */
void writes_sort(struct writes *writes);

/* The write at `at` < count; its texts are borrowed, no NUL follows them. */
struct write writes_at(const struct writes *writes, size_t at);

/* All of it, in bytes. */
static inline size_t writes_bytes(const struct writes *writes)
{
	return writes->used;
}

#endif
