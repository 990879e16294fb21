/* SPDX-License-Identifier: MIT */

#include "engine/idmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void idmap_fini(struct idmap *map)
{
	free(map->entries);
	memset(map, 0, sizeof(*map));
}

/* Fibonacci hashing; ids may be addresses, so the upper bits count. */
static uint32_t idmap_home(const struct idmap *map, uint64_t id)
{
	return (uint32_t)((id * 0x9e3779b97f4a7c15u) >> 32) & (map->room - 1);
}

static uint32_t idmap_find(const struct idmap *map, uint64_t id)
{
	uint32_t at = idmap_home(map, id);

	while (map->entries[at].used && map->entries[at].id != id)
		at = (at + 1) & (map->room - 1);
	return at;
}

static int idmap_grow(struct idmap *map)
{
	struct idmap old = *map;

	map->room = old.room == 0 ? 16 : old.room * 2;
	map->entries = calloc(map->room, sizeof(*map->entries));
	if (map->entries == NULL) {
		*map = old;
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < old.room; i++)
		if (old.entries[i].used)
			map->entries[idmap_find(map, old.entries[i].id)] =
				old.entries[i];
	free(old.entries);
	return 0;
}

int idmap_set(struct idmap *map, uint64_t id, uint32_t number)
{
	uint32_t at;

	if ((map->count + 1) * 4 > map->room * 3 && idmap_grow(map) != 0)
		return -ENOMEM;
	at = idmap_find(map, id);
	if (!map->entries[at].used)
		map->count++;
	map->entries[at] = (struct idmap_entry){ id, number, true };
	return 0;
}

bool idmap_get(const struct idmap *map, uint64_t id, uint32_t *number)
{
	uint32_t at;

	if (map->count == 0)
		return false;
	at = idmap_find(map, id);
	if (!map->entries[at].used)
		return false;
	if (number != NULL)
		*number = map->entries[at].number;
	return true;
}

bool idmap_take(struct idmap *map, uint64_t id, uint32_t *number)
{
	uint32_t hole, at;

	if (!idmap_get(map, id, number))
		return false;
	hole = idmap_find(map, id);
	at = hole;
	for (;;) {
		uint32_t home;

		at = (at + 1) & (map->room - 1);
		if (!map->entries[at].used)
			break;
		home = idmap_home(map, map->entries[at].id);
		/* Stays if its home lies between the hole and itself. */
		if (((at - home) & (map->room - 1)) <
		    ((at - hole) & (map->room - 1)))
			continue;
		map->entries[hole] = map->entries[at];
		hole = at;
	}
	map->entries[hole].used = false;
	map->count--;
	return true;
}
