/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_ORIGIN_H
#define TUPLE_ORIGIN_H

/*
 * The identity of a tuple: which record of which source it came of, and by
 * which path. It is the same for each attempt, and after a restart, where the
 * bolts between are deterministic.
 *
 * Only topologies with topology.state.dedupe have it: there the origin follows
 * the tuple's record, within its size, and the path stands in the header.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gust/tuple.h>

#include "base/hash.h"

/* In gust_tuple.flags: a struct origin is the end of the record. */
#define TUPLE_ORIGIN 1u

struct origin {
	uint64_t source; /* a hash of its component and its name */
	uint64_t offset;
};

/* Whether a tuple has one. */
static inline bool origin_of(const struct gust_tuple *tuple,
			     struct origin *origin)
{
	if ((tuple->flags & TUPLE_ORIGIN) == 0)
		return false;
	memcpy(origin, (const char *)tuple + tuple->size - sizeof(*origin),
	       sizeof(*origin));
	return true;
}

/* Gives it one; there is room for it behind the record. */
static inline void origin_set(struct gust_tuple *tuple,
			      const struct origin *origin, uint64_t path)
{
	memcpy((char *)tuple + tuple->size, origin, sizeof(*origin));
	tuple->size += (uint32_t)sizeof(*origin);
	tuple->flags |= TUPLE_ORIGIN;
	tuple->path = path;
}

/* The path of what is emitted to a stream (a hash of its component and its
 * name) as number `ordinal` while the tuple of `path` was worked on. */
static inline uint64_t origin_extend(uint64_t path, uint64_t stream,
				     uint64_t ordinal)
{
	const uint64_t steps[] = { path, stream, ordinal };

	return hash_bytes(steps, sizeof(steps));
}

#endif
