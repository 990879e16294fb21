/* SPDX-License-Identifier: MIT */

#include "engine/tree.h"
#include "engine/count.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/charge.h"
#include "engine/dating.h"
#include "engine/dedupe.h"
#include "engine/keep.h"
#include "engine/letter.h"
#include "engine/mark.h"
#include "engine/outbox.h"
#include "engine/root.h"
#include "engine/scan.h"
#include "engine/source.h"
#include "engine/status.h"
#include "engine/window.h"

void tree_enter_source(struct gust_task *task, struct tree *tree,
		       const struct gust_emission *how)
{
	struct source *source = tree_advance(task, how);

	if (source == NULL)
		return;
	tree->source = how->source;
	tree->offset = how->offset;
	source_link(source, tree);
}

static void tree_leave_source(struct gust_task *task, struct tree *tree)
{
	if (tree->source != UINT32_MAX)
		source_unlink(&task->sources[tree->source], tree);
}

void tree_count_held(struct executor *x, struct tree *tree, bool held)
{
	struct gust_task *task = tree_task(x, tree);

	if (held == tree->counted_held)
		return;
	tree->counted_held = held;
	count_add(&task->counters.held_trees, held ? 1 : UINT64_MAX);
	/* What is released is acked in a moment, or fails. */
	if (held && task->timed)
		dating_held(x, task, tree);
	if (held)
		ledger_spill(&x->ledger, tree);
	/* Its time begins again when it is no longer held. */
	tree->progress_ns = x->now;
	tree->began_ns = x->now;
}

/* The end of a tree that stands for inputs, which are released with it. */
static __attribute__((noinline)) void tree_close_derived(struct executor *x,
							 struct gust_task *task,
							 struct tree *tree)
{
	struct kept **inputs = tree->inputs;
	struct sheaf *sheaf = tree->sheaf;
	uint32_t input_count = tree->input_count;

	count_add(&task->counters.derived_trees, UINT64_MAX);
	tree->inputs = NULL;
	ledger_close(&x->ledger, tree);
	if (input_count == TREE_SHEAF) {
		sheaf_derived_done(x, sheaf);
		mark_check(x, task);
		return;
	}
	for (uint32_t i = 0; i < input_count; i++)
		keep_derived_done(x, inputs[i]);
	free(inputs);
	mark_check(x, task);
}

/* In line, since most trees end by completing. */
static inline void tree_end(struct executor *x, struct tree *tree)
{
	struct gust_task *task = tree_task(x, tree);

	if (task->timed)
		dating_close(x, task, tree);
	if (tree->counted_held)
		tree_count_held(x, tree, false);
	count_add(&task->counters.open_trees, UINT64_MAX);
	if (task->outbox != NULL)
		outbox_leave(x, task, tree);
	tree_leave_source(task, tree);
	if (tree->input_count > 0) {
		tree_close_derived(x, task, tree);
	} else {
		ledger_close(&x->ledger, tree);
		mark_check(x, task);
	}
}

void tree_close(struct executor *x, struct tree *tree)
{
	tree_end(x, tree);
}

void tree_complete(struct executor *x, struct tree *tree)
{
	root_acked(x, tree_task(x, tree), tree->offset, tree->first_ns);
	tree_end(x, tree);
}

void tree_settle(struct executor *x, struct tree *tree)
{
	if (tree->edges == 0) {
		tree_complete(x, tree);
		return;
	}
	tree_count_held(x, tree, tree->edges == tree->held);
	if (tree->counted_held)
		mark_check(x, tree_task(x, tree));
}

void tree_stand_for(struct tree *tree, struct gust_task *task,
		    const struct tree_start *start)
{
	struct sheaf *sheaf = NULL;

	if (task->outbox != NULL) {
		outbox_enter(task, tree, start);
		return;
	}
	if (start->input_count == 0)
		sheaf = sheaf_of(&task->window->sheaves);
	if (sheaf != NULL) {
		tree->sheaf = sheaf;
		tree->input_count = TREE_SHEAF;
		sheaf->derived++;
	} else {
		tree->inputs = start->inputs;
		tree->input_count = start->input_count;
		for (uint32_t i = 0; i < start->input_count; i++)
			start->inputs[i]->derived++;
	}
	if (tree->input_count > 0)
		count_add(&task->counters.derived_trees, 1);
}

bool tree_doomed(struct executor *x, struct gust_task *task, struct tree *tree,
		 const struct output *output, const struct gust_tuple *tuple,
		 const struct tree_start *start, uint32_t *attempts)
{
	const char *reason = "";

	*attempts += charge_count(x, task, start->how, &reason);
	if (*attempts < x->plan->config.replay_max_attempts)
		return false;
	tree_open(x, task, tree, start);
	tree->attempts = (uint16_t)*attempts;
	tree_keep(x, tree, output, tuple, start->how->direct);
	if (tree->record == NULL)
		tree_lose(x, tree);
	else
		letter_store(x, tree, LETTER_FAILED, task->number, reason);
	return true;
}

