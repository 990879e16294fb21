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
	free(tree->inputs);
	tree->reason = NULL;
	tree->inputs = NULL;
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
	pool_fini(&ledger->records);
	memset(ledger, 0, sizeof(*ledger));
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
	tree->edges = 0;
	tree->held = 0;
	tree->keeper = UINT32_MAX;
}
