/* SPDX-License-Identifier: MIT */

#include "engine/ack.h"

#include <stdlib.h>
#include <string.h>

#include "engine/outlet.h"
#include "engine/tree.h"

/* How many acks ahead what they need is fetched. */
#define FETCH_TREE 16u
#define FETCH_RECORD 8u

void ack_fini(struct executor *x)
{
	for (uint32_t i = 0; i < x->failure_count; i++)
		free(x->failures[i].reason);
	free(x->failures);
	free(x->acks);
	free(x->holds);
	free(x->releases);
}

/* Out of memory loses the entry, and the tree times out. */
static void ack_defer(struct anchor **list, uint32_t *count, uint32_t *room,
		      uint64_t root, uint64_t edge)
{
	if (*count > 0 && (*list)[*count - 1].root == root) {
		(*list)[*count - 1].edge ^= edge;
		return;
	}
	if (*count == *room) {
		uint32_t more = *room == 0 ? 64 : *room * 2;
		struct anchor *grown = realloc(*list, more * sizeof(*grown));

		if (grown == NULL)
			return;
		*list = grown;
		*room = more;
	}
	(*list)[(*count)++] = (struct anchor){ root, edge };
}

void ack_own(struct executor *x, uint64_t root, uint64_t edge)
{
	if (x->frame == NULL)
		ack_apply(x, root, edge);
	else
		ack_defer(&x->acks, &x->ack_count, &x->ack_room, root, edge);
}

void ack_hold(struct executor *x, uint64_t root, uint64_t edge)
{
	uint32_t owner = ack_owner(x, root);

	if (owner != x->number)
		outlet_hold(x, owner, root, edge);
	else if (x->frame == NULL)
		ack_apply_hold(x, root, edge);
	else
		ack_defer(&x->holds, &x->hold_count, &x->hold_room, root, edge);
}

static void ack_apply_release(struct executor *x, uint64_t root, uint64_t edge)
{
	struct tree *tree = ledger_find(&x->ledger, root);

	if (tree == NULL || tree->state != TREE_OPEN)
		return;
	tree->held ^= edge;
	tree->edges ^= edge;
	tree->progress_ns = x->now;
	tree_settle(x, tree);
}

void ack_release(struct executor *x, uint64_t root, uint64_t edge)
{
	uint32_t owner = ack_owner(x, root);

	if (owner != x->number) {
		outlet_hold(x, owner, root, edge);
		outlet_ack(x, owner, root, edge);
	} else if (x->frame == NULL) {
		ack_apply_release(x, root, edge);
	} else {
		ack_defer(&x->releases, &x->release_count, &x->release_room,
			  root, edge);
	}
}

void ack_note(struct executor *x, uint64_t root, uint32_t task)
{
	uint32_t owner = ack_owner(x, root);

	if (owner != x->number)
		outlet_note(x, owner, root, task);
	else
		ack_apply_note(x, root, task);
}

static void ack_defer_failure(struct executor *x, uint64_t root, uint32_t task,
			      enum failure_kind kind, const char *reason)
{
	if (x->failure_count == x->failure_room) {
		uint32_t room = x->failure_room == 0 ? 16 : x->failure_room * 2;
		struct pending_failure *grown;

		grown = realloc(x->failures, room * sizeof(*grown));
		if (grown == NULL)
			return;
		x->failures = grown;
		x->failure_room = room;
	}
	x->failures[x->failure_count++] = (struct pending_failure){
		.root = root,
		.task = task,
		.kind = kind,
		.reason = strndup(reason, FAILURE_REASON_MAX),
	};
}

void ack_fail(struct executor *x, uint64_t root, uint32_t task,
	      enum failure_kind kind, const char *reason)
{
	uint32_t owner = ack_owner(x, root);

	if (owner != x->number)
		outlet_fail(x, owner, root, task, kind, reason);
	else if (x->frame == NULL)
		tree_fail(x, root, task, kind, reason);
	else
		ack_defer_failure(x, root, task, kind, reason);
}

/* Fetches what later ones of own trees need. */
static void ack_fetch(const struct executor *x, const struct anchor *acks,
		      uint32_t i, uint32_t count)
{
	if (i + FETCH_TREE < count)
		ledger_fetch(&x->ledger, acks[i + FETCH_TREE].root);
	if (i + FETCH_RECORD < count)
		ledger_fetch_record(&x->ledger, acks[i + FETCH_RECORD].root);
}

void ack_drain(struct executor *x)
{
	/* Failures first: nothing else keeps a root open whose edges were all
	 * drawn and acked within the call in which another of them failed. */
	for (uint32_t i = 0; i < x->failure_count; i++) {
		struct pending_failure f = x->failures[i];

		tree_fail(x, f.root, f.task, f.kind,
			  f.reason == NULL ? "" : f.reason);
		free(f.reason);
	}
	x->failure_count = 0;
	for (uint32_t i = 0; i < x->hold_count; i++)
		ack_apply_hold(x, x->holds[i].root, x->holds[i].edge);
	x->hold_count = 0;
	for (uint32_t i = 0; i < x->release_count; i++) {
		ack_fetch(x, x->releases, i, x->release_count);
		ack_apply_release(x, x->releases[i].root, x->releases[i].edge);
	}
	x->release_count = 0;
	ack_apply_all(x, x->acks, x->ack_count);
	x->ack_count = 0;
}

void ack_apply(struct executor *x, uint64_t root, uint64_t edge)
{
	struct tree *tree = ledger_find(&x->ledger, root);

	if (tree == NULL || tree->state != TREE_OPEN)
		return;
	tree->edges ^= edge;
	if (tree->edges == 0) {
		tree_complete(x, tree);
		return;
	}
	tree->progress_ns = x->now;
	if (tree->held != 0 || tree->counted_held)
		tree_settle(x, tree);
}

void ack_apply_all(struct executor *x, const struct anchor *acks,
		   uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		ack_fetch(x, acks, i, count);
		ack_apply(x, acks[i].root, acks[i].edge);
	}
}

void ack_apply_hold(struct executor *x, uint64_t root, uint64_t edge)
{
	struct tree *tree = ledger_find(&x->ledger, root);

	if (tree == NULL || tree->state != TREE_OPEN)
		return;
	tree->held ^= edge;
	/* Its edges may come in the same batch, a little later. */
	if (tree->edges != 0)
		tree_settle(x, tree);
}

void ack_apply_note(struct executor *x, uint64_t root, uint32_t task)
{
	struct tree *tree = ledger_find(&x->ledger, root);

	if (tree != NULL && tree->state == TREE_OPEN)
		tree->keeper = (uint16_t)task;
}

void ack_apply_failure(struct executor *x, const struct batch_failure *failure)
{
	char reason[FAILURE_REASON_MAX + 1];
	size_t length = failure->length;

	if (length > FAILURE_REASON_MAX)
		length = FAILURE_REASON_MAX;
	memcpy(reason, failure + 1, length);
	reason[length] = '\0';
	tree_fail(x, failure->root, failure->task, failure->kind, reason);
}

void lineage_fail(struct executor *x, struct lineage *lineage, uint32_t task,
		  enum failure_kind kind, const char *reason)
{
	if (lineage->failed)
		return;
	lineage->failed = true;
	for (uint32_t i = 0; i < lineage->count; i++)
		ack_fail(x, lineage->anchors[i].root, task, kind, reason);
}
