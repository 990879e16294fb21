/* SPDX-License-Identifier: MIT */

#include "engine/charges.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"

/* Its first three members are its key in the map. */
struct charge {
	uint64_t component;
	uint64_t source;
	uint64_t offset;
	const char *reason;
	uint32_t count;
};

#define CHARGE_KEY_BYTES offsetof(struct charge, reason)

struct charges {
	struct arena arena;
	struct map map;
};

struct charges *charges_create(void)
{
	struct charges *charges = calloc(1, sizeof(*charges));

	if (charges != NULL)
		arena_init(&charges->arena, 1024);
	return charges;
}

void charges_destroy(struct charges *charges)
{
	if (charges == NULL)
		return;
	map_fini(&charges->map);
	arena_fini(&charges->arena);
	free(charges);
}

int charges_add(struct charges *charges, uint32_t component, uint64_t source,
		uint64_t offset, const char *reason)
{
	struct charge key = { .component = component,
			      .source = source,
			      .offset = offset };
	struct charge *charge = map_get(&charges->map, &key, CHARGE_KEY_BYTES);

	if (charge == NULL) {
		charge = (void *)arena_copy(&charges->arena, &key, sizeof(key));
		if (charge == NULL || map_set(&charges->map, charge,
					      CHARGE_KEY_BYTES, charge) < 0)
			return -ENOMEM;
	}
	charge->count++;
	charge->reason =
		arena_copy(&charges->arena, reason, strlen(reason) + 1);
	return charge->reason != NULL ? 0 : -ENOMEM;
}

uint32_t charges_count(const struct charges *charges, uint32_t component,
		       uint64_t source, uint64_t offset, const char **reason)
{
	struct charge key = { .component = component,
			      .source = source,
			      .offset = offset };
	const struct charge *charge =
		map_get(&charges->map, &key, CHARGE_KEY_BYTES);

	if (charge == NULL)
		return 0;
	*reason = charge->reason != NULL ? charge->reason : "worker lost";
	return charge->count;
}

bool charges_none(const struct charges *charges)
{
	return charges == NULL || map_count(&charges->map) == 0;
}