int tree_reject(struct executor *x, struct gust_task *task,
		struct output *output, const struct gust_tuple *tuple,
		const struct tree_start *start, const char *reason)
{
	struct tree *tree = ledger_reserve(&x->ledger, task->number);
	uint32_t attempts;

	if (tree == NULL)
		return -ENOMEM;
	attempts = root_count(task, start->how);
	tree_open(x, task, tree, start);
	tree->attempts = (uint16_t)attempts;
	tree_keep(x, tree, output, tuple, start->how->direct);
	if (tree->record == NULL)
		tree_lose(x, tree);
	else
		letter_store(x, tree, LETTER_REJECTED, task->number, reason);
	return 0;
}

void tree_emit_again(struct executor *x, struct gust_task *task)
{
	struct tree *tree = task->replay_first;
	struct gust_tuple *tuple = record_tuple(tree->record);
	struct lineage lineage;
	struct frame frame;
	bool charged, done;

	assert(tree->state == TREE_QUEUED);
	task->replay_first = tree->queue_after;
	if (task->replay_first == NULL)
		task->replay_last = NULL;
	x->replay_count--;
	tree->state = TREE_OPEN;
	if (tree->attempts >= x->plan->config.replay_max_attempts) {
		/* Deaths that were charged later. */
		letter_store(x, tree, LETTER_FAILED, tree->failed_task,
			     tree->reason == NULL ? "a worker died of it"
						  : tree->reason);
		return;
	}
	free(tree->reason);
	tree->reason = NULL;
	if (task->outbox == NULL || !outbox_first(task, tree))
		count_add(&task->counters.replayed, 1);
	task->dirty = true;
	call_begin(x, &frame, task, "replay");
	/* Its position is told with the call. */
	if (tree->input_count > 0)
		charge_place(x, tree);
	charged = charge_begin(x, task, tree_root(tree), tree->source,
			       tree->offset);
	root_begin(task, tree_root(tree), &lineage);
	done = root_send(x, task, &task->outputs[tree->record->output], tuple,
			 tree->record->direct, &lineage);
	if (charged)
		charge_end(x);
	if (done)
		tree_complete(x, tree);
	else
		tree_stay(x, tree, &lineage);
	call_end(x, &frame);
}

int tree_reject_raw(struct executor *x, struct gust_task *task,
		    const struct gust_emission *where, const void *data,
		    size_t size, const char *reason)
{
	struct tree *tree = ledger_reserve(&x->ledger, task->number);
	int r;

	if (tree == NULL)
		return -ENOMEM;
	ledger_open(&x->ledger, tree);
	r = ledger_keep(&x->ledger, tree, data, size, true, 0, -1);
	if (r != 0) {
		ledger_close(&x->ledger, tree);
		return r;
	}
	count_add(&task->counters.roots, 1);
	count_add(&task->counters.open_trees, 1);
	if (where != NULL)
		tree_enter_source(task, tree, where);
	letter_store(x, tree, LETTER_REJECTED, task->number, reason);
	return 0;
}

void tree_abort_all(struct executor *x)
{
	for (uint32_t i = 0; i < x->ledger.chunk_count * LEDGER_CHUNK; i++) {
		struct tree *tree =
			&x->ledger.chunks[i / LEDGER_CHUNK][i % LEDGER_CHUNK];
		struct gust_task *task;

		if (tree->state == TREE_FREE)
			continue;
		task = tree_task(x, tree);
		if (tree->state == TREE_OPEN)
			count_add(&task->counters.trees_failed, 1);
		count_add(&task->counters.aborted, 1);
		count_add(&task->counters.open_trees, UINT64_MAX);
		if (tree->counted_held)
			count_add(&task->counters.held_trees, UINT64_MAX);
		if (tree->input_count > 0 || task->outbox != NULL)
			count_add(&task->counters.derived_trees, UINT64_MAX);
		/* It stays in its source, so that no position passes it. */
		tree->state = TREE_FREE;
		x->ledger.open--;
	}
	/* Nor do ids come again that fail() gave back. */
	for (uint32_t i = 0; i < x->task_count; i++)
		count_add(&x->tasks[i].counters.aborted,
			  x->tasks[i].returned.count);
}

static void tree_tell_position(struct executor *x, const struct gust_task *task,
			       const struct source *source, uint64_t lowest)
{
	x->host.position(x->host.self, x->plan->tasks[task->number].component,
			 source->name, lowest);
}

void tree_commit_positions(struct executor *x)
{
	bool published = false;

	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];

		for (uint32_t j = 0; j < task->source_count; j++) {
			struct source *source = &task->sources[j];
			uint64_t lowest = source->next;

			if (source->oldest != NULL)
				lowest = source->oldest->offset;
			if (lowest == source->stored)
				continue;
			/* So that no counter lacks what never comes again. */
			if (!published)
				status_publish(x);
			published = true;
			source->stored = lowest;
			if (task->spout != NULL)
				tree_tell_position(x, task, source, lowest);
			if (x->dedupe)
				dedupe_spread(x, source->identity, lowest);
		}
	}
}
