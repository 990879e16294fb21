/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_IDENTITY_H
#define ENGINE_IDENTITY_H

/*
 * Giving tuples their identities, in topologies with topology.state.dedupe.
 *
 * What a spout emits at a position has that for its origin; what a bolt emits
 * in execute() has the origin of its input, and a path that goes on from it by
 * component, stream and ordinal; what a bolt with durable state emits otherwise
 * has its place in the outbox. All other tuples have none, and are applied as
 * often as they come. Emits take the long way here, see route.c.
 */

#include "engine/state.h"

/* Stands in front of execute() where nothing else does: counts the emits of
 * each tuple. */
int identity_execute(void *self, struct gust_task *task,
		     const struct gust_tuple *in);

/* Stamps a tuple that was just built at the end of the arena, where it may move
 * to. NULL: out of memory. */
struct gust_tuple *identity_stamp(struct gust_task *task,
				  const struct output *output,
				  const struct gust_emission *how,
				  struct gust_tuple *tuple);

/* Of a source of a component, and of a stream of a task. */
uint64_t identity_source(const struct gust_task *task, const char *name);
uint64_t identity_stream(const struct gust_task *task, const char *name);

#endif
