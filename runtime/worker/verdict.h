/* SPDX-License-Identifier: MIT */
#ifndef WORKER_VERDICT_H
#define WORKER_VERDICT_H

/* How a run ended, as an exit code and in words. */

#include <stdint.h>

#include "worker/worker.h"

struct board;

/*
 * Notes that the run ends in this way, unless it has come to a worse end
 * already. The reason is printf-like.
 */
void verdict_end(struct worker_result *result, enum worker_end end,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sets the exit code from how the run ended and from what its tasks counted. */
void verdict_close(struct worker_result *result, const struct board *board);

#endif
