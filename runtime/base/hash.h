/* SPDX-License-Identifier: MIT */
#ifndef BASE_HASH_H
#define BASE_HASH_H

/*
 * The one hash of the house: XXH3 with 64 bits of Yann Collet's xxHash
 * (https://xxhash.com/), inline because keys are short. Its value is the same
 * on every machine and in every release; stored state relies on it.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* `p` may be NULL when `n` is 0. */
static inline uint64_t hash_bytes(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

/* Hashes on from `seed`, so that a row of values has one hash. */
static inline uint64_t hash_bytes_from(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

/* The same for a number, and for a text, which may be NULL. */
static inline uint64_t hash_number_from(uint64_t number, uint64_t seed)
{
	return hash_bytes_from(&number, sizeof(number), seed);
}

static inline uint64_t hash_text_from(const char *text, uint64_t seed)
{
	if (text == NULL)
		return hash_bytes_from(NULL, 0, seed);
	return hash_bytes_from(text, strlen(text) + 1, seed);
}

/*
 * Chooses one of `n` by multiply-and-shift of the upper half (Daniel Lemire,
 * "Fast Random Integer Generation in an Interval", 2019): no division, and as
 * even as the hash. `n` must not be 0.
 */
static inline uint32_t hash_pick(uint64_t hash, uint32_t n)
{
	return (uint32_t)(((hash >> 32) * n) >> 32);
}

#endif
