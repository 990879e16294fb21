/* SPDX-License-Identifier: MIT */
#ifndef BASE_MAP_H
#define BASE_MAP_H

/*
 * A hash map from bytes to pointers, with linear probing. Keys and values are
 * borrowed and must outlive it. Nothing is ever taken out but all at once. One
 * thread.
 */

#include <stddef.h>
#include <stdint.h>

struct map_slot;

/* All members are private; zeroed, it is an empty map. */
struct map {
	struct map_slot *slots;
	size_t size; /* 0 or a power of two */
	size_t count;
};

/* Frees what the map holds itself; it is empty then. */
void map_fini(struct map *map);

/* The value of a key, or NULL if it has none. */
void *map_get(const struct map *map, const void *key, size_t n);

/*
 * Gives a key its value, which is not NULL, in place of a former one. Returns
 * 0 or -ENOMEM; the map is then as it was.
 */
int map_set(struct map *map, const void *key, size_t n, void *value);

static inline size_t map_count(const struct map *map)
{
	return map->count;
}

#endif
