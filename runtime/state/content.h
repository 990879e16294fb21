/* SPDX-License-Identifier: MIT */
#ifndef STATE_CONTENT_H
#define STATE_CONTENT_H

/*
 * What one key holds: bytes, a counter, a list or a map; and as the record of
 * it in a store.
 *
 * A record is a byte for the kind, with CONTENT_MORTAL in it if 8 bytes follow
 * that say when it ends, in ns since 1970; then a counter in 8 bytes, or the
 * bytes, or the number of entries in 4 bytes and the entries. An entry of a
 * list is its length in 4 bytes, its bytes and a NUL; one of a map the lengths
 * of its name and its value, the name, a NUL, the value and a NUL; a map is
 * sorted by name. Numbers are little-endian. Stored state relies on it.
 *
 * Functions that fail leave it as it was. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/state.h>
#include <gust/tuple.h>

enum content_kind {
	CONTENT_NONE = 0, /* nothing: the key is not there */
	CONTENT_BYTES = 1,
	CONTENT_COUNTER = 2,
	CONTENT_LIST = 3,
	CONTENT_MAP = 4
};

#define CONTENT_MORTAL 0x80u

/* What never ends. */
#define CONTENT_FOR_EVER INT64_MAX

/* A longer one is -EMSGSIZE. */
#define CONTENT_MAX ((size_t)1 << 30)

/* Zeroed, it is nothing. */
struct content {
	union {
		int64_t counter;
		char *data; /* of the others, its own; a NUL follows */
	} as;
	uint8_t kind; /* enum content_kind */
	/* These are its owner's. */
	uint8_t flags;
	uint16_t key_count;
	uint32_t hash;
	/* Of `data`, and what is allocated for it. */
	uint32_t length, room;
};

/* Frees what it holds; it is nothing then. */
void content_clear(struct content *content);

/* Takes over what another one is, but for what is its owner's. What it was is
 * forgotten, not freed. */
static inline void content_take(struct content *content,
				const struct content *from)
{
	const struct content own = *content;

	*content = *from;
	content->flags = own.flags;
	content->key_count = own.key_count;
	content->hash = own.hash;
}

/* Makes another one of it, but for what is its owner's. 0 or -ENOMEM. */
int content_copy(struct content *to, const struct content *from);

/* Bytes in place of what it was. 0, -ENOMEM, -EMSGSIZE. */
int content_put(struct content *content, const void *data, size_t length);

/* The bytes, or of a counter its int64_t; of others nothing. */
struct gust_text content_text(const struct content *content);

/* The following take CONTENT_NONE for an empty list or map. */

/* Appends to a list, and drops the oldest ones beyond `most` (0: none). */
int content_append(struct content *content, const void *data, size_t length,
		   size_t most);

/* 1: a map has that name. */
int content_map_get(const struct content *content, struct gust_text name,
		    struct gust_text *value);
int content_map_put(struct content *content, struct gust_text name,
		    const void *data, size_t length);

/* 1: it was there. A map without entries is nothing. */
int content_map_remove(struct content *content, struct gust_text name);

/* For gust_entries_next(). */
void content_entries(const struct content *content,
		     struct gust_entries *entries);

/* The record of it. `expires` is CONTENT_FOR_EVER or in ns since 1970. */
size_t content_record_size(const struct content *content, int64_t expires);
void content_record(const struct content *content, int64_t expires, char *to);

/*
 * Reads a record. Returns 0, -ENOMEM or -EBADMSG; it must be nothing before,
 * and is written on success only.
 */
int content_read(struct content *content, struct gust_text record,
		 int64_t *expires);

/* When a record ends; CONTENT_FOR_EVER also of what is no record. */
int64_t content_expires(struct gust_text record);

#endif
