/* SPDX-License-Identifier: MIT */

#include "engine/outbox_state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "engine/commit.h"
#include "engine/count.h"
#include "engine/dating.h"
#include "engine/source.h"
#include "engine/tree.h"

char *outbox_buffer(struct outbox *outbox, size_t size)
{
	char *grown;

	if (size <= outbox->room)
		return outbox->buffer;
	grown = realloc(outbox->buffer, 2 * size);
	if (grown == NULL)
		return NULL;
	outbox->buffer = grown;
	outbox->room = 2 * size;
	return grown;
}

int outbox_reserve(struct outbox *outbox)
{
	uint32_t needed = outbox->ended_count + outbox->count + 1;
	struct outbox_place *grown;

	if (needed <= outbox->ended_room)
		return 0;
	grown = realloc(outbox->ended, 2 * needed * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	outbox->ended = grown;
	outbox->ended_room = 2 * needed;
	return 0;
}

/* Whether something of a component comes to others with durable state. */
static bool outbox_is_kept(const struct plan *plan, uint32_t component,
			   bool *passed)
{
	bool kept = false;

	if (passed[component])
		return false;
	passed[component] = true;
	for (uint32_t i = 0; !kept && i < plan->edge_count; i++) {
		const struct plan_component *to =
			&plan->components[plan->edges[i].to];

		if (plan->edges[i].from != component)
			continue;
		kept = (to->flags & GUST_STATE) != 0 || to->window != NULL ||
		       outbox_is_kept(plan, plan->edges[i].to, passed);
	}
	return kept;
}

static int outbox_look_ahead(struct gust_task *task)
{
	const struct plan *plan = task->x->plan;
	bool *passed;

	if (!outbox_waits(task) ||
	    (task->component->flags & GUST_DETERMINISTIC) != 0)
		return 0;
	passed = calloc(plan->component_count, sizeof(*passed));
	if (passed == NULL)
		return -ENOMEM;
	task->outbox->all = outbox_is_kept(
		plan, plan->tasks[task->number].component, passed);
	free(passed);
	return 0;
}

bool outbox_takes_all(const struct gust_task *task)
{
	return task->outbox != NULL && task->outbox->all;
}

int outbox_open(struct gust_task *task, struct gust_error *error)
{
	if (!task->x->plan->config.acking)
		return 0;
	task->outbox = calloc(1, sizeof(*task->outbox));
	if (task->outbox == NULL || outbox_look_ahead(task) != 0)
		return gust_error_set(error, -ENOMEM, "out of memory");
	return outbox_read(task, error);
}

void outbox_close(struct gust_task *task)
{
	if (task->outbox == NULL)
		return;
	free(task->outbox->ended);
	free(task->outbox->buffer);
	free(task->outbox);
	task->outbox = NULL;
}

const struct source *outbox_source(const struct gust_task *task)
{
	return &task->sources[task->outbox->source];
}

bool outbox_first(const struct gust_task *task, const struct tree *tree)
{
	return tree->attempts == 0 && tree->renewals == 0 &&
	       tree->source == task->outbox->source &&
	       tree->offset >= task->outbox->restored;
}

void outbox_enter(struct gust_task *task, struct tree *tree,
		  const struct tree_start *start)
{
	struct source *source = &task->sources[task->outbox->source];

	/* They are acked when it is stored. */
	free(start->inputs);
	tree->source = task->outbox->source;
	tree->offset = source->next++;
	source_link(source, tree);
	count_add(&task->counters.derived_trees, 1);
}

int outbox_emit(struct executor *x, struct gust_task *task,
		const struct output *output, const struct gust_tuple *tuple,
		const struct tree_start *start)
{
	struct tree *tree = ledger_reserve(&x->ledger, task->number);

	if (tree == NULL) {
		free(start->inputs);
		return -ENOMEM;
	}
	tree_open(x, task, tree, start);
	tree->state = TREE_UNSTORED;
	count_add(&task->counters.roots, 1);
	tree_keep(x, tree, output, tuple, start->how->direct);
	if (tree->record == NULL) {
		tree_lose(x, tree);
		return -ENOMEM;
	}
	if (task->timed)
		dating_open(x, task, tree, false);
	/* All that one window came to may wait here. */
	ledger_spill(&x->ledger, tree);
	return 0;
}

void outbox_leave(struct executor *x, struct gust_task *task,
		  const struct tree *tree)
{
	struct outbox *outbox = task->outbox;

	count_add(&task->counters.derived_trees, UINT64_MAX);
	if (tree->source == outbox->source && tree->offset >= outbox->frozen)
		return;
	assert(outbox->count > 0 && outbox->ended_count < outbox->ended_room);
	outbox->count--;
	outbox->ended[outbox->ended_count++] =
		(struct outbox_place){ task->sources[tree->source].identity,
				       tree->offset };
	commit_wanted(x, task);
}

void outbox_begin(struct gust_task *task)
{
	if (task->outbox != NULL)
		task->outbox->begun = outbox_source(task)->next;
}

/* What has left its window stays out of it, be it that the call fails. */
void outbox_undo(struct executor *x, struct gust_task *task)
{
	struct outbox *outbox = task->outbox;
	struct source *source;

	if (!outbox_waits(task) || task->window != NULL)
		return;
	source = &task->sources[outbox->source];
	while (source->youngest != NULL &&
	       source->youngest->offset >= outbox->begun) {
		assert(source->youngest->state == TREE_UNSTORED);
		count_add(&task->counters.roots, UINT64_MAX);
		tree_close(x, source->youngest);
	}
	source->next = outbox->begun;
}

bool outbox_changed(const struct gust_task *task)
{
	const struct outbox *outbox = task->outbox;
	const struct tree *youngest;

	if (outbox == NULL)
		return false;
	youngest = outbox_source(task)->youngest;
	return outbox->ended_count > 0 ||
	       (youngest != NULL && youngest->offset >= outbox->frozen);
}

struct tree *outbox_from(const struct source *source, uint64_t number)
{
	struct tree *tree = source->youngest;

	if (tree == NULL || tree->offset < number)
		return NULL;
	while (tree->before != NULL && tree->before->offset >= number)
		tree = tree->before;
	return tree;
}
