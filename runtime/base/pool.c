/* SPDX-License-Identifier: MIT */

#include "base/pool.h"

#include <stdlib.h>

#include "base/arena.h"

#define POOL_SLAB ((size_t)64 * 1024)

/* A new block for a list, off the last slab. What is left of a slab when it is
 * too little is lost, which is less than a block. */
static void *pool_cut(struct pool *pool, unsigned list)
{
	size_t size = POOL_LEAST << list;
	struct pool_block *slab;
	char *block;

	if ((size_t)(pool->end - pool->at) < size) {
		slab = aligned_alloc(POOL_LEAST, POOL_SLAB);
		if (slab == NULL)
			return NULL;
		slab->next = pool->slabs;
		pool->slabs = slab;
		pool->at = (char *)slab + POOL_LEAST;
		pool->end = (char *)slab + POOL_SLAB;
	}
	block = pool->at;
	pool->at += size;
	return block;
}

void *pool_alloc_slow(struct pool *pool, size_t size)
{
	unsigned list = pool_list(size);

	return list >= POOL_SIZES ? malloc(size) : pool_cut(pool, list);
}

void pool_free_slow(void *block)
{
	free(block);
}

void pool_fini(struct pool *pool)
{
	struct pool_block *slab;

	while (pool->slabs != NULL) {
		slab = pool->slabs;
		pool->slabs = slab->next;
		ARENA_SHOW(slab, POOL_SLAB);
		free(slab);
	}
	*pool = (struct pool){ 0 };
}
