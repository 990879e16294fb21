/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_IDMAP_H
#define ENGINE_IDMAP_H

/*
 * A small table from 64-bit ids to numbers: open addressing with linear
 * probing, deletion by shifting back (Knuth, TAOCP 6.4, algorithm R).
 */

#include <stdbool.h>
#include <stdint.h>

/* A zeroed struct is empty. */
struct idmap {
	struct idmap_entry *entries;
	uint32_t count, room;
};

struct idmap_entry {
	uint64_t id;
	uint32_t number;
	bool used;
};

void idmap_fini(struct idmap *map);

/* Adds or changes. 0 or -ENOMEM. */
int idmap_set(struct idmap *map, uint64_t id, uint32_t number);

/* Whether `id` is there; then `*number` is set, which may be NULL. */
bool idmap_get(const struct idmap *map, uint64_t id, uint32_t *number);

/* Takes `id` out; false: it was not there. `number` as above. */
bool idmap_take(struct idmap *map, uint64_t id, uint32_t *number);

#endif
