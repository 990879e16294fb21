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

#define POOL_SIZES 7u /* 64, 128, ... 4096 */

struct pool_block; /* in a list */

/* All zero is an empty pool. All members are private. */
struct pool {
	struct pool_block *idle[POOL_SIZES];
	struct pool_block *slabs;
	char *at, *end; /* what is left of the last slab */
};

/* 16-byte aligned; NULL when memory is short. */
void *pool_alloc(struct pool *pool, size_t size);

/* Gives back what pool_alloc() returned for that `size`. NULL is fine. */
void pool_free(struct pool *pool, void *block, size_t size);

/* Frees everything but large blocks that were not given back. */
void pool_fini(struct pool *pool);

#endif
