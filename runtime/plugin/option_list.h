/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_OPTION_LIST_H
#define PLUGIN_OPTION_LIST_H

/* Copies of strings, lists and maps that an option_memory keeps. */

#include <stddef.h>

#include <gust/option.h>

#include "plugin/option.h"

/* Returns `size` bytes that live as long as `memory`, or NULL. */
void *option_memory_alloc(struct option_memory *memory, size_t size);

/* Copies a string. NULL: memory is short. */
const char *option_string_copy(struct option_memory *memory, const char *text);

/* -ENOMEM. `*list` and `*map` are written on success only. */
int option_list_copy(struct option_memory *memory, const char *const *items,
		     size_t count, struct gust_list *list);
int option_map_copy(struct option_memory *memory, const char *const *keys,
		    const char *const *values, size_t count,
		    struct gust_map *map);

/*
 * Read defaults, which stand in the table as they would in YAML: "a, b" is a
 * list, "key: value, key: value" a map, and any part of them and a string may
 * be in quotes. Spaces around a part do not count, and "" is empty. -EINVAL: a
 * quote is not closed, an escape is unknown, or a part of a map has no colon;
 * -ENOMEM.
 */
int option_string_read(struct option_memory *memory, const char *text,
		       const char **string);
int option_list_split(struct option_memory *memory, const char *text,
		      struct gust_list *list);
int option_map_split(struct option_memory *memory, const char *text,
		     struct gust_map *map);

#endif
