/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_TREE_H
#define ENGINE_TREE_H

/*
 * The life of a tree: emitted, then complete, or failed, replayed after a
 * growing pause, and in the end a dead letter.
 *
 * A tree leaves the ledger when it is complete, when its dead letter has been
 * stored, or when its spout cannot replay it and it is lost. Spouts root
 * trees, and so do bolts whose emits have no input to be anchored to, or
 * inputs that are held: these are *derived* roots, which may stand for inputs.
 * Nothing here calls a plugin.
 */

#include "engine/charge.h"
#include "engine/count.h"
#include "engine/dating.h"
#include "engine/scan.h"
#include "engine/state.h"

/* What one emit that starts a tree brings with it. */
struct tree_start {
	const struct gust_emission *how;
	struct kept **inputs; /* malloc'ed; taken over */
	uint32_t input_count;
};

/* The task of a tree. */
static inline struct gust_task *tree_task(const struct executor *x,
					  const struct tree *tree)
{
	return x->by_number[tree->task];
}

/* The source that an emit advances, or NULL. */
static inline struct source *tree_advance(struct gust_task *task,
					  const struct gust_emission *how)
{
	struct source *source;

	if (how->kind != GUST_EMIT_AT)
		return NULL;
	source = &task->sources[how->source];
	source->next = how->next;
	return source;
}

/* Looks whether an open tree is complete, or held, after its edges changed. */
void tree_settle(struct executor *x, struct tree *tree);

/* Parts of what follows: the tree is of a position; it stands for inputs, or
 * for what a window hands over. */
void tree_enter_source(struct gust_task *task, struct tree *tree,
		       const struct gust_emission *how);
void tree_stand_for(struct tree *tree, struct gust_task *task,
		    const struct tree_start *start);

/* Parts of engine/root.h, inline as that is. Opens the tree of a reserved slot,
 * which outlives its emit or stands for inputs. */
static inline void tree_open(struct executor *x, struct gust_task *task,
			     struct tree *tree, const struct tree_start *start)
{
	ledger_open(&x->ledger, tree);
	count_add(&task->counters.open_trees, 1);
	if (start->input_count > 0 || task->window != NULL ||
	    task->outbox != NULL)
		tree_stand_for(tree, task, start);
	if (start->how->kind == GUST_EMIT_ID)
		tree->offset = start->how->id;
	else if (start->how->kind == GUST_EMIT_AT)
		tree_enter_source(task, tree, start->how);
}

/* Keeps its tuple for another attempt. */
static inline void tree_keep(struct executor *x, struct tree *tree,
			     const struct output *output,
			     const struct gust_tuple *tuple, int32_t direct)
{
	const struct gust_task *task = tree_task(x, tree);

	/* Without a record the tree is lost when it fails. */
	(void)ledger_keep(&x->ledger, tree, tuple, tuple->size, false,
			  (uint32_t)(output - task->outputs), direct);
	scan_arm(x);
}

/* Ends an attempt of which something is open. */
static inline void tree_stay(struct executor *x, struct tree *tree,
			     const struct lineage *lineage)
{
	tree->attempts++;
	tree->began_ns = x->now;
	tree->progress_ns = x->now;
	tree->edges ^= lineage->drawn;
	tree->held ^= lineage->held;
	if (x->place_count > 0)
		charge_place(x, tree);
	if (x->timed)
		dating_open(x, tree_task(x, tree), tree,
			    tree->edges == tree->held && !lineage->failed);
	/* What is held may have been told by the calls of this emit. */
	if (tree->edges != 0 && tree->held != 0 && !lineage->failed)
		tree_settle(x, tree);
}

/* Whether earlier incarnations of this process have died of a record often
 * enough; it is made a dead letter then. Else `*attempts` counts them, too. The
 * host has an answer. */
bool tree_doomed(struct executor *x, struct gust_task *task, struct tree *tree,
		 const struct output *output, const struct gust_tuple *tuple,
		 const struct tree_start *start, uint32_t *attempts);

/* An emit whose tuple is bad by its own fault: its tree is open until the tuple
 * is put aside. 0 or -ENOMEM. */
int tree_reject(struct executor *x, struct gust_task *task,
		struct output *output, const struct gust_tuple *tuple,
		const struct tree_start *start, const char *reason);

/* All that came of the tree is done. */
void tree_complete(struct executor *x, struct tree *tree);

/* Emits the first tree of the task's replay queue again. */
void tree_emit_again(struct executor *x, struct gust_task *task);

/* An attempt failed; stale roots count for nothing. */
void tree_fail(struct executor *x, uint64_t root, uint32_t task,
	       enum failure_kind kind, const char *reason);

/* What an open tree had on its way is lost: it is emitted again at once, and
 * that is no further attempt. So a spout that replays by itself is not told. */
void tree_lost(struct executor *x, struct tree *tree);

/* Puts a record of which no tuple was made with the dead letters. `where` is
 * its position, or NULL. */
int tree_reject_raw(struct executor *x, struct gust_task *task,
		    const struct gust_emission *where, const void *data,
		    size_t size, const char *reason);

/* The answer to a letter. */
void tree_stored(struct executor *x, uint64_t root, int result);

/* A timer: the pause before the next attempt is over. */
void tree_replay_due(struct executor *x, uint64_t root);

/* Counts all that is open as aborted, and empties the ledger. */
void tree_abort_all(struct executor *x);

/* Tells the host the position of each source that has moved. */
void tree_commit_positions(struct executor *x);

/* Parts of tree.c and tree_fail.c: it is to be emitted as soon as there is
 * room; that it is held or no longer; its end, however it ended, which releases
 * those it stands for; and its end without a record to replay. */
void tree_queue(struct executor *x, struct tree *tree);
void tree_count_held(struct executor *x, struct tree *tree, bool held);
void tree_close(struct executor *x, struct tree *tree);
void tree_lose(struct executor *x, struct tree *tree);

#endif
