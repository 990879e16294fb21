/* SPDX-License-Identifier: MIT */

#include "engine/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

void ledger_init(struct ledger *ledger, struct random *random)
{
	memset(ledger, 0, sizeof(*ledger));
	ledger->random = random;
}

void ledger_forget(struct tree *tree)
{
	free(tree->reason);
	if (tree->input_count != TREE_SHEAF)
		free(tree->inputs);
	tree->reason = NULL;
	tree->inputs = NULL;
}

void ledger_drop_spilled(struct ledger *ledger, struct tree *tree)
{
	const struct spill *spill = ledger->spill;

	ledger->kept_bytes -= sizeof(*tree);
	spill->rest(spill->self, sizeof(*tree->record) + tree->record->size);
	spill->give(spill->self, tree->record);
	tree->record = NULL;
}

void ledger_spill(struct ledger *ledger, struct tree *tree)
{
	const struct record *record = tree->record;
	const struct spill *spill = ledger->spill;
	size_t size;
	void *room;

	if (spill == NULL || record == NULL || record->spilled)
		return;
	size = sizeof(*record) + record->size;
	if (size <= sizeof(*tree) ||
	    spill->take(spill->self, size, &room) != 0 || room == NULL)
		return;
	memcpy(room, record, size);
	ledger_drop(ledger, tree);
	tree->record = room;
	tree->record->spilled = true;
	ledger->kept_bytes += sizeof(*tree);
}

static void ledger_end(struct ledger *ledger, struct tree *tree)
{
	if (tree->record != NULL)
		ledger_drop(ledger, tree);
	ledger_forget(tree);
}

void ledger_fini(struct ledger *ledger)
{
	for (uint32_t i = 0; i < ledger->chunk_count; i++) {
		for (uint32_t j = 0; j < LEDGER_CHUNK; j++)
			ledger_end(ledger, &ledger->chunks[i][j]);
		free(ledger->chunks[i]);
	}
	free(ledger->chunks);
	free(ledger->idle);
	pool_fini(&ledger->records);
	memset(ledger, 0, sizeof(*ledger));
}

/* All slots are in use, so that there is nothing in the ring to keep. */
static int ledger_widen(struct ledger *ledger)
{
	uint32_t room =
		ledger->idle_room == 0 ? LEDGER_CHUNK : ledger->idle_room * 2;
	struct tree **idle = calloc(room, sizeof(struct tree *));

	assert(ledger->idle_count == 0);
	if (idle == NULL)
		return -ENOMEM;
	free(ledger->idle);
	ledger->idle = idle;
	ledger->idle_room = room;
	return 0;
}

int ledger_grow(struct ledger *ledger)
{
	uint32_t count = ledger->chunk_count;
	struct tree **chunks;
	struct tree *chunk;

	if (count * LEDGER_CHUNK >= LEDGER_SLOTS_MAX)
		return -ENOMEM;
	if ((count + 1) * LEDGER_CHUNK > ledger->idle_room &&
	    ledger_widen(ledger) != 0)
		return -ENOMEM;
	chunks = realloc(ledger->chunks, (count + 1) * sizeof(struct tree *));
	if (chunks == NULL)
		return -ENOMEM;
	ledger->chunks = chunks;
	chunk = aligned_alloc(64, LEDGER_CHUNK * sizeof(*chunk));
	if (chunk == NULL)
		return -ENOMEM;
	memset(chunk, 0, LEDGER_CHUNK * sizeof(*chunk));
	chunks[count] = chunk;
	ledger->chunk_count++;
	for (uint32_t i = 0; i < LEDGER_CHUNK; i++) {
		chunk[i].slot = count * LEDGER_CHUNK + i;
		chunk[i].generation = (uint32_t)random_next(ledger->random) &
				      LEDGER_GENERATIONS;
		ledger_release(ledger, &chunk[i]);
	}
	return 0;
}

void ledger_renew(struct tree *tree)
{
	tree->generation = (tree->generation + 1) & LEDGER_GENERATIONS;
	if (tree->renewals < UINT8_MAX)
		tree->renewals++;
	tree->edges = 0;
	tree->held = 0;
	tree->keeper = TREE_NO_KEEPER;
}

struct tree *ledger_find_earlier(const struct ledger *ledger, uint64_t root)
{
	uint32_t slot = (uint32_t)(root >> 24) & (LEDGER_SLOTS_MAX - 1);
	struct tree *tree;
	uint32_t before;

	if (slot / LEDGER_CHUNK >= ledger->chunk_count)
		return NULL;
	tree = &ledger->chunks[slot / LEDGER_CHUNK][slot % LEDGER_CHUNK];
	before = (tree->generation - (uint32_t)root) & LEDGER_GENERATIONS;
	if (tree->state == TREE_FREE || tree->task != root_task(root) ||
	    before > tree->renewals)
		return NULL;
	return tree;
}
