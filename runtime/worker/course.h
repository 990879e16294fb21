/* SPDX-License-Identifier: MIT */
#ifndef WORKER_COURSE_H
#define WORKER_COURSE_H

/*
 * How far the run is, over all workers. It begins when each of them has met
 * this one; it is over when the executors of all are done and each link has
 * said goodbye, or goodbye took too long. Of the post's thread.
 */

#include <stdbool.h>
#include <stdint.h>

struct post;

/* All members are private; begins as zeros. */
struct course {
	bool begun;
	uint32_t told;      /* flags of beat.h, as the others know them */
	uint64_t ending_ns; /* when goodbye began; 0: not yet */
	uint64_t over_ns;   /* when it was over; 0: not yet */
};

/* Looks at the crew and the peers, and tells each of the other. */
void course_look(struct course *course, struct post *post, uint64_t now);

/* Whether this worker's executors are done, and know of all losses. */
bool course_is_done(const struct post *post);

/* Whether the post may leave: all is over, and the last answers were read. */
bool course_may_leave(const struct course *course, const struct post *post,
		      uint64_t now);

/* When to look again, at the latest. */
uint64_t course_due(const struct course *course, uint64_t now, uint64_t due);

#endif
