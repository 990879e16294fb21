/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

/*
 * What a person sees on stderr while a topology runs: on a terminal a table
 * that is drawn again and again, elsewhere a line every few seconds.
 *
 * All of it runs on the main thread, but for the lines of the log, which clear
 * the table away from whatever thread they come.
 */

#include <stdbool.h>

#include "cli/snapshot.h"
#include "worker/board.h"

/* How often the worker has to call progress_update(). */
#define PROGRESS_NS UINT64_C(250000000)

enum progress_kind { PROGRESS_NONE, PROGRESS_LINES, PROGRESS_TABLE };

struct progress {
	enum progress_kind kind;
	const struct plan *plan;
	struct snapshot now, before;
	const char **reasons; /* by component */
	uint64_t line_ns;     /* elapsed time at which the next line is due */

	/* See struct outcome. */
	uint64_t *blamed;
	uint64_t looks;
};

/* Which kind suits this plan and where stderr leads to. */
enum progress_kind progress_choose(const struct plan *plan, bool quiet);

/* -ENOMEM. */
int progress_init(struct progress *progress, const struct plan *plan,
		  enum progress_kind kind);
/* Clears the table away. Takes a zeroed one, too. */
void progress_fini(struct progress *progress);

/* Copies the counters into `now`. */
void progress_take(struct progress *progress, const struct board *board);

/* The callback of struct worker_options; `self` is the progress. It also shows
 * what other hosts have told. */
void progress_update(void *self, const struct board *board);

/* Ends the table, so that what follows stands in its place. */
void progress_end(struct progress *progress);

#endif
