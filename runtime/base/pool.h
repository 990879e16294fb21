/* SPDX-License-Identifier: MIT */
#ifndef BASE_POOL_H
#define BASE_POOL_H

/*
 * Blocks of memory that come and go all the time, in a few sizes.
 *
 * A block that is given back waits for the next one of its size; sizes are
 * rounded up to powers of two. Memory goes back to the system at pool_fini()
 * only, but for large blocks, which are malloc()'s. One thread.
 *
 * The address sanitizer knows what is given back: who reads it is stopped.
 */

#include <stddef.h>

#include "base/arena.h"

#define POOL_LEAST ((size_t)64)
#define POOL_SIZES 7u /* 64, 128, ... 4096 */

/* In a list, or a slab. */
struct pool_block {
	struct pool_block *next;
};

/* All zero is an empty pool. All members are private. */
struct pool {
	struct pool_block *idle[POOL_SIZES];
	struct pool_block *slabs;
	char *at, *end; /* what is left of the last slab */
};

/* Which list a size belongs to; POOL_SIZES and more: too large for any. */
static inline unsigned pool_list(size_t size)
{
	size_t rest = (size - 1) / POOL_LEAST;

	if (size <= POOL_LEAST)
		return 0;
	return 64u - (unsigned)__builtin_clzll(rest);
}

/* What a block of that size takes. */
static inline size_t pool_size(size_t size)
{
	unsigned list = pool_list(size);

	return list >= POOL_SIZES ? size + 16 : POOL_LEAST << list;
}

/* What pool_alloc() and pool_free() do in rare cases; not to be called. */
void *pool_alloc_slow(struct pool *pool, size_t size);
void pool_free_slow(void *block);

/* Aligned to 64 bytes, but for large ones; NULL when memory is short. */
static inline void *pool_alloc(struct pool *pool, size_t size)
{
	unsigned list = pool_list(size);
	struct pool_block *block;

	if (list >= POOL_SIZES || pool->idle[list] == NULL)
		return pool_alloc_slow(pool, size);
	block = pool->idle[list];
	ARENA_SHOW(block, POOL_LEAST << list);
	pool->idle[list] = block->next;
	/* It may have rested for long. */
	__builtin_prefetch(block->next, 1);
	return block;
}

/* Gives back what pool_alloc() returned for that `size`. NULL is fine. */
static inline void pool_free(struct pool *pool, void *block, size_t size)
{
	unsigned list = pool_list(size);
	struct pool_block *idle = (struct pool_block *)block;

	if (list >= POOL_SIZES) {
		pool_free_slow(block);
		return;
	}
	if (block == NULL)
		return;
	idle->next = pool->idle[list];
	pool->idle[list] = idle;
	ARENA_HIDE(block, POOL_LEAST << list);
}

/* Frees everything but large blocks that were not given back. */
void pool_fini(struct pool *pool);

#endif
