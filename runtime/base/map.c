/* SPDX-License-Identifier: MIT */

#include "base/map.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define MAP_SIZE_FIRST 16

struct map_slot {
	uint64_t hash;
	const void *key;
	size_t n;
	void *value; /* NULL: the slot is free */
};

void map_fini(struct map *map)
{
	free(map->slots);
	memset(map, 0, sizeof(*map));
}

/* The slot that holds the key, or the free one where it belongs. */
static struct map_slot *map_find(const struct map *map, uint64_t hash,
				 const void *key, size_t n)
{
	size_t mask = map->size - 1;

	/* At least a quarter is free, so this ends. */
	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		struct map_slot *slot = &map->slots[i];

		if (slot->value == NULL)
			return slot;
		if (slot->hash == hash && slot->n == n &&
		    (n == 0 || memcmp(slot->key, key, n) == 0))
			return slot;
	}
}

void *map_get(const struct map *map, const void *key, size_t n)
{
	if (map->size == 0)
		return NULL;
	return map_find(map, hash_bytes(key, n), key, n)->value;
}

static int map_grow(struct map *map)
{
	struct map larger = { NULL, MAP_SIZE_FIRST, map->count };

	if (map->size > SIZE_MAX / 2)
		return -ENOMEM;
	if (map->size > 0)
		larger.size = map->size * 2;
	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < map->size; i++) {
		const struct map_slot *slot = &map->slots[i];

		if (slot->value != NULL)
			*map_find(&larger, slot->hash, slot->key, slot->n) =
				*slot;
	}
	free(map->slots);
	*map = larger;
	return 0;
}

int map_set(struct map *map, const void *key, size_t n, void *value)
{
	uint64_t hash = hash_bytes(key, n);
	struct map_slot *slot;

	assert(value != NULL);
	if (map->count >= map->size / 4 * 3) {
		int r = map_grow(map);

		if (r < 0)
			return r;
	}
	slot = map_find(map, hash, key, n);
	if (slot->value == NULL) {
		slot->hash = hash;
		slot->key = key;
		slot->n = n;
		map->count++;
	}
	slot->value = value;
	return 0;
}
