/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_KEY_H
#define WINDOW_KEY_H

/*
 * The values that tuples are told apart by, kept as long as something of them
 * is: a head, the values, then their bytes, in one piece that does not move.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <gust/tuple.h>

struct key {
	uint64_t hash;
	uint32_t count; /* of values, which follow */
	uint32_t size;  /* of all of it, a multiple of 16 */
};

/* How many bytes key_write() takes, a multiple of 16. */
size_t key_size(const struct gust_value *values, size_t count);

/* Writes a key to key_size() bytes at `to`, aligned to 8. */
struct key *key_write(void *to, const struct gust_value *values, size_t count,
		      uint64_t hash);

static inline const struct gust_value *key_values(const struct key *key)
{
	return (const struct gust_value *)(const void *)(key + 1);
}

/* What key_equals() does with other keys than one text or number. */
bool key_equals_all(const struct key *key, const struct gust_value *values);

/* Whether these are the values of the key, as record_hash() sees it: -0.0 is
 * 0.0, and one null is another. There are as many of them. */
static inline bool key_equals(const struct key *key,
			      const struct gust_value *values)
{
	const struct gust_value *own = key_values(key);

	if (key->count != 1 || own->type != values->type)
		return key_equals_all(key, values);
	if (own->type == GUST_INT)
		return own->as.integer == values->as.integer;
	if (own->type != GUST_STRING)
		return key_equals_all(key, values);
	return own->length == values->length &&
	       memcmp(own->as.data, values->as.data, own->length) == 0;
}

/*
 * A key as bytes that mean the same elsewhere, for storing it: appended to
 * nothing and read from nothing else. key_pack() writes key_packed() bytes;
 * key_unpack() returns a key to be given to free(), or NULL and sets `*code`
 * to -ENOMEM or -EBADMSG.
 */
size_t key_packed(const struct key *key);
void key_pack(const struct key *key, char *to);
struct key *key_unpack(const char *from, size_t length, int *code);

#endif
