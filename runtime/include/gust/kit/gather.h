/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_GATHER_H
#define GUST_KIT_GATHER_H

/*
 * Records that a sink gathers and writes together; then their tuples are
 * acked. One thread.
 *
 *	execute():
 *		r = gather_begin(&it->gather, it, task);
 *		if (r == 0)
 *			r = ... append a record to it->gather.bytes
 *		return gather_end(&it->gather, it, task, in, r);
 *	idle(), flush():
 *		the sink's own `write`
 */

#include <stddef.h>

#include <gust/kit/buffer.h>
#include <gust/task.h>
#include <gust/tuple.h>

struct gather {
	/*
	 * Set in open(): how much is gathered, and what writes all of it and
	 * calls gather_ack(). It returns 0 or what execute() has to return,
	 * commonly -EAGAIN, and is then called again later.
	 */
	size_t limit;
	int (*write)(void *self, struct gust_task *task);

	struct buffer bytes;
	size_t written; /* so many of the bytes are out; for `write` */
	size_t record;  /* where the newest record begins */
};

/* Before a record is appended: writes what has to be written first. */
int gather_begin(struct gather *gather, void *self, struct gust_task *task);

/*
 * After that, in any case: `r` says how the appending went, or what became of
 * the tuple. If it is negative the record is taken back, else the tuple waits
 * for its ack. Returns what execute() has to return.
 */
int gather_end(struct gather *gather, void *self, struct gust_task *task,
	       const struct gust_tuple *in, int r);

/* The first `n` bytes, which end with a record, are safe: their tuples, which
 * are all that were added so far, are acked. */
void gather_ack(struct gather *gather, struct gust_task *task, size_t n);

/* Nothing of what was gathered is there any more. */
void gather_clear(struct gather *gather);

void gather_destroy(struct gather *gather);

#endif
