/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ROOT_H
#define ENGINE_ROOT_H

/*
 * The emit of a root: by a spout, or by a bolt outside of execute().
 *
 * A slot of the ledger is reserved, so that the root is known, and the tuple is
 * sent. If nothing of the tree is open when that returns, which is the rule
 * where all is on one executor, it is complete and the slot goes back unused;
 * else the tree is opened. Nobody looks for the root in between, since acks and
 * failures of own trees wait until the stack is empty. Inline, as this is once
 * for every tuple of a spout.
 */

#include <errno.h>
#include <stdlib.h>

#include "engine/call.h"
#include "engine/charge.h"
#include "engine/count.h"
#include "engine/deliver.h"
#include "engine/tree.h"
#include "metric/histogram.h"

/* One tree in so many is timed, and the first one of a turn. */
#define LATENCY_SAMPLE 64u

/* When the tree begins, if it is to be timed, else 0. */
static inline uint64_t root_sample(struct executor *x, struct gust_task *task)
{
	if (task->latency == NULL ||
	    (task->counters.roots % LATENCY_SAMPLE != 0 &&
	     task->latency_turn == x->turns))
		return 0;
	task->latency_turn = x->turns;
	return x->host.now(x->host.self);
}

/* Counts it. An emit of an id that fail() gave back is another attempt, not a
 * new root: returns how many attempts there were. */
static inline uint32_t root_count(struct gust_task *task,
				  const struct gust_emission *how)
{
	uint32_t attempts = 0;

	if (how->kind == GUST_EMIT_ID &&
	    idmap_take(&task->returned, how->id, &attempts))
		count_add(&task->counters.replayed, 1);
	else
		count_add(&task->counters.roots, 1);
	return attempts;
}

/* What the completion of a tree tells the spout and the report. `id` is for
 * spouts that replay by themselves. */
static inline void root_acked(struct executor *x, struct gust_task *task,
			      uint64_t id, uint64_t first_ns)
{
	count_add(&task->counters.trees_acked, 1);
	if (first_ns != 0)
		gust_histogram_record(task->latency,
				      x->host.now(x->host.self) - first_ns);
	if (task->component->replay == GUST_REPLAY_OWN)
		call_notice(x, task, id, true);
}

/* Begins an attempt of the tree of `root`. */
static inline void root_begin(struct gust_task *task, uint64_t root,
			      struct lineage *lineage)
{
	/* Not as a whole: of four anchors it has one. */
	lineage->count = 1;
	lineage->anchors[0] = (struct anchor){ .root = root };
	count_add(&task->counters.attempts, 1);
}

/* Sends the tuple; true: nothing that came of it is open when that returns. */
static inline bool root_send(struct executor *x, struct gust_task *task,
			     struct output *output, struct gust_tuple *tuple,
			     int32_t direct, struct lineage *lineage)
{
	lineage->failed = false;
	lineage->begins = true;
	lineage->drawn = 0;
	lineage->held = 0;
	/* A loop would cost the commonest case its registers. */
	if (output->route_count == 1)
		deliver_along(x, task, output->routes, tuple, lineage, direct);
	else
		route_deliver(x, task, output, tuple, lineage, direct);
	return lineage->drawn == 0 && !lineage->failed;
}

/*
 * Emits `tuple` through `output` as the root of a new tree, or untracked where
 * tracking is off. Under a frame of `task`. 0 or -ENOMEM.
 */
static inline __attribute__((always_inline)) int
root_emit(struct executor *x, struct gust_task *task, struct output *output,
	  struct gust_tuple *tuple, const struct tree_start *start)
{
	const struct gust_emission *how = start->how;
	const bool placed = how->kind == GUST_EMIT_AT;
	struct lineage lineage;
	struct tree *tree = NULL;
	uint32_t attempts = 0;
	uint64_t first_ns = 0;
	bool charged = false, done;

	task->dirty = true;
	lineage.count = 0;
	if (x->plan->config.acking) {
		tree = ledger_reserve(&x->ledger, task->number);
		if (tree == NULL) {
			free(start->inputs);
			return -ENOMEM;
		}
		attempts = root_count(task, how);
		if (placed && x->host.charges != NULL &&
		    tree_doomed(x, task, tree, output, tuple, start, &attempts))
			return 0;
		first_ns = root_sample(x, task);
		if (start->inputs != NULL && start->input_count > 0)
			charge_inputs(x, tree, start->inputs,
				      start->input_count);
		charged = charge_begin(x, task, tree_root(tree),
				       placed ? how->source : UINT32_MAX,
				       how->offset);
		root_begin(task, tree_root(tree), &lineage);
	} else {
		count_add(&task->counters.untracked, 1);
	}
	done = root_send(x, task, output, tuple, how->direct, &lineage);
	if (charged)
		charge_end(x);
	if (tree == NULL) {
		free(start->inputs);
	} else if (done && start->input_count == 0) {
		ledger_give_back(&x->ledger, tree);
		(void)tree_advance(task, how);
		root_acked(x, task, how->id, first_ns);
	} else {
		tree_open(x, task, tree, start);
		tree->attempts = (uint16_t)attempts;
		tree->first_ns = first_ns;
		if (done) {
			tree_complete(x, tree);
			return 0;
		}
		tree_keep(x, tree, output, tuple, how->direct);
		tree_stay(x, tree, &lineage);
	}
	return 0;
}

#endif
