/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LEDGER_H
#define ENGINE_LEDGER_H

/*
 * The ledger: an array of the trees that the tasks of one executor root.
 *
 * A root is 64 bits: the task that roots it (16), its place in the array (24)
 * and its generation there (24). Each edge of a tree enters `edges` twice, at
 * its creation and at its ack, so that the XOR is zero exactly when the tree
 * is complete (Storm's algebra; a wrong zero has probability 2^-64). Slots are
 * reused first in, first out, and each use and each replay has a generation of
 * its own: a late ack of an old copy finds another generation and counts for
 * nothing. The first generation of a slot is random.
 *
 * A slot is reserved before a tree is emitted, so that its root is known, and
 * opened when it turns out that something of the tree outlives the emit. Most
 * trees of fused topologies do not come so far: nobody has seen their root, and
 * the next one gets it.
 */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <gust/tuple.h>

#include "base/pool.h"
#include "base/spill.h"
#include "tuple/record.h"

struct kept;
struct random;
struct sheaf;

enum tree_state {
	TREE_FREE,
	TREE_OPEN,
	TREE_UNSTORED, /* not emitted yet, see engine/outbox.h */
	TREE_BACKOFF,  /* failed, waits for its next attempt */
	TREE_QUEUED,   /* will be emitted when its task has room */
	TREE_STORING   /* its dead letter is being written */
};

/* What is kept of an emit, to do it again or to write a dead letter. */
struct record {
	uint32_t output; /* of the task */
	int32_t direct;
	size_t size; /* of the bytes that follow: a tuple, or raw data */
	bool raw;
	bool spilled;
};

static inline struct gust_tuple *record_tuple(struct record *record)
{
	return (struct gust_tuple *)(void *)(record + 1);
}

/* In the place of the number of inputs. */
#define TREE_SHEAF UINT32_MAX

/* Two cache lines: what an ack and the end of a tree look at, and the rest. */
struct tree {
	uint64_t edges; /* XOR of the ids created and not acked */
	uint64_t held;  /* XOR of those that are held */
	struct record *record;
	struct tree *after;  /* in its source */
	uint64_t first_ns;   /* the first attempt; for complete latency */
	uint32_t generation; /* of a free slot: that of its next tree */
	uint32_t slot;
	uint32_t task;
	uint32_t input_count;
	uint32_t source; /* UINT32_MAX: none */
	uint16_t attempts;
	uint8_t state;     /* enum tree_state */
	bool counted_held; /* in the task's held_trees */

	uint64_t offset;   /* there, or the id of a spout that replays itself */
	uint64_t began_ns; /* this attempt */
	uint64_t progress_ns;
	struct tree *before; /* in its source */
	struct tree *queue_after;
	union { /* of a derived root: whom it stands for */
		struct kept **inputs;
		struct sheaf *sheaf; /* where input_count is TREE_SHEAF */
	};
	char *reason; /* of the letter being stored, as */
	uint16_t failed_task;
	uint8_t letter_kind;
	uint8_t renewals; /* attempts before this one, 255 at most */
	uint16_t keeper;  /* task that retains it, or TREE_NO_KEEPER */
	uint8_t age;      /* of its first emit, see engine/dating.h */
	bool dated;       /* counted in the open times of its task */
};

_Static_assert(sizeof(struct tree) == 128, "two cache lines");

#define TREE_NO_KEEPER UINT16_MAX

#define LEDGER_CHUNK 1024u
#define LEDGER_SLOTS_MAX (1u << 24)
#define LEDGER_GENERATIONS 0xffffffu

/* How many opens ahead a slot is fetched. */
#define LEDGER_WARM 4u

struct ledger {
	struct tree **chunks;
	uint32_t chunk_count;
	uint32_t open;       /* slots in use */
	struct tree **idle;  /* free slots: a ring of as many as there are, */
	uint32_t idle_room;  /* or more: 0 or a power of two */
	uint32_t idle_first; /* counted on and on */
	uint32_t idle_count;
	uint64_t kept_bytes; /* records, and slots of those spilled */
	struct pool records;
	const struct spill *spill; /* or NULL */
	uint32_t scan_at;
	struct random *random;
};

void ledger_init(struct ledger *ledger, struct random *random);
void ledger_fini(struct ledger *ledger);

/* Adds free slots. 0 or -ENOMEM, also when there are 2^24. */
int ledger_grow(struct ledger *ledger);

/* Frees the reason and the inputs of a tree. */
void ledger_forget(struct tree *tree);

/* Makes all copies of the tree that are under way stale, for a replay. */
void ledger_renew(struct tree *tree);

static inline uint64_t tree_root(const struct tree *tree)
{
	return (uint64_t)tree->task << 48 | (uint64_t)tree->slot << 24 |
	       tree->generation;
}

/* Number `at` of the ring of free slots. */
static inline struct tree **ledger_idle(const struct ledger *ledger,
					uint32_t at)
{
	return &ledger->idle[(ledger->idle_first + at) &
			     (ledger->idle_room - 1)];
}

/* A slot for a tree of `task`, whose root is known from now on; it is to be
 * opened or given back. NULL: short of memory, or 2^24 trees are open. */
static inline struct tree *ledger_reserve(struct ledger *ledger, uint32_t task)
{
	struct tree *tree;

	if (ledger->idle_count == 0 && ledger_grow(ledger) != 0)
		return NULL;
	tree = *ledger_idle(ledger, 0);
	ledger->idle_first++;
	ledger->idle_count--;
	tree->task = task;
	return tree;
}

