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

/* Parts of these: room for a section of `size` bytes at the end of the batch,
 * or NULL; the id of a run, drawn and written to its anchors; a run of packed
 * tuples with the first of them, see outlet_text(). */
struct section *outlet_room(struct executor *x, struct outlet *out,
			    size_t size);
void outlet_anchor(struct executor *x, struct anchor *anchors,
		   struct lineage *lineage);
uint32_t outlet_begin_texts_run(struct executor *x, struct outlet *out,
				uint32_t task, uint32_t line,
				const struct gust_tuple *tuple,
				struct lineage *lineage);

/* Whether the last section takes one more packed tuple. */
static inline bool outlet_texts_go_on(const struct outlet *out, uint32_t task,
				      uint32_t line,
				      const struct gust_tuple *tuple,
				      const struct lineage *lineage)
{
	const struct section *section = out->run;

	return out->texts != NULL && section->task == task &&
	       section->extra == line && section->count == lineage->count &&
	       section_texts(section)->task == tuple->task &&
	       section_texts(section)->stream == tuple->stream;
}

static inline uint64_t outlet_texts_root(const struct outlet *out)
{
	return ((const struct anchor *)(const void *)out->texts - 1)->root;
}

/* Part of outlet_tuple(): packs a short text of at most one root. Returns how
 * many bytes it takes, or 0 when memory is short. */
static inline uint32_t outlet_text(struct executor *x, struct outlet *out,
				   uint32_t task, uint32_t line,
				   const struct gust_tuple *tuple,
				   struct lineage *lineage)
{
	const uint32_t size = sizeof(struct texts_entry);

	if (!outlet_texts_go_on(out, task, line, tuple, lineage) ||
	    (lineage->count == 1 &&
	     outlet_texts_root(out) != lineage->anchors[0].root) ||
	    out->batch->size + size > out->capacity)
		return outlet_begin_texts_run(x, out, task, line, tuple,
					      lineage);
	texts_pack((void *)((char *)out->batch + out->batch->size), tuple);
	out->batch->size += size;
	out->run->size += size;
	out->texts->size += size;
	return size;
}

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
