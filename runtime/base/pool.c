/* SPDX-License-Identifier: MIT */

#include "base/pool.h"

#include <stdlib.h>

#include "base/arena.h"

#define POOL_LEAST ((size_t)64)
#define POOL_SLAB ((size_t)64 * 1024)

struct pool_block {
	struct pool_block *next;
};

/* Which list a size belongs to; POOL_SIZES: it is too large for any. */
static unsigned pool_list(size_t size)
{
	unsigned list = 0;

	while (list < POOL_SIZES && POOL_LEAST << list < size)
		list++;
	return list;
}

/* A new block for a list, off the last slab. What is left of a slab when it is
 * too little is lost, which is less than a block. */
static __attribute__((noinline)) void *pool_cut(struct pool *pool,
						unsigned list)
{
	size_t size = POOL_LEAST << list;
	struct pool_block *slab;
	char *block;

	if ((size_t)(pool->end - pool->at) < size) {
		slab = aligned_alloc(16, POOL_SLAB);
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

void *pool_alloc(struct pool *pool, size_t size)
{
	unsigned list = pool_list(size);
	struct pool_block *block;

	if (list == POOL_SIZES)
		return malloc(size);
	block = pool->idle[list];
	if (block == NULL)
		return pool_cut(pool, list);
	ARENA_SHOW(block, POOL_LEAST << list);
	pool->idle[list] = block->next;
	return block;
}

void pool_free(struct pool *pool, void *block, size_t size)
{
	unsigned list = pool_list(size);
	struct pool_block *idle = block;

	if (list == POOL_SIZES) {
		free(block);
		return;
	}
	if (block == NULL)
		return;
	idle->next = pool->idle[list];
	pool->idle[list] = idle;
	ARENA_HIDE(block, POOL_LEAST << list);
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
