/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SOURCE_H
#define ENGINE_SOURCE_H

/*
 * What a task emits by positions: a file, a topic, or the outbox of its store.
 * Each lists its open trees in the order of their offsets, so that the oldest
 * one tells how far all is complete.
 */

#include "engine/state.h"

/* One more, zeroed but for a copy of the name; the task has it at
 * `source_count`, which the caller counts on. It may move when the next one is
 * added. NULL: out of memory. */
struct source *source_add(struct gust_task *task, const char *name);

/* A tree behind all others. */
static inline void source_link(struct source *source, struct tree *tree)
{
	tree->before = source->youngest;
	tree->after = NULL;
	if (source->youngest != NULL)
		source->youngest->after = tree;
	else
		source->oldest = tree;
	source->youngest = tree;
}

static inline void source_unlink(struct source *source, struct tree *tree)
{
	if (tree->before != NULL)
		tree->before->after = tree->after;
	else
		source->oldest = tree->after;
	if (tree->after != NULL)
		tree->after->before = tree->before;
	else
		source->youngest = tree->before;
}

#endif
