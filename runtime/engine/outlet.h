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

/* Acks, and holds, that gather beside a batch; when they are so many they are
 * written to it. */
#define OUTLET_ACKS_MAX 512u

int outlet_init(struct executor *x);
void outlet_fini(struct executor *x);

/* An empty batch for an executor, with room for sections of `size` bytes in all
 * and as a rule for more: `*capacity` is its whole size. NULL: no memory. */
struct batch *outlet_batch(struct executor *x, uint32_t to, size_t size,
			   uint32_t *capacity);

/* A batch that came from there or from others is no longer needed. */
void outlet_batch_done(struct executor *x, struct batch *batch);

/*
 * Queues `tuple` for `task`, whose line is `line`, as part of the trees of
 * `lineage`; draws an edge id unless it continues a run. On -ENOMEM nothing
 * was drawn.
 */
int outlet_tuple(struct executor *x, uint32_t task, uint32_t line,
		 const struct gust_tuple *tuple, struct lineage *lineage);

/* The same for the first of many, `count` > 0, all of one stream: as many as
 * are short texts and fit the batch. Returns how many; 0: it is for
 * outlet_tuple(). */
uint32_t outlet_texts(struct executor *x, uint32_t task, uint32_t line,
		      struct gust_tuple *const *tuples, uint32_t count,
		      struct lineage *lineage);

/* Parts of these: room for a section of `size` bytes at the end of the batch,
 * or NULL; the id of a run, drawn and written to its anchors; a short text of
 * at most one root, packed, which returns how many bytes it takes, or 0 when
 * memory is short. */
struct section *outlet_room(struct executor *x, struct outlet *out,
			    size_t size);
void outlet_anchor(struct executor *x, struct anchor *anchors,
		   struct lineage *lineage);
uint32_t outlet_text(struct executor *x, struct outlet *out, uint32_t task,
		     uint32_t line, const struct gust_tuple *tuple,
		     struct lineage *lineage);

/* Queues a mark from `from` for `task`, behind what was queued before; `time`
 * is that of a MARK_WATERMARK. */
int outlet_mark(struct executor *x, uint32_t task, uint32_t from,
		enum batch_mark mark, int64_t time);

/* To another executor `to`: these never fail; out of memory, an ack is lost
 * and its tree times out. */
void outlet_ack_slow(struct executor *x, uint32_t to, uint64_t root,
		     uint64_t edge);

static inline void outlet_ack(struct executor *x, uint32_t to, uint64_t root,
			      uint64_t edge)
{
	struct outlet *out = &x->outs[to];
	struct anchor *next;

	/* The first one makes the list, and has the outlet flushed. */
	if (out->ack_count == 0 || out->ack_count == OUTLET_ACKS_MAX) {
		outlet_ack_slow(x, to, root, edge);
		return;
	}
	next = out->acks + out->ack_count;
	if (next[-1].root == root) {
		next[-1].edge ^= edge;
		return;
	}
	*next = (struct anchor){ root, edge };
	out->ack_count++;
}

void outlet_hold(struct executor *x, uint32_t to, uint64_t root, uint64_t edge);
void outlet_note(struct executor *x, uint32_t to, uint64_t root, uint32_t task);
void outlet_fail(struct executor *x, uint32_t to, uint64_t root, uint32_t task,
		 enum failure_kind kind, const char *reason);

/* Tells executor `to` that `bytes` that it sent have been consumed. */
void outlet_credit(struct executor *x, uint32_t to, uint32_t task,
		   uint32_t line, uint64_t bytes);

/* Tells executor `to` that all below an offset of a source is done. */
void outlet_floor(struct executor *x, uint32_t to, uint64_t source,
		  uint64_t offset);

/* Tells executor `to` that this one has learnt of the loss of a worker. */
void outlet_lost(struct executor *x, uint32_t to, uint32_t worker);

/* Drops what has gathered for an executor that is lost. */
void outlet_drop(struct executor *x, uint32_t to);

/* Sends what is open: to one executor, to the own queues, to all. */
void outlet_flush(struct executor *x, uint32_t to);
void outlet_flush_own(struct executor *x);
void outlet_flush_all(struct executor *x);

#endif
