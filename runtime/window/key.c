/* SPDX-License-Identifier: MIT */

#include "window/key.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "tuple/record.h"
#include "tuple/value.h"

size_t key_size(const struct gust_value *values, size_t count)
{
	size_t size = sizeof(struct key) + count * sizeof(*values);

	for (size_t i = 0; i < count; i++)
		if (values[i].type >= GUST_STRING)
			size += record_padded(values[i].length);
	return (size + 15) & ~(size_t)15;
}

struct key *key_write(void *to, const struct gust_value *values, size_t count,
		      uint64_t hash)
{
	struct key *key = to;
	struct gust_value *own = (struct gust_value *)(void *)(key + 1);
	char *at = (char *)(own + count);

	key->hash = hash;
	key->count = (uint32_t)count;
	key->size = (uint32_t)key_size(values, count);
	for (size_t i = 0; i < count; i++) {
		own[i] = values[i];
		if (values[i].type < GUST_STRING)
			continue;
		memset(at + record_padded(values[i].length) - 8, 0, 8);
		if (values[i].length > 0)
			memcpy(at, values[i].as.data, values[i].length);
		own[i].as.data = at;
		at += record_padded(values[i].length);
	}
	return key;
}

bool key_equals_all(const struct key *key, const struct gust_value *values)
{
	const struct gust_value *own = key_values(key);

	for (uint32_t i = 0; i < key->count; i++)
		if (!value_same(&own[i], &values[i]))
			return false;
	return true;
}

/* The hash, then for each value its type, its length, and a word or bytes. */
size_t key_packed(const struct key *key)
{
	const struct gust_value *values = key_values(key);
	size_t size = sizeof(uint64_t);

	for (uint32_t i = 0; i < key->count; i++)
		size += 8 +
			(values[i].type >= GUST_STRING ? values[i].length : 8);
	return size;
}

void key_pack(const struct key *key, char *to)
{
	const struct gust_value *values = key_values(key);

	memcpy(to, &key->hash, 8);
	to += 8;
	for (uint32_t i = 0; i < key->count; i++) {
		memcpy(to, &values[i].type, 4);
		memcpy(to + 4, &values[i].length, 4);
		to += 8;
		if (values[i].type < GUST_STRING) {
			memcpy(to, &values[i].as.integer, 8);
			to += 8;
		} else {
			memcpy(to, values[i].as.data, values[i].length);
			to += values[i].length;
		}
	}
}

/* Reads one value; returns what it took, or 0. */
static size_t key_unpack_value(const char *from, size_t left,
			       struct gust_value *value)
{
	if (left < 8)
		return 0;
	memcpy(&value->type, from, 4);
	memcpy(&value->length, from + 4, 4);
	if (value->type > GUST_JSON)
		return 0;
	if (value->type < GUST_STRING) {
		if (left < 16)
			return 0;
		memcpy(&value->as.integer, from + 8, 8);
		return 16;
	}
	value->as.data = from + 8;
	return value->length <= left - 8 ? 8 + (size_t)value->length : 0;
}

struct key *key_unpack(const char *from, size_t length, int *code)
{
	/* A value takes eight bytes at least. */
	struct gust_value *values = calloc(length / 8 + 1, sizeof(*values));
	struct key *key = NULL;
	size_t at = 8, count = 0, took;
	uint64_t hash;

	*code = values == NULL ? -ENOMEM : -EBADMSG;
	if (values == NULL || length < 8)
		goto done;
	memcpy(&hash, from, 8);
	while (at < length) {
		took = key_unpack_value(from + at, length - at, &values[count]);
		if (took == 0)
			goto done;
		at += took;
		count++;
	}
	key = malloc(key_size(values, count));
	*code = key == NULL ? -ENOMEM : 0;
	if (key != NULL)
		key_write(key, values, count, hash);
done:
	free(values);
	return key;
}
