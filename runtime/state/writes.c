/* SPDX-License-Identifier: MIT */
#include "state/writes.h"

#include <stdlib.h>
#include <string.h>

#include "state/keycode.h"

/* Bytes move when there are more: places count from the beginning. The first
 * bytes of the key, the highest first, spare most comparisons a look at it. */
struct write_place {
	uint64_t begins;
	size_t at;
	uint32_t key_length;
	uint32_t record_length;
};

#define WRITES_FEW 256u

void writes_fini(struct writes *writes)
{
	free(writes->places);
	free(writes->data);
	memset(writes, 0, sizeof(*writes));
}

void writes_reset(struct writes *writes)
{
	writes->count = 0;
	writes->used = 0;
	writes->sorted = false;
}

static bool writes_grow(struct writes *writes, size_t more)
{
	size_t room = writes->room;
	void *grown;

	if (writes->count == writes->place_room) {
		size_t places = 2 * writes->place_room + WRITES_FEW;

		grown = reallocarray(writes->places, places,
				     sizeof(*writes->places));
		if (grown == NULL)
			return false;
		writes->places = grown;
		writes->place_room = places;
	}
	if (more <= room - writes->used)
		return true;
	room = 2 * room + more;
	grown = realloc(writes->data, room);
	if (grown == NULL)
		return false;
	writes->data = grown;
	writes->room = room;
	return true;
}

char *writes_add(struct writes *writes, size_t key_length, size_t record_length)
{
	struct write_place *place;

	if (!writes_grow(writes, key_length + record_length + 1))
		return NULL;
	place = &writes->places[writes->count++];
	place->at = writes->used;
	place->key_length = (uint32_t)key_length;
	place->record_length = (uint32_t)record_length;
	writes->used += key_length + record_length;
	writes->sorted = false;
	return writes->data + place->at;
}

static struct gust_text writes_key(const struct writes *writes,
				   const struct write_place *place)
{
	return (struct gust_text){ writes->data + place->at,
				   place->key_length };
}

static int writes_compare(const void *a, const void *b, void *context)
{
	const struct write_place *one = a, *other = b;

	if (one->begins != other->begins)
		return one->begins < other->begins ? -1 : 1;
	return keycode_compare(writes_key(context, one),
			       writes_key(context, other));
}

static uint64_t writes_begins(struct gust_text key)
{
	uint64_t begins = 0;

	for (size_t i = 0; i < sizeof(begins); i++) {
		begins <<= 8;
		if (i < key.length)
			begins |= (unsigned char)key.data[i];
	}
	return begins;
}

/* The bytes that the keys have in common: what comes behind tells them apart.
 */
static size_t writes_common(const struct writes *writes)
{
	struct gust_text first = writes_key(writes, &writes->places[0]), key;
	size_t common = first.length, n;

	for (size_t i = 1; i < writes->count; i++) {
		key = writes_key(writes, &writes->places[i]);
		if (key.length < common)
			common = key.length;
		for (n = 0; n < common && key.data[n] == first.data[n]; n++)
			;
		common = n;
	}
	return common;
}

void writes_sort(struct writes *writes)
{
	struct gust_text key;
	size_t common;

	if (writes->sorted || writes->count == 0)
		return;
	common = writes_common(writes);
	for (size_t i = 0; i < writes->count; i++) {
		key = writes_key(writes, &writes->places[i]);
		key.data += common;
		key.length -= common;
		writes->places[i].begins = writes_begins(key);
	}
	qsort_r(writes->places, writes->count, sizeof(*writes->places),
		writes_compare, writes);
	writes->sorted = true;
}

struct write writes_at(const struct writes *writes, size_t at)
{
	const struct write_place *place = &writes->places[at];
	struct write write;

	write.key = writes_key(writes, place);
	write.record.data = write.key.data + place->key_length;
	write.record.length = place->record_length;
	return write;
}
