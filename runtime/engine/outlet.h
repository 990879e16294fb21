/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_OUTLET_H
#define ENGINE_OUTLET_H

/*
 * Outlets: the open batch towards each executor, the own one included.
 *
 * Runs and marks are appended as they come; acks, holds and credits gather
 * beside and are written when the batch goes, so that they merge. A batch goes
 * when it is full, and all go when the executor has nothing else to do.
 */

#include "engine/state.h"

int outlet_init(struct executor *x);
void outlet_fini(struct executor *x);

/*
 * Queues `tuple` for `task`, whose line is `line`, as part of the trees of
 * `lineage`; draws an edge id unless it continues a run. On -ENOMEM nothing
 * was drawn.
 */
int outlet_tuple(struct executor *x, uint32_t task, uint32_t line,
		 const struct gust_tuple *tuple, struct lineage *lineage);

/* Queues a mark from `from` for `task`, behind what was queued before. */
int outlet_mark(struct executor *x, uint32_t task, uint32_t from,
		enum batch_mark mark);

/* To another executor `to`: these never fail; out of memory, an ack is lost
 * and its tree times out. */
void outlet_ack(struct executor *x, uint32_t to, uint64_t root, uint64_t edge);
void outlet_hold(struct executor *x, uint32_t to, uint64_t root, uint64_t edge);
void outlet_note(struct executor *x, uint32_t to, uint64_t root, uint32_t task);
void outlet_fail(struct executor *x, uint32_t to, uint64_t root, uint32_t task,
		 enum failure_kind kind, const char *reason);

/* Tells executor `to` that `bytes` that it sent have been consumed. */
void outlet_credit(struct executor *x, uint32_t to, uint32_t task,
		   uint32_t line, uint64_t bytes);

/* Tells executor `to` that this one has learnt of the loss of a worker. */
void outlet_lost(struct executor *x, uint32_t to, uint32_t worker);

/* Drops what has gathered for an executor that is lost. */
void outlet_drop(struct executor *x, uint32_t to);

/* Sends what is open: to one executor, to the own queues, to all. */
void outlet_flush(struct executor *x, uint32_t to);
void outlet_flush_own(struct executor *x);
void outlet_flush_all(struct executor *x);

#endif
