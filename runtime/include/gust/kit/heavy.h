/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_HEAVY_H
#define GUST_KIT_HEAVY_H

/*
 * Keys with a number each, of which the greatest are wanted: heavy hitters.
 *
 * With a limit it is the summary of J. Misra and D. Gries: Finding repeated
 * elements, 1982, which is that of Space-Saving (A. Metwally, D. Agrawal,
 * A. El Abbadi, ICDT 2005) in another guise: P. Agarwal et al.: Mergeable
 * summaries, PODS 2012, who show how two are added. It is exact up to twice
 * as many keys as the limit; then all counts are lowered by as much as leaves
 * no more than the limit, as in D. Anderson et al.: A high-performance
 * algorithm for identifying frequent items in data streams, IMC 2017. What a
 * key has lost by that is at most the sum of all counts / the limit.
 *
 * Without a limit it is exact, and as large as it gets.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/kit/buffer.h>
#include <gust/kit/flat.h>

/* Which number counts, where a key was given several. */
enum heavy_take { HEAVY_SUM, HEAVY_MAX, HEAVY_LAST };

struct heavy_kind {
	enum heavy_take take;
	uint32_t most; /* keys, where sums of ints are taken; 0: no limit */
};

/* A key that was found. */
struct heavy_key {
	struct gust_text key; /* a row, see gust/kit/row.h */
	struct gust_value number;
};

/*
 * A number of a key and a later one as one, both ints or both floats; a sum of
 * ints stays at the limits of an int.
 */
struct gust_value heavy_join(enum heavy_take take, struct gust_value early,
			     struct gust_value late);

/*
 * Gives a key a number, an int or a float as all others; a sum of ints stays
 * at the limits of an int. No bytes at all are no keys. 0 or -ENOMEM.
 */
int heavy_add(struct flat *flat, const struct heavy_kind *kind,
	      struct gust_text key, struct gust_value number);

/* Adds what another one has, whose numbers are later ones. 0 or -ENOMEM. */
int heavy_merge(struct flat *into, const struct heavy_kind *kind,
		const void *from, size_t size);

/*
 * Finds the `most` keys with the greatest numbers, the greatest first, equal
 * ones in the order of their keys; with `ties` also those whose number is that
 * of the last one. Writes an array of struct heavy_key to
 * `found`, whose bytes are those of `data`. Returns how many they are, or
 * -ENOMEM.
 */
int heavy_rank(const void *data, size_t size, size_t most, bool ties,
	       struct buffer *found);

/* By how much a count may be too low; 0: all are exact. */
uint64_t heavy_error(const void *data, size_t size);

#endif
