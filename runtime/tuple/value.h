/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_VALUE_H
#define TUPLE_VALUE_H

/*
 * When two values are one key, and its hash: groupings, windows and state must
 * agree on that. Types differ, null is a value of its own, -0.0 is 0.0, and a
 * nan is what its bits are.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gust/tuple.h>

#include "base/hash.h"

/* The bits of a value that is no text, those of equal ones being the same. */
static inline int64_t value_bits(const struct gust_value *value)
{
	if (value->type == GUST_NULL)
		return 0;
	if (value->type == GUST_BOOL)
		return value->as.integer != 0;
	if (value->type == GUST_FLOAT && value->as.number == 0)
		return 0;
	return value->as.integer;
}

static inline bool value_same(const struct gust_value *a,
			      const struct gust_value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type < GUST_STRING)
		return value_bits(a) == value_bits(b);
	return a->length == b->length &&
	       (a->length == 0 ||
		memcmp(a->as.data, b->as.data, a->length) == 0);
}

/* The hash of a value that follows those of which `seed` is the hash, or 0;
 * see record_hash(). */
static inline uint64_t value_hash(const struct gust_value *value, uint64_t seed)
{
	int64_t bits;

	seed += value->type;
	if (value->type >= GUST_STRING)
		return hash_bytes_from(value->as.data, value->length, seed);
	bits = value_bits(value);
	return hash_bytes_from(&bits, sizeof(bits), seed);
}

#endif
