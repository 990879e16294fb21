/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "base/random.h"
#include "engine/idmap.h"
#include "starve.h"
#include "test.h"

TEST(an_empty_map_has_nothing)
{
	struct idmap map = { 0 };
	uint32_t number = 7;

	CHECK_BOOL(idmap_get(&map, 0, &number), false);
	CHECK_BOOL(idmap_take(&map, 0, &number), false);
	CHECK_UINT(number, 7);
	idmap_fini(&map);
}

TEST(any_id_will_do)
{
	const uint64_t ids[] = { 0, 1, UINT64_MAX, UINT64_C(1) << 32 };
	struct idmap map = { 0 };
	uint32_t number;

	for (uint32_t i = 0; i < 4; i++)
		CHECK_INT(idmap_set(&map, ids[i], i), 0);
	CHECK_UINT(map.count, 4);
	for (uint32_t i = 0; i < 4; i++) {
		CHECK_BOOL(idmap_get(&map, ids[i], &number), true);
		CHECK_UINT(number, i);
		CHECK_BOOL(idmap_get(&map, ids[i], NULL), true);
	}
	idmap_fini(&map);
}

TEST(a_second_set_changes_the_number)
{
	struct idmap map = { 0 };
	uint32_t number = 0;

	CHECK_INT(idmap_set(&map, 5, 1), 0);
	CHECK_INT(idmap_set(&map, 5, 2), 0);
	CHECK_UINT(map.count, 1);
	CHECK_BOOL(idmap_take(&map, 5, &number), true);
	CHECK_UINT(number, 2);
	CHECK_UINT(map.count, 0);
	CHECK_BOOL(idmap_take(&map, 5, NULL), false);
	idmap_fini(&map);
}

/* A table with a cell for each id. */
#define IDS 300u
static bool there[IDS];
static uint32_t numbers[IDS];

/* Ids as they come: dense ones, addresses, and all in one half. */
static uint64_t id_of(uint32_t i, uint32_t kind)
{
	if (kind == 0)
		return i;
	if (kind == 1)
		return UINT64_C(0x7f0000000000) + (uint64_t)i * 4096;
	return (uint64_t)i << 40;
}

static uint32_t step(struct idmap *map, struct random *random, uint32_t kind)
{
	uint32_t i = random_below(random, IDS), number = 0;
	uint64_t id = id_of(i, kind);
	bool found = there[i];

	switch (random_below(random, 3)) {
	case 0:
		there[i] = true;
		numbers[i] = (uint32_t)random_next(random);
		CHECK_INT(idmap_set(map, id, numbers[i]), 0);
		return found ? 0 : 1;
	case 1:
		CHECK_BOOL(idmap_take(map, id, &number), found);
		CHECK_UINT(number, found ? numbers[i] : 0);
		there[i] = false;
		return found ? UINT32_MAX : 0;
	default:
		CHECK_BOOL(idmap_get(map, id, &number), found);
		CHECK_UINT(number, found ? numbers[i] : 0);
		return 0;
	}
}

static void check_all(const struct idmap *map, uint32_t kind)
{
	for (uint32_t i = 0; i < IDS; i++) {
		uint32_t number = 0;

		CHECK_BOOL(idmap_get(map, id_of(i, kind), &number), there[i]);
		CHECK_UINT(number, there[i] ? numbers[i] : 0);
	}
}

TEST(it_agrees_with_a_table)
{
	for (uint32_t kind = 0; kind < 3; kind++) {
		struct idmap map = { 0 };
		struct random random;
		uint32_t count = 0;

		random_seed(&random, kind + 1);
		memset(there, 0, sizeof(there));
		for (int round = 0; round < 30000; round++) {
			count += step(&map, &random, kind);
			CHECK_UINT(map.count, count);
			if (round % 500 == 0)
				check_all(&map, kind);
		}
		check_all(&map, kind);
		/* At least one cell is free, or a search would not end. */
		CHECK(map.count < map.room);
		idmap_fini(&map);
	}
}

TEST(short_memory_leaves_what_was_there)
{
	for (unsigned long n = 1; starve(n); n++) {
		struct idmap map = { 0 };
		uint32_t count = 0, number;
		int r = 0;

		while (count < 100 && r == 0) {
			r = idmap_set(&map, count * 8, count);
			count += r == 0;
		}
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		CHECK_UINT(map.count, count);
		while (count-- > 0) {
			CHECK_BOOL(idmap_take(&map, count * 8, &number), true);
			CHECK_UINT(number, count);
		}
		idmap_fini(&map);
	}
}
