/* SPDX-License-Identifier: MIT */

#include "plugin/option_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *option_memory_alloc(struct option_memory *memory, size_t size)
{
	void **blocks;
	void *block;

	blocks = realloc(memory->blocks, (memory->count + 1) * sizeof(*blocks));
	if (blocks == NULL)
		return NULL;
	memory->blocks = blocks;
	block = malloc(size > 0 ? size : 1);
	if (block == NULL)
		return NULL;
	blocks[memory->count++] = block;
	return block;
}

void option_memory_fini(struct option_memory *memory)
{
	size_t i;

	for (i = 0; i < memory->count; i++)
		free(memory->blocks[i]);
	free(memory->blocks);
	memset(memory, 0, sizeof(*memory));
}

const char *option_string_copy(struct option_memory *memory, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = option_memory_alloc(memory, size);

	return copy != NULL ? memcpy(copy, text, size) : NULL;
}

/* An array of copies and the copies themselves, in one block. */
static const char *const *option_list_block(struct option_memory *memory,
					    const char *const *items,
					    size_t count)
{
	size_t size = count * sizeof(char *), length, i;
	const char **copies;
	char *at;

	for (i = 0; i < count; i++)
		size += strlen(items[i]) + 1;
	copies = option_memory_alloc(memory, size);
	if (copies == NULL)
		return NULL;
	at = (char *)(copies + count);
	for (i = 0; i < count; i++) {
		length = strlen(items[i]) + 1;
		copies[i] = memcpy(at, items[i], length);
		at += length;
	}
	return copies;
}

int option_list_copy(struct option_memory *memory, const char *const *items,
		     size_t count, struct gust_list *list)
{
	const char *const *copies;

	copies = option_list_block(memory, items, count);
	if (copies == NULL)
		return -ENOMEM;
	list->items = copies;
	list->count = count;
	return 0;
}

int option_map_copy(struct option_memory *memory, const char *const *keys,
		    const char *const *values, size_t count,
		    struct gust_map *map)
{
	const char *const *key_copies, *const *value_copies;

	key_copies = option_list_block(memory, keys, count);
	if (key_copies == NULL)
		return -ENOMEM;
	value_copies = option_list_block(memory, values, count);
	if (value_copies == NULL)
		return -ENOMEM;
	map->keys = key_copies;
	map->values = value_copies;
	map->count = count;
	return 0;
}

/* What a backslash and `letter` stand for between double quotes; 0: nothing. */
static char option_escape(char letter)
{
	static const char letters[] = "ntr\\\"/", meanings[] = "\n\t\r\\\"/";
	const char *at = letter != '\0' ? strchr(letters, letter) : NULL;

	return at != NULL ? meanings[at - letters] : '\0';
}

/* From behind the opening quote to behind the closing one. */
static int option_read_quoted(const char **text, char quote, char **out)
{
	const char *from = *text;
	char *to = *out;

	for (; *from != '\0'; from++) {
		if (*from == quote && quote == '\'' && from[1] == quote) {
			*to++ = *++from;
		} else if (*from == quote) {
			*text = from + 1;
			*out = to;
			return 0;
		} else if (*from == '\\' && quote == '"') {
			*to = option_escape(*++from);
			if (*to++ == '\0')
				return -EINVAL;
		} else {
			*to++ = *from;
		}
	}
	return -EINVAL;
}

/*
 * Reads a scalar of YAML up to one of `stops` or the end, without the spaces
 * around it, into `*out`, and moves both on. It and its NUL take no more room
 * than it takes in the text with what stops it.
 */
static int option_read(const char **text, const char *stops, char **out)
{
	const char *from = *text + strspn(*text, " ");
	size_t length;
	int r;

	if (*from == '"' || *from == '\'') {
		*text = from + 1;
		r = option_read_quoted(text, *from, out);
		if (r < 0)
			return r;
		*text += strspn(*text, " ");
		if (**text != '\0' && strchr(stops, **text) == NULL)
			return -EINVAL;
	} else {
		length = strcspn(from, stops);
		*text = from + length;
		while (length > 0 && from[length - 1] == ' ')
			length--;
		memcpy(*out, from, length);
		*out += length;
	}
	*(*out)++ = '\0';
	return 0;
}

int option_string_read(struct option_memory *memory, const char *text,
		       const char **string)
{
	char *out;

	if (text[0] != '"' && text[0] != '\'') {
		*string = option_string_copy(memory, text);
		return *string != NULL ? 0 : -ENOMEM;
	}
	out = option_memory_alloc(memory, strlen(text) + 1);
	if (out == NULL)
		return -ENOMEM;
	*string = out;
	return option_read(&text, "", &out);
}

int option_list_split(struct option_memory *memory, const char *text,
		      struct gust_list *list)
{
	size_t size = strlen(text) + 1, count = 0;
	const char **items;
	char *out;

	items = option_memory_alloc(memory, size * sizeof(*items));
	out = option_memory_alloc(memory, size);
	if (items == NULL || out == NULL)
		return -ENOMEM;
	text += strspn(text, " ");
	while (*text != '\0') {
		items[count++] = out;
		if (option_read(&text, ",", &out) < 0)
			return -EINVAL;
		/* What follows a comma is an item, be it empty. */
		if (*text == ',' && *++text == '\0')
			items[count++] = "";
	}
	list->items = items;
	list->count = count;
	return 0;
}

int option_map_split(struct option_memory *memory, const char *text,
		     struct gust_map *map)
{
	size_t size = strlen(text) + 1, count = 0;
	const char **keys, **values;
	char *out;

	keys = option_memory_alloc(memory, size * sizeof(*keys));
	values = option_memory_alloc(memory, size * sizeof(*values));
	out = option_memory_alloc(memory, size);
	if (keys == NULL || values == NULL || out == NULL)
		return -ENOMEM;
	text += strspn(text, " ");
	while (*text != '\0') {
		keys[count] = out;
		if (option_read(&text, ":,", &out) < 0 || *text != ':' ||
		    keys[count][0] == '\0')
			return -EINVAL;
		text++;
		values[count++] = out;
		if (option_read(&text, ",", &out) < 0)
			return -EINVAL;
		if (*text == ',')
			text++;
	}
	map->keys = keys;
	map->values = values;
	map->count = count;
	return 0;
}
