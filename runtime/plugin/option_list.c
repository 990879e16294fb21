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

/* Ends `text` before the spaces at its end, returns it behind those at its
 * beginning. */
static char *option_list_trim(char *text)
{
	char *end;

	text += strspn(text, " ");
	end = text + strlen(text);
	while (end > text && end[-1] == ' ')
		end--;
	*end = '\0';
	return text;
}

/* The parts of `text` between commas, which are cut within `copy`. */
static size_t option_list_cut(char *copy, char **parts)
{
	size_t count = 0;
	char *comma;

	if (option_list_trim(copy)[0] == '\0')
		return 0;
	for (;;) {
		comma = strchr(copy, ',');
		if (comma != NULL)
			*comma = '\0';
		parts[count++] = option_list_trim(copy);
		if (comma == NULL)
			return count;
		copy = comma + 1;
	}
}

/* A writable copy of `text`, cut into `*count` parts; NULL: memory is short. */
static char **option_list_parts(struct option_memory *memory, const char *text,
				size_t *count)
{
	size_t length = strlen(text);
	char **parts;
	char *copy;

	parts = option_memory_alloc(memory, (length + 1) * sizeof(*parts));
	copy = option_memory_alloc(memory, length + 1);
	if (parts == NULL || copy == NULL)
		return NULL;
	memcpy(copy, text, length + 1);
	*count = option_list_cut(copy, parts);
	return parts;
}

int option_list_split(struct option_memory *memory, const char *text,
		      struct gust_list *list)
{
	size_t count;
	char **parts;

	parts = option_list_parts(memory, text, &count);
	if (parts == NULL)
		return -ENOMEM;
	list->items = (const char *const *)parts;
	list->count = count;
	return 0;
}

int option_map_split(struct option_memory *memory, const char *text,
		     struct gust_map *map)
{
	const char **values;
	char **keys, *colon;
	size_t count, i;

	keys = option_list_parts(memory, text, &count);
	if (keys == NULL)
		return -ENOMEM;
	values = option_memory_alloc(memory, count * sizeof(*values));
	if (values == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		colon = strchr(keys[i], ':');
		if (colon == NULL || colon == keys[i])
			return -EINVAL;
		*colon = '\0';
		values[i] = option_list_trim(colon + 1);
		option_list_trim(keys[i]);
	}
	map->keys = (const char *const *)keys;
	map->values = values;
	map->count = count;
	return 0;
}
