/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CHARGE_H
#define ENGINE_CHARGE_H

/*
 * What the executor is executing, for whoever outlives it, and what is charged
 * with the death of a worker. The outermost call counts: what is called from it
 * belongs to the same tree, or to one that dies with this process.
 */

#include "engine/count.h"
#include "engine/state.h"

/* A record is emitted, of a source or of none (UINT32_MAX); true: charge_end()
 * is to follow. */
static inline bool charge_begin(struct executor *x,
				const struct gust_task *task, uint64_t root,
				uint32_t from, uint64_t offset)
{
	struct executing *executing = x->executing;

	if (executing == NULL || executing->state != EXECUTING_NOTHING)
		return false;
	count_set(&executing->root, root);
	count_set(&executing->task, task->number);
	if (from != UINT32_MAX) {
		count_set(&executing->source, task->sources[from].hash);
		count_set(&executing->offset, offset);
	}
	count_set(&executing->state, EXECUTING_ROOT);
	return true;
}

/* What came for a task is executed; the same. */
static inline bool charge_begin_run(struct executor *x,
				    const struct gust_task *task,
				    const struct lineage *lineage)
{
	struct executing *executing = x->executing;

	if (executing == NULL || lineage->count == 0 ||
	    executing->state != EXECUTING_NOTHING)
		return false;
	count_set(&executing->root, lineage->anchors[0].root);
	count_set(&executing->task, task->number);
	count_set(&executing->state, EXECUTING_ROOT);
	return true;
}

static inline void charge_end(struct executor *x)
{
	count_set(&x->executing->state, EXECUTING_NOTHING);
	count_set(&x->executing->source, 0);
}

/* Notes at which position a tree began that others may execute now, or whom it
 * stands for; the latter also before its first emit. */
void charge_place(struct executor *x, const struct tree *tree);
void charge_inputs(struct executor *x, const struct tree *tree,
		   struct kept *const *inputs, uint32_t count);

/* How often earlier incarnations of this process died of a record that is about
 * to be emitted, and why. The host has an answer. */
uint32_t charge_count(struct executor *x, const struct gust_task *task,
		      const struct gust_emission *how, const char **reason);

#endif
