/* SPDX-License-Identifier: MIT */

#include "window/saver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "window/key.h"

void saver_fini(struct saver *saver)
{
	free(saver->changes);
	free(saver->gone.data);
	free(saver->key.data);
	free(saver->value.data);
	memset(saver, 0, sizeof(*saver));
}

void saver_list(struct saver *saver, struct saver_link *link, int64_t begin)
{
	if (saver->count == saver->room) {
		size_t room = saver->room == 0 ? 64 : saver->room * 2;
		struct saver_change *changes =
			realloc(saver->changes, room * sizeof(*changes));

		if (changes == NULL) {
			saver->short_of_memory = true;
			return;
		}
		saver->changes = changes;
		saver->room = room;
	}
	saver->changes[saver->count].link = link;
	saver->changes[saver->count].begin = begin;
	link->place = (uint32_t)++saver->count;
}

uint32_t saver_forget(struct saver *saver, struct saver_link *link)
{
	const uint32_t place = link->place, parts = link->parts;

	if (place != 0) {
		const struct saver_change *last =
			&saver->changes[--saver->count];

		last->link->place = place;
		saver->changes[place - 1] = *last;
		link->place = 0;
	}
	link->parts = 0;
	link->saved = 0;
	return parts;
}

void saver_put(struct saver *saver, struct saver_bytes *bytes, const void *data,
	       size_t length)
{
	if (length > bytes->room - bytes->length) {
		size_t room = 2 * (bytes->length + length) + 64;
		char *more = realloc(bytes->data, room);

		if (more == NULL) {
			saver->short_of_memory = true;
			return;
		}
		bytes->data = more;
		bytes->room = room;
	}
	if (length > 0)
		memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
}

void saver_begin(struct saver *saver, char kind)
{
	saver->key.length = 0;
	saver->value.length = 0;
	saver_put(saver, &saver->key, &kind, 1);
}

void saver_key(struct saver *saver, struct saver_bytes *bytes,
	       const struct key *key)
{
	const size_t size = key_packed(key);
	const size_t at = bytes->length;

	saver_put(saver, bytes, NULL, 0);
	for (size_t i = 0; i < size; i += 8)
		saver_number(saver, bytes, 0);
	if (saver->short_of_memory)
		return;
	bytes->length = at + size;
	key_pack(key, bytes->data + at);
}

void saver_end(struct saver *saver, enum windows_group group)
{
	struct gust_text key = { saver->key.data, saver->key.length };
	struct gust_text value = { saver->value.data, saver->value.length };

	if (saver->short_of_memory)
		saver->result = -ENOMEM;
	if (saver->result == 0)
		saver->result = saver->put(saver->context, group, key, &value);
}

/* The most significant byte first. */
static void saver_big(struct saver *saver, uint64_t number, size_t size)
{
	for (size_t i = size; i > 0; i--) {
		const char byte = (char)(number >> (8 * (i - 1)));

		saver_put(saver, &saver->key, &byte, 1);
	}
}

static uint64_t saver_read_big(const char *from, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | (unsigned char)from[i];
	return number;
}

void saver_part(struct saver *saver, uint32_t part)
{
	saver_big(saver, part, sizeof(part));
}

bool saver_read_part(struct gust_text *key, uint32_t *part)
{
	if (key->length < sizeof(*part))
		return false;
	key->length -= sizeof(*part);
	*part = (uint32_t)saver_read_big(key->data + key->length,
					 sizeof(*part));
	return true;
}

void saver_sorted(struct saver *saver, int64_t number)
{
	saver_big(saver, (uint64_t)number, sizeof(number));
}

bool saver_read_sorted(struct gust_text *from, int64_t *number)
{
	if (from->length < sizeof(*number))
		return false;
	*number = (int64_t)saver_read_big(from->data, sizeof(*number));
	from->data += sizeof(*number);
	from->length -= sizeof(*number);
	return *number >= 0;
}

void saver_gone_parts(struct saver *saver, uint32_t parts)
{
	const size_t length = saver->key.length;

	for (uint32_t i = 0; i < parts; i++) {
		saver_part(saver, i);
		saver_gone(saver, WINDOWS_PARTS);
		saver->key.length = length;
	}
}

void saver_gone(struct saver *saver, enum windows_group group)
{
	saver_number(saver, &saver->gone, group);
	saver_number(saver, &saver->gone, (int64_t)saver->key.length);
	saver_put(saver, &saver->gone, saver->key.data, saver->key.length);
}

bool saver_read(struct gust_text *from, int64_t *number)
{
	if (from->length < sizeof(*number))
		return false;
	memcpy(number, from->data, sizeof(*number));
	from->data += sizeof(*number);
	from->length -= sizeof(*number);
	return true;
}
