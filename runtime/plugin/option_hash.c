/* SPDX-License-Identifier: MIT */

#include "plugin/option_hash.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "plugin/option_value.h"

static uint64_t hash_list(const void *member, uint64_t hash)
{
	struct gust_list list;
	size_t i;

	memcpy(&list, member, sizeof(list));
	hash = hash_number_from(list.count, hash);
	for (i = 0; i < list.count; i++)
		hash = hash_text_from(list.items[i], hash);
	return hash;
}

static uint64_t hash_map(const void *member, uint64_t hash)
{
	struct gust_map map;
	size_t i;

	memcpy(&map, member, sizeof(map));
	hash = hash_number_from(map.count, hash);
	for (i = 0; i < map.count; i++) {
		hash = hash_text_from(map.keys[i], hash);
		hash = hash_text_from(map.values[i], hash);
	}
	return hash;
}

static uint64_t hash_string(const void *member, uint64_t hash)
{
	const char *text;

	memcpy((void *)&text, member, sizeof(text));
	return hash_text_from(text, hash);
}

static uint64_t hash_value(const struct gust_option *option, const void *member,
			   uint64_t hash)
{
	size_t alignment;

	switch (option->type) {
	case GUST_OPTION_STRING:
		return hash_string(member, hash);
	case GUST_OPTION_LIST:
		return hash_list(member, hash);
	case GUST_OPTION_MAP:
		return hash_map(member, hash);
	default:
		return hash_bytes_from(
			member, option_value_size(option->type, &alignment),
			hash);
	}
}

uint64_t option_hash(const struct gust_option *table, const void *instance)
{
	const char *bytes = instance;
	uint64_t hash = 0;

	for (; table != NULL && table->name != NULL; table++) {
		hash = hash_text_from(table->name, hash);
		hash = hash_number_from((uint64_t)table->type, hash);
		if (!(table->flags & GUST_SECRET))
			hash = hash_value(table, bytes + table->offset, hash);
	}
	return hash;
}
