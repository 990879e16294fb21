/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SHOWING_H
#define WORKER_SHOWING_H

/*
 * What a worker shows of itself: copies on its board, and, when it leaves in
 * peace, its latencies and metrics in messages to its parent.
 */

#include <stdint.h>

struct board;
struct crew;

/* Copies usage and reasons to the board. The main thread. */
void showing_update(struct board *board, const struct crew *crew);

/*
 * The peak of resident memory, in bytes; 0 if nobody knows. Not getrusage():
 * its peak survives an exec, so it may be that of whoever started this program.
 */
uint64_t showing_peak_rss(void);

#endif
