/* SPDX-License-Identifier: MIT */

/*
 * Trees of which an attempt failed: replays, dead letters, losses.
 */

#include "engine/count.h"
#include "engine/tree.h"

#include <assert.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/dating.h"
#include "engine/letter.h"
#include "engine/sheaf.h"

/* Pauses double up to this. */
#define BACKOFF_MAX_NS (60 * UINT64_C(1000000000))

/* What a lost derived root stands for is not done either. */
static void tree_fail_inputs(struct executor *x, struct tree *tree)
{
	if (tree->input_count == TREE_SHEAF) {
		tree->sheaf->lost = true;
		return;
	}
	for (uint32_t i = 0; i < tree->input_count; i++) {
		struct kept *kept = tree->inputs[i];

		for (uint32_t j = 0; j < kept->count; j++)
			ack_fail(x, kept->anchors[j].root, tree->task,
				 FAILURE_RETRY, "out of memory");
		kept->count = 0;
	}
}

void tree_lose(struct executor *x, struct tree *tree)
{
	tree_fail_inputs(x, tree);
	count_add(&tree_task(x, tree)->counters.lost, 1);
	tree_close(x, tree);
}

void tree_queue(struct executor *x, struct tree *tree)
{
	struct gust_task *task = tree_task(x, tree);

	tree->state = TREE_QUEUED;
	tree->queue_after = NULL;
	if (task->replay_last != NULL)
		task->replay_last->queue_after = tree;
	else
		task->replay_first = tree;
	task->replay_last = tree;
	x->replay_count++;
}

void tree_replay_due(struct executor *x, uint64_t root)
{
	struct tree *tree = ledger_find(&x->ledger, root);

	if (tree != NULL && tree->state == TREE_BACKOFF)
		tree_queue(x, tree);
}

static void tree_back_off(struct executor *x, struct tree *tree)
{
	uint64_t pause = x->plan->config.replay_backoff_ns;

	for (uint16_t i = 1; i < tree->attempts && pause < BACKOFF_MAX_NS; i++)
		pause *= 2;
	if (pause > BACKOFF_MAX_NS)
		pause = BACKOFF_MAX_NS;
	tree->state = TREE_BACKOFF;
	if (timers_set(&x->timers, x->now + pause, TIMER_REPLAY, tree->task,
		       tree_root(tree)) != 0)
		tree_replay_due(x, tree_root(tree));
}

/* Gives a failed id back to a spout that replays by itself. */
static void tree_give_back(struct executor *x, struct tree *tree)
{
	struct gust_task *task = tree_task(x, tree);
	uint64_t id = tree->offset;

	if (idmap_set(&task->returned, id, tree->attempts) != 0) {
		tree_lose(x, tree);
		return;
	}
	call_notice(x, task, id, false);
	tree_close(x, tree);
}

void tree_fail(struct executor *x, uint64_t root, uint32_t task_number,
	       enum failure_kind kind, const char *reason)
{
	struct tree *tree = ledger_find(&x->ledger, root);
	struct gust_task *task;
	bool last;

	if (tree == NULL || tree->state != TREE_OPEN)
		return;
	task = tree_task(x, tree);
	count_add(&task->counters.trees_failed, 1);
	count_add(&task->counters.timed_out, kind == FAILURE_TIMEOUT);
	tree_count_held(x, tree, false);
	if (task->timed)
		dating_failed(task, tree);
	ledger_renew(tree);
	last = tree->attempts >= x->plan->config.replay_max_attempts;
	if (tree->record == NULL)
		tree_lose(x, tree);
	else if (kind == FAILURE_REJECT)
		letter_store(x, tree, LETTER_REJECTED, task_number, reason);
	else if (kind == FAILURE_DEAD)
		letter_store(x, tree, LETTER_FAILED, task_number, reason);
	else if (task->spout != NULL &&
		 task->component->replay == GUST_REPLAY_NONE)
		tree_lose(x, tree);
	else if (last)
		letter_store(x, tree, LETTER_FAILED, task_number, reason);
	else if (task->component->replay == GUST_REPLAY_OWN)
		tree_give_back(x, tree);
	else
		tree_back_off(x, tree);
}

void tree_lost(struct executor *x, struct tree *tree)
{
	struct gust_task *task = tree_task(x, tree);

	assert(tree->state == TREE_OPEN && tree->attempts > 0);
	count_add(&task->counters.trees_failed, 1);
	tree_count_held(x, tree, false);
	if (task->timed)
		dating_failed(task, tree);
	ledger_renew(tree);
	tree->attempts--;
	if (tree->record == NULL ||
	    (task->spout != NULL &&
	     task->component->replay == GUST_REPLAY_NONE))
		tree_lose(x, tree);
	else
		tree_queue(x, tree);
}

void tree_stored(struct executor *x, uint64_t root, int result)
{
	struct tree *tree = ledger_find(&x->ledger, root);
	struct gust_task *task;

	if (tree == NULL || tree->state != TREE_STORING)
		return;
	if (result != 0) {
		letter_retry(x, tree);
		return;
	}
	task = tree_task(x, tree);
	if (tree->letter_kind == LETTER_REJECTED)
		count_add(&task->counters.rejected, 1);
	else
		count_add(&task->counters.dead_lettered, 1);
	if (task->component->replay == GUST_REPLAY_OWN && !tree->record->raw)
		call_notice(x, task, tree->offset, true);
	tree_close(x, tree);
}
