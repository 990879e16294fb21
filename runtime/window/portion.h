/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_PORTION_H
#define WINDOW_PORTION_H

/*
 * What some tuples of one key come to: their number, and the accumulator of the
 * bolt's contract, whose callbacks are called from here.
 *
 * The bytes of an accumulator stand behind whatever the portion is a part of,
 * portion_inline() of them, unless the contract says that it `grows`: then they
 * are a block of their own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/window.h>

#include "base/pool.h"
#include "base/spill.h"

/* What the callbacks need. */
struct contract {
	const struct gust_windowing *calls;
	void *instance;
	struct gust_task *task;
	bool whole;     /* it gets the tuples: bundle.h */
	bool grows;     /* accumulators are blocks of their own */
	uint64_t bytes; /* in these, and in tuples */
	/* Of whole windows. */
	const struct spill *spill; /* or NULL */
	struct pool pool;
	uint64_t order; /* of the next tuple */
	int64_t time;   /* of the one that is added */
};

struct portion {
	uint64_t count; /* of tuples */
	struct gust_accumulator accumulator;
};

/* How many bytes, aligned to 16, portion_begin() wants. */
static inline size_t portion_inline(const struct contract *contract)
{
	if (contract->grows)
		return 0;
	return ((size_t)contract->calls->accumulator_size + 15) & ~(size_t)15;
}

/*
 * Makes an empty one of one that is zeroed, or was in use. `bytes` are
 * portion_inline() of them, which stay where they are. 0, -ENOMEM or what
 * init() has returned; then there is nothing to end.
 */
int portion_begin(struct contract *contract, struct portion *portion,
		  void *bytes);

/* Ends one, also a zeroed one. */
void portion_end(struct contract *contract, struct portion *portion);

int bundle_add(struct contract *contract, struct portion *portion,
	       const struct gust_tuple *in);

/* 0 or what add() has returned; the tuple counts if it was 0. */
static inline int portion_add(struct contract *contract,
			      struct portion *portion,
			      const struct gust_tuple *in)
{
	const uint32_t room = portion->accumulator.room;
	int r;

	if (contract->whole) {
		r = bundle_add(contract, portion, in);
	} else {
		r = contract->calls->add(contract->instance, contract->task,
					 &portion->accumulator, in);
		contract->bytes += portion->accumulator.room - room;
	}
	portion->count += r == 0;
	return r;
}

/* Adds `from`, of later tuples. 0 or what merge() has returned. */
int portion_merge(struct contract *contract, struct portion *into,
		  const struct portion *from);

/* Makes `to` one like `from`; else as portion_begin(). */
int portion_copy(struct contract *contract, struct portion *to, void *bytes,
		 const struct portion *from);

/* The same with bytes that were those of an accumulator. */
int portion_restore(struct contract *contract, struct portion *to, void *bytes,
		    uint64_t count, const void *data, size_t size);

#endif