/* Gives a reserved slot back whose root nobody has seen: the next tree gets
 * it. */
static inline void ledger_give_back(struct ledger *ledger, struct tree *tree)
{
	ledger->idle_first--;
	ledger->idle_count++;
	*ledger_idle(ledger, 0) = tree;
}

static inline uint32_t root_task(uint64_t root)
{
	return (uint32_t)(root >> 48);
}

/* Fetches the tree of a root, which is soon to be looked for; and its record,
 * once it is there. */
static inline void ledger_fetch(const struct ledger *ledger, uint64_t root)
{
	uint32_t slot = (uint32_t)(root >> 24) & (LEDGER_SLOTS_MAX - 1);

	if (slot / LEDGER_CHUNK < ledger->chunk_count)
		__builtin_prefetch(&ledger->chunks[slot / LEDGER_CHUNK]
						  [slot % LEDGER_CHUNK],
				   1);
}

static inline void ledger_fetch_record(const struct ledger *ledger,
				       uint64_t root)
{
	uint32_t slot = (uint32_t)(root >> 24) & (LEDGER_SLOTS_MAX - 1);

	if (slot / LEDGER_CHUNK < ledger->chunk_count)
		__builtin_prefetch(
			ledger->chunks[slot / LEDGER_CHUNK][slot % LEDGER_CHUNK]
				.record,
			1);
}

/* The tree of a root, or NULL when that root is stale. */
static inline struct tree *ledger_find(const struct ledger *ledger,
				       uint64_t root)
{
	uint32_t slot = (uint32_t)(root >> 24) & (LEDGER_SLOTS_MAX - 1);
	struct tree *tree;

	if (slot / LEDGER_CHUNK >= ledger->chunk_count)
		return NULL;
	tree = &ledger->chunks[slot / LEDGER_CHUNK][slot % LEDGER_CHUNK];
	if (tree->state == TREE_FREE || tree_root(tree) != root)
		return NULL;
	return tree;
}

/* The same for a root that an earlier attempt had, too. */
struct tree *ledger_find_earlier(const struct ledger *ledger, uint64_t root);

/* A slot has rested for long; the opens to come are not to wait for memory. */
static inline void ledger_warm(const struct ledger *ledger)
{
	const struct tree *tree = *ledger_idle(ledger, LEDGER_WARM);

	__builtin_prefetch(tree, 1);
	/* There may be none, and nothing is 64 bytes behind that. */
	__builtin_prefetch((const void *)((uintptr_t)tree + 64), 1);
}

/* Makes a reserved slot a tree with neither edges nor attempts; its state is
 * TREE_OPEN. */
static inline void ledger_open(struct ledger *ledger, struct tree *tree)
{
	assert(tree->state == TREE_FREE);
	ledger_warm(ledger);
	/* What points elsewhere was cleared when the slot became free. */
	tree->edges = 0;
	tree->held = 0;
	tree->attempts = 0;
	tree->renewals = 0;
	tree->state = TREE_OPEN;
	tree->counted_held = false;
	tree->keeper = TREE_NO_KEEPER;
	tree->age = 0;
	tree->dated = false;
	tree->source = UINT32_MAX;
	tree->offset = 0;
	tree->first_ns = 0;
	tree->input_count = 0;
	ledger->open++;
}

/* Keeps a copy of the bytes of an emit, which are a tuple unless they are raw.
 * 0 or -ENOMEM. */
static inline int ledger_keep(struct ledger *ledger, struct tree *tree,
			      const void *data, size_t size, bool raw,
			      uint32_t output, int32_t direct)
{
	struct record *record;

	assert(tree->record == NULL);
	record = pool_alloc(&ledger->records, sizeof(*record) + size);
	if (record == NULL)
		return -ENOMEM;
	record->output = output;
	record->direct = direct;
	record->size = size;
	record->raw = raw;
	record->spilled = false;
	if (raw)
		memcpy(record + 1, data, size);
	else
		record_copy_whole(record + 1, data);
	tree->record = record;
	ledger->kept_bytes += sizeof(*record) + size;
	return 0;
}

/* A record that is larger than the slot of its tree, which counts from then
 * on, goes where memory is not short, if that is wanted now; without room it
 * stays. */
void ledger_spill(struct ledger *ledger, struct tree *tree);

/* ledger_drop() of those. */
void ledger_drop_spilled(struct ledger *ledger, struct tree *tree);

/* Frees the record. */
static inline void ledger_drop(struct ledger *ledger, struct tree *tree)
{
	size_t size = sizeof(*tree->record) + tree->record->size;

	if (tree->record->spilled) {
		ledger_drop_spilled(ledger, tree);
		return;
	}
	ledger->kept_bytes -= size;
	pool_free(&ledger->records, tree->record, size);
	tree->record = NULL;
}

/* First in, first out: a slot rests as long as possible before its reuse. */
static inline void ledger_release(struct ledger *ledger, struct tree *tree)
{
	*ledger_idle(ledger, ledger->idle_count++) = tree;
}

/* Frees the record, the reason and the slot; its root is stale from now on. */
static inline void ledger_close(struct ledger *ledger, struct tree *tree)
{
	assert(tree->state != TREE_FREE);
	if (tree->record != NULL)
		ledger_drop(ledger, tree);
	/* Else there is neither a reason nor an input. */
	if (tree->state != TREE_OPEN || tree->input_count > 0)
		ledger_forget(tree);
	tree->state = TREE_FREE;
	tree->generation = (tree->generation + 1) & LEDGER_GENERATIONS;
	ledger->open--;
	ledger_release(ledger, tree);
}

#endif
