/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_COUNT_H
#define ENGINE_COUNT_H

/*
 * Counters with one writer and any number of readers on other threads: plain
 * instructions, which relaxed atomics make free of data races.
 */

#include <stdint.h>

static inline uint64_t count_get(const uint64_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

static inline void count_add(uint64_t *count, uint64_t amount)
{
	__atomic_store_n(count, count_get(count) + amount, __ATOMIC_RELAXED);
}

static inline void count_set(uint64_t *count, uint64_t value)
{
	__atomic_store_n(count, value, __ATOMIC_RELAXED);
}

#endif
