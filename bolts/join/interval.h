/* SPDX-License-Identifier: MIT */
#ifndef JOIN_INTERVAL_H
#define JOIN_INTERVAL_H

/*
 * Of `join`: pairs of tuples of two inputs whose times are not far apart.
 * Tuples are held until nothing can come any more that would fit them.
 */

#include <gust/task.h>
#include <gust/tuple.h>

#include "sides.h"

struct interval;

/* What becomes of a pair, of which one may be NULL: emits it, anchored to
 * those that are there. */
typedef int interval_emit(void *self, struct gust_task *task,
			  const struct gust_tuple *const pair[2]);

/* `sides` is borrowed, and so is `self`. -ENOMEM. `*interval` is written on
 * success only. */
int interval_create(struct interval **interval, const struct sides *sides,
		    enum join_type type, int64_t within, interval_emit *emit,
		    void *self);
void interval_destroy(struct interval *interval); /* takes NULL */

/* Takes a tuple; what execute() has to return. */
int interval_add(struct interval *interval, struct gust_task *task,
		 const struct gust_tuple *in);

/* Lets go of what nothing fits any more; as timer(), with its cookie. */
int interval_timer(struct interval *interval, struct gust_task *task,
		   uint64_t cookie);

/* Lets go of all; as flush(). */
int interval_flush(struct interval *interval, struct gust_task *task);

#endif
