/* SPDX-License-Identifier: MIT */
#ifndef CLI_SHOWN_H
#define CLI_SHOWN_H

/*
 * A run as JSON, while it goes on: what `gust status` gets. Members are only
 * added; `format` grows when one changes its meaning. Of tasks of other hosts
 * it shows what these told last, or null.
 */

#include <stddef.h>

#include <jansson.h>

#include "worker/board.h"

#define SHOWN_FORMAT 1

/*
 * The workers of a run: [{"worker", "state", "pid", "incarnation", "up_ns",
 * "restarts", "executors", "links": [{"peer", "up", "silent_ns", "kept_frames",
 * "kept_bytes", "repeats", "drops"}]}]. A new reference, or NULL.
 */
json_t *shown_workers(const struct board *board);

/* The counts of a task, by their names. A new reference, or NULL. */
json_t *shown_counts(const struct task_counters *counters);

/* All of it, as a text of `*n` bytes; `path` is that of the topology file.
 * Free it; NULL: no memory. */
char *shown_text(const struct board *board, const char *path, size_t *n);

#endif
