/* SPDX-License-Identifier: MIT */
#ifndef LOOKUP_BOOK_H
#define LOOKUP_BOOK_H

/*
 * Of `lookup`: bytes that are found by other bytes, a table that only grows.
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/kit/buffer.h>
#include <gust/tuple.h>

struct book_entry;

/* All zero is an empty one. */
struct book {
	struct book_entry *entries; /* open addressing, at most half full */
	size_t size, used;
	struct buffer bytes; /* of keys and values */
};

/* Takes a pair, also in place of one with the same key. 0 or -ENOMEM. */
int book_put(struct book *book, struct gust_text key, struct gust_text value);

/* The value is borrowed until the next book_put(). */
bool book_find(const struct book *book, struct gust_text key,
	       struct gust_text *value);

/* Forgets all; the book is empty and can be used again. */
void book_destroy(struct book *book);

#endif
