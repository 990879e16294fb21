/* SPDX-License-Identifier: MIT */

#include "base/pool.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/random.h"
#include "test.h"

TEST(a_block_comes_back)
{
	struct pool pool = { 0 };
	void *first = pool_alloc(&pool, 100), *second;

	pool_free(&pool, first, 100);
	second = pool_alloc(&pool, 128);
	CHECK_PTR(second, first);
	pool_free(&pool, second, 128);
	/* Of another size it does not. */
	CHECK(pool_alloc(&pool, 129) != first);
	CHECK(pool_alloc(&pool, 64) != first);
	pool_free(&pool, NULL, 64);
	pool_fini(&pool);
}

/* Blocks of all sizes keep what is written to them, and are aligned. */
TEST(blocks_do_not_meet)
{
	enum { BLOCKS = 2000 };
	static unsigned char *blocks[BLOCKS];
	static size_t sizes[BLOCKS];
	struct random random;
	struct pool pool = { 0 };
	size_t i, j, at;

	random_seed(&random, 1);
	memset(blocks, 0, sizeof(blocks));
	for (i = 0; i < 100000; i++) {
		at = random_below(&random, BLOCKS);
		if (blocks[at] != NULL) {
			for (j = 0; j < sizes[at]; j += 37)
				CHECK_UINT(blocks[at][j], at % 251);
			CHECK_UINT(blocks[at][sizes[at] - 1], at % 251);
			pool_free(&pool, blocks[at], sizes[at]);
		}
		sizes[at] = 1 + random_below(&random, 6000) *
					random_below(&random, 100) / 100;
		blocks[at] = pool_alloc(&pool, sizes[at]);
		CHECK(blocks[at] != NULL);
		CHECK_UINT((uintptr_t)blocks[at] % 16, 0);
		memset(blocks[at], (int)(at % 251), sizes[at]);
	}
	for (i = 0; i < BLOCKS; i++)
		if (blocks[i] != NULL)
			pool_free(&pool, blocks[i], sizes[i]);
	pool_fini(&pool);
}
