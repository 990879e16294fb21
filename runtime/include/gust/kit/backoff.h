/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_BACKOFF_H
#define GUST_KIT_BACKOFF_H

/*
 * How long to wait before something is tried again: each time twice as long as
 * the time before, up to a limit. One thread.
 *
 *	struct backoff backoff = { .least_ns = 100000000,
 *				   .most_ns = UINT64_C(30000000000) };
 */

#include <stdint.h>

struct backoff {
	uint64_t least_ns, most_ns; /* the first pause, and the longest */
	uint64_t last_ns;           /* 0: nothing has failed yet */
};

/* It has failed: returns the pause before the next try. */
uint64_t backoff_next(struct backoff *backoff);

/* It has worked: the next pause is the first one again. */
void backoff_reset(struct backoff *backoff);

#endif
