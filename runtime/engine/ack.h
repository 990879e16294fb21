/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ACK_H
#define ENGINE_ACK_H

/*
 * The way of acks, holds and failures to the ledger that owns a root.
 *
 * What concerns a tree of another executor goes to its outlet. What concerns
 * an own tree is applied at once while no callback is on the stack; under one
 * it waits in a list until the stack is empty, so that no tree completes or
 * fails under a call of its own.
 */

#include "engine/outlet.h"
#include "engine/state.h"

void ack_fini(struct executor *x);

static inline uint32_t ack_owner(const struct executor *x, uint64_t root)
{
	return x->plan->tasks[root_task(root)].executor;
}

/* What ack_send() does for own trees. */
void ack_own(struct executor *x, uint64_t root, uint64_t edge);

static inline void ack_send(struct executor *x, uint64_t root, uint64_t edge)
{
	uint32_t owner = ack_owner(x, root);

	if (owner != x->number)
		outlet_ack(x, owner, root, edge);
	else
		ack_own(x, root, edge);
}

void ack_hold(struct executor *x, uint64_t root, uint64_t edge);

/* The end of a hold, and the ack of its edge. */
void ack_release(struct executor *x, uint64_t root, uint64_t edge);
void ack_note(struct executor *x, uint64_t root, uint32_t task);
void ack_fail(struct executor *x, uint64_t root, uint32_t task,
	      enum failure_kind kind, const char *reason);

/* Applies what waits in the lists; the stack must be empty. */
void ack_drain(struct executor *x);

static inline bool ack_waiting(const struct executor *x)
{
	return x->ack_count + x->hold_count + x->release_count +
		       x->failure_count >
	       0;
}

/* For what arrives from other executors; stale roots count for nothing. */
void ack_apply(struct executor *x, uint64_t root, uint64_t edge);
void ack_apply_all(struct executor *x, const struct anchor *acks,
		   uint32_t count);
void ack_apply_hold(struct executor *x, uint64_t root, uint64_t edge);
void ack_apply_note(struct executor *x, uint64_t root, uint32_t task);
void ack_apply_failure(struct executor *x, const struct batch_failure *failure);

/* Fails all trees of a lineage, once; it will not be acked then. */
void lineage_fail(struct executor *x, struct lineage *lineage, uint32_t task,
		  enum failure_kind kind, const char *reason);

/* An edge that was drawn under a lineage is held. The tree of a root whose emit
 * has not returned learns of it with what was drawn. */
static inline void lineage_hold(struct executor *x, struct lineage *lineage,
				uint32_t anchor, uint64_t edge)
{
	if (lineage->begins)
		lineage->held ^= edge;
	else
		ack_hold(x, lineage->anchors[anchor].root, edge);
}

/* Acks the edges of a lineage whose calls have all returned, XOR the ids
 * drawn meanwhile, unless it failed. */
static inline void lineage_settle(struct executor *x,
				  const struct lineage *lineage)
{
	if (lineage->failed)
		return;
	for (uint32_t i = 0; i < lineage->count; i++)
		ack_send(x, lineage->anchors[i].root,
			 lineage->anchors[i].edge ^ lineage->drawn);
}

#endif
