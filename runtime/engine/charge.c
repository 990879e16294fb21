/* SPDX-License-Identifier: MIT */

#include "engine/charge.h"

#include <stdlib.h>
#include <string.h>

#include "engine/tree.h"

/* They are counted in 16 bits, as attempts are. */
#define CHARGES_MAX 10000u

/* Notes what the tree is known by; see struct executing_place. */
static void charge_note(struct executor *x, const struct tree *tree,
			uint64_t first, uint64_t second, uint64_t flags)
{
	struct executing_place *place = &x->places[tree->slot];

	/* Meanwhile it is that of no tree. */
	count_set(&place->root, 0);
	count_set(&place->inputs[0], first);
	count_set(&place->inputs[1], second);
	count_set(&place->renewals, tree->renewals | flags);
	__atomic_store_n(&place->root, tree_root(tree), __ATOMIC_RELEASE);
}

void charge_place(struct executor *x, const struct tree *tree)
{
	const struct gust_task *task = x->by_number[tree->task];

	if (tree->input_count > 0 && tree->input_count != TREE_SHEAF)
		charge_inputs(x, tree, tree->inputs, tree->input_count);
	else if (tree->slot < x->place_count && tree->source != UINT32_MAX)
		charge_note(x, tree, task->sources[tree->source].hash,
			    tree->offset, EXECUTING_POSITIONED);
}

void charge_inputs(struct executor *x, const struct tree *tree,
		   struct kept *const *inputs, uint32_t count)
{
	const struct kept *last = inputs[count - 1];

	if (tree->slot >= x->place_count || inputs[0]->count == 0 ||
	    last->count == 0)
		return;
	charge_note(x, tree, inputs[0]->anchors[0].root,
		    last->anchors[last->count - 1].root, 0);
}

uint32_t charge_count(struct executor *x, const struct gust_task *task,
		      const struct gust_emission *how, const char **reason)
{
	uint32_t charges;

	if (how->kind != GUST_EMIT_AT)
		return 0;
	charges = x->host.charges(
		x->host.self, x->plan->tasks[task->number].component,
		task->sources[how->source].hash, how->offset, reason);
	return charges < CHARGES_MAX ? charges : CHARGES_MAX;
}

/*
 * The attempt was given up meanwhile, for the loss of another worker or for
 * that of the same one, and the tree was emitted anew. It was an attempt.
 */
static void charge_earlier(struct executor *x, uint64_t root, uint32_t task,
			   const char *reason)
{
	struct tree *tree = ledger_find_earlier(&x->ledger, root);
	char *copy;

	if (tree == NULL || tree->state == TREE_STORING)
		return;
	tree->attempts++;
	if (tree->state == TREE_OPEN) {
		if (tree->attempts > x->plan->config.replay_max_attempts)
			tree_fail(x, tree_root(tree), task, FAILURE_RETRY,
				  reason);
		return;
	}
	/* Others are looked at when they are emitted. */
	copy = strndup(reason, FAILURE_REASON_MAX);
	free(tree->reason);
	tree->reason = copy;
	tree->failed_task = (uint16_t)task;
}

void executor_charge(struct executor *x, uint64_t root, uint32_t task,
		     const char *reason)
{
	if (x->aborted || root_task(root) >= x->plan->task_count ||
	    x->by_number[root_task(root)] == NULL)
		return;
	x->now = x->host.now(x->host.self);
	if (task >= x->plan->task_count)
		task = root_task(root);
	if (ledger_find(&x->ledger, root) != NULL)
		tree_fail(x, root, task, FAILURE_RETRY, reason);
	else
		charge_earlier(x, root, task, reason);
}

struct executing *executor_executing(const struct executor *x)
{
	return x->executing;
}

uint32_t executor_innermost(const struct executor *x)
{
	return x->frame != NULL ? x->frame->task->number : UINT32_MAX;
}
