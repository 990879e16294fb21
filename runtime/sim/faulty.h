/* SPDX-License-Identifier: MIT */
#ifndef SIM_FAULTY_H
#define SIM_FAULTY_H

/*
 * A bolt that fails some of its inputs, around one that knows nothing of it.
 *
 * What fails does not reach the inner bolt; all other callbacks do. Inputs are
 * counted over all tasks of the component, replays included. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/bolt.h>

#define FAULTY_REASON "injected failure"

/* `first`, `every` and `bolt` are set before it runs, the others zero. */
struct faulty {
	const struct gust_bolt *bolt; /* the inner one */
	uint64_t first;               /* so many fail at the start */
	uint64_t every;               /* each of that number fails; 0: none */
	uint64_t seen;
	uint64_t failed;
};

/* What stands before the inner instance. */
struct faulty_instance {
	struct faulty *faulty;
	void *padding;
};

/* Reads `always`, `first N` or `every N`, where N may be 1st, 2nd, 3rd, 4th.
 * False: it is none of them. */
bool faulty_parse(struct faulty *faulty, const char *text);

/* Callbacks around those of `faulty->bolt`, but for declare(), which has been
 * called. Its instance is a faulty_instance and the inner instance. */
void faulty_wrap(const struct faulty *faulty, struct gust_bolt *bolt);

#endif
