/* SPDX-License-Identifier: MIT */

#include "base/map.h"

#include <errno.h>

#include "starve.h"
#include "test.h"

TEST(an_empty_map_has_nothing)
{
	struct map map = { 0 };

	CHECK_PTR(map_get(&map, "a", 1), NULL);
	CHECK_UINT(map_count(&map), 0);
	map_fini(&map);
	map_fini(&map);
}

TEST(keys_are_bytes)
{
	struct map map = { 0 };
	int values[4];

	CHECK_INT(map_set(&map, "a", 1, &values[0]), 0);
	CHECK_INT(map_set(&map, "a\0", 2, &values[1]), 0);
	CHECK_INT(map_set(&map, "", 0, &values[2]), 0);
	CHECK_PTR(map_get(&map, "a", 1), &values[0]);
	CHECK_PTR(map_get(&map, "a\0b", 2), &values[1]);
	CHECK_PTR(map_get(&map, NULL, 0), &values[2]);
	CHECK_PTR(map_get(&map, "b", 1), NULL);
	CHECK_INT(map_set(&map, "a", 1, &values[3]), 0);
	CHECK_PTR(map_get(&map, "a", 1), &values[3]);
	CHECK_UINT(map_count(&map), 3);
	map_fini(&map);
	CHECK_PTR(map_get(&map, "a", 1), NULL);
}

TEST(it_grows)
{
	static uint32_t keys[20000];
	struct map map = { 0 };

	for (uint32_t i = 0; i < 20000; i++) {
		keys[i] = i;
		CHECK_INT(map_set(&map, &keys[i], 4, &keys[i]), 0);
		CHECK_UINT(map_count(&map), i + 1);
	}
	for (uint32_t i = 0; i < 20000; i++)
		CHECK_PTR(map_get(&map, &i, 4), &keys[i]);
	for (uint32_t i = 20000; i < 40000; i++)
		CHECK_PTR(map_get(&map, &i, 4), NULL);
	map_fini(&map);
}

TEST(short_memory_changes_nothing)
{
	static char keys[80];
	struct map map = { 0 };
	unsigned long n;

	for (n = 1; starve(n); n++) {
		size_t done = 0;

		while (done < 40 && map_set(&map, keys, done, &keys[done]) == 0)
			done++;
		CHECK_BOOL(starve_ends(), done < 40);
		CHECK_UINT(map_count(&map), done);
		for (size_t i = 0; i < 40; i++)
			CHECK_PTR(map_get(&map, keys, i),
				  i < done ? &keys[i] : NULL);
		map_fini(&map);
	}
	CHECK(n > 3);
}
