/* SPDX-License-Identifier: MIT */

#include "engine/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define GENERATION_MASK 0xffffffu

void ledger_init(struct ledger *ledger, struct random *random)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->random = random;
}

static void ledger_forget(struct ledger *ledger, struct tree *tree)
{
	size_t size;

	if (tree->record != NULL) {
		size = sizeof(*tree->record) + tree->record->size;
		ledger->kept_bytes -= size;
		pool_free(&ledger->records, tree->record, size);
	}
	free(tree->reason);
	free(tree->inputs);
}

void ledger_fini(struct ledger *ledger)
{
	for (uint32_t i = 0; i < ledger->chunk_count; i++) {
		for (uint32_t j = 0; j < LEDGER_CHUNK; j++)
			ledger_forget(ledger, &ledger->chunks[i][j]);
		free(ledger->chunks[i]);
	}
	free(ledger->chunks);
	pool_fini(&ledger->records);
	memset(ledger, 0, sizeof(*ledger));
}

/* First in, first out: a slot rests as long as possible before its reuse. */
static void ledger_release(struct ledger *ledger, struct tree *tree)
{
	tree->after = NULL;
	if (ledger->free_first != NULL)
		ledger->free_last->after = tree;
	else
		ledger->free_first = tree;
	ledger->free_last = tree;
}

int ledger_grow(struct ledger *ledger)
{
	uint32_t count = ledger->chunk_count;
	struct tree **chunks;
	struct tree *chunk;

	if (count * LEDGER_CHUNK >= LEDGER_SLOTS_MAX)
		return -ENOMEM;
	chunks = realloc(ledger->chunks, (count + 1) * sizeof(struct tree *));
	if (chunks == NULL)
		return -ENOMEM;
	ledger->chunks = chunks;
	chunk = calloc(LEDGER_CHUNK, sizeof(*chunk));
	if (chunk == NULL)
		return -ENOMEM;
	chunks[count] = chunk;
	ledger->chunk_count++;
	for (uint32_t i = 0; i < LEDGER_CHUNK; i++) {
		chunk[i].slot = count * LEDGER_CHUNK + i;
		chunk[i].generation =
			(uint32_t)random_next(ledger->random) & GENERATION_MASK;
		ledger_release(ledger, &chunk[i]);
	}
	return 0;
}

/* A slot has rested for long; the next open is not to wait for memory. */
static void ledger_warm(const struct tree *tree)
{
	__builtin_prefetch(tree, 1);
	__builtin_prefetch((const char *)tree + sizeof(*tree) - 1, 1);
}

void ledger_open(struct ledger *ledger, struct tree *tree)
{
	assert(tree->state == TREE_FREE);
	if (ledger->free_first != NULL)
		ledger_warm(ledger->free_first);
	/* What points elsewhere was cleared when the slot became free. */
	tree->edges = 0;
	tree->held = 0;
	tree->attempts = 0;
	tree->state = TREE_OPEN;
	tree->counted_held = false;
	tree->keeper = UINT32_MAX;
	tree->source = UINT32_MAX;
	tree->offset = 0;
	tree->first_ns = 0;
	tree->input_count = 0;
	ledger->open++;
}

void ledger_close(struct ledger *ledger, struct tree *tree)
{
	assert(tree->state != TREE_FREE);
	ledger_forget(ledger, tree);
	tree->record = NULL;
	tree->reason = NULL;
	tree->inputs = NULL;
	tree->state = TREE_FREE;
	tree->generation = (tree->generation + 1) & GENERATION_MASK;
	ledger->open--;
	ledger_release(ledger, tree);
}

void ledger_renew(struct tree *tree)
{
	tree->generation = (tree->generation + 1) & GENERATION_MASK;
	tree->edges = 0;
	tree->held = 0;
	tree->keeper = UINT32_MAX;
}

int ledger_keep(struct ledger *ledger, struct tree *tree, const void *data,
		size_t size, bool raw, uint32_t output, int32_t direct)
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
	memcpy(record + 1, data, size);
	tree->record = record;
	ledger->kept_bytes += sizeof(*record) + size;
	return 0;
}
