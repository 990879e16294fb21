/* SPDX-License-Identifier: MIT */
#ifndef PARENT_PARENT_H
#define PARENT_PARENT_H

/*
 * The parent of a run's workers on this machine. It runs no plugin and opens
 * no socket to them; it starts them as processes, hears of a death within
 * milliseconds, settles what died and starts anew. It has the run's signals,
 * clock and verdict, keeps the positions, and its board shows the whole run.
 *
 * A worker that dies is started again at once; one that dies young, after a
 * pause that doubles. All trees that were open may have been in it: they fail
 * everywhere with the reason that it was lost, and come again, which is not an
 * attempt; only what it was executing is charged with the death. A run ends
 * when its workers have ended, or when PARENT_DEATHS_MAX died in a row before
 * it had begun.
 *
 * One at a time in a process, and with no other thread: the workers are
 * forked. If the parent dies, so do they.
 */

#include <stdint.h>

#include <gust/error.h>

#include "topology/plan.h"
#include "worker/board.h"
#include "worker/worker.h"

#define PARENT_DEATHS_MAX 5

struct parent;

/*
 * Prepares a run of `count` of the plan's workers from `first` on. The plan is
 * borrowed until parent_destroy(); `options` is copied, those of a worker that
 * has a parent are not looked at. All errors set `error`.
 */
int parent_create(const struct plan *plan, const struct worker_options *options,
		  uint32_t first, uint32_t count, struct parent **parent,
		  struct gust_error *error);

/* Runs to the end and fills `result`, whatever happened. Once a parent. */
void parent_run(struct parent *parent, struct worker_result *result);

/* Takes NULL. */
void parent_destroy(struct parent *parent);

const struct board *parent_board(const struct parent *parent);

/* After the run: of a task, or NULL; until parent_destroy(). */
const struct gust_histogram *parent_latency(const struct parent *parent,
					    uint32_t task);
const struct metric_set *parent_metrics(const struct parent *parent,
					uint32_t task);

#endif
