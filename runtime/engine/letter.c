/* SPDX-License-Identifier: MIT */

#include "engine/letter.h"

#include <stdlib.h>
#include <string.h>

#include "engine/tree.h"

#define STORE_PAUSE_NS 100000000u

static void letter_send(struct executor *x, struct tree *tree)
{
	const struct gust_task *task = x->by_number[tree->task];
	struct letter letter = {
		.token = tree_root(tree),
		.kind = tree->letter_kind,
		.reason = tree->reason == NULL ? "" : tree->reason,
		.component = x->plan->tasks[tree->failed_task].component,
		.task = tree->task,
		.attempts = tree->attempts,
	};

	if (tree->record->raw) {
		letter.data = tree->record + 1;
		letter.size = tree->record->size;
	} else {
		letter.tuple = record_tuple(tree->record);
	}
	if (tree->source != UINT32_MAX && task->spout != NULL) {
		const struct source *source = &task->sources[tree->source];

		letter.source =
			source->title != NULL ? source->title : source->name;
		letter.offset = tree->offset;
	}
	x->host.store(x->host.self, &letter);
}

void letter_store(struct executor *x, struct tree *tree, enum letter_kind kind,
		  uint32_t failed_task, const char *reason)
{
	char *copy = strndup(reason, FAILURE_REASON_MAX);

	/* It may be that of an earlier charge. */
	free(tree->reason);
	tree->state = TREE_STORING;
	tree->letter_kind = (uint8_t)kind;
	tree->failed_task = (uint16_t)failed_task;
	tree->reason = copy;
	letter_send(x, tree);
}

void letter_retry(struct executor *x, struct tree *tree)
{
	if (timers_set(&x->timers, x->now + STORE_PAUSE_NS, TIMER_STORE,
		       tree->task, tree_root(tree)) != 0)
		letter_send(x, tree);
}

void letter_store_due(struct executor *x, uint64_t root)
{
	struct tree *tree = ledger_find(&x->ledger, root);

	if (tree != NULL && tree->state == TREE_STORING)
		letter_send(x, tree);
}
