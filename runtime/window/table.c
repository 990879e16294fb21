/* SPDX-License-Identifier: MIT */

#include "window/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_SLOTS_FIRST 8

void table_fini(struct table *table)
{
	free(table->slots);
	memset(table, 0, sizeof(*table));
}

static void table_put(struct table *table, uint64_t hash, void *thing)
{
	size_t at = (size_t)hash & table->mask;

	while (table->slots[at].thing != NULL)
		at = (at + 1) & table->mask;
	table->slots[at].hash = hash;
	table->slots[at].thing = thing;
}

static int table_grow(struct table *table, size_t more)
{
	size_t slots = table->slots == NULL ? 0 : table->mask + 1;
	struct table larger = { NULL, more - 1, table->count };

	larger.slots = calloc(more, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < slots; i++)
		if (table->slots[i].thing != NULL)
			table_put(&larger, table->slots[i].hash,
				  table->slots[i].thing);
	free(table->slots);
	*table = larger;
	return 0;
}

void table_reserve(struct table *table, size_t count)
{
	size_t slots = TABLE_SLOTS_FIRST;

	while (slots / 3 * 2 < count)
		slots *= 2;
	if (table->slots == NULL)
		table_grow(table, slots);
}

int table_add(struct table *table, uint64_t hash, void *thing)
{
	assert(thing != NULL);
	/* A third is free at least. */
	if (table->slots == NULL ||
	    (table->count + 1) * 3 > (table->mask + 1) * 2) {
		int r = table_grow(table, table->slots == NULL
						  ? TABLE_SLOTS_FIRST
						  : 2 * (table->mask + 1));

		if (r != 0)
			return r;
	}
	table_put(table, hash, thing);
	table->count++;
	return 0;
}

void table_remove(struct table *table, uint64_t hash, const void *thing)
{
	struct table_slot *slots = table->slots;
	size_t hole = (size_t)hash & table->mask, at;

	while (slots[hole].thing != thing) {
		assert(slots[hole].thing != NULL);
		hole = (hole + 1) & table->mask;
	}
	/* Those behind it move up, unless that were before their place. */
	for (at = (hole + 1) & table->mask; slots[at].thing != NULL;
	     at = (at + 1) & table->mask) {
		size_t home = (size_t)slots[at].hash & table->mask;

		if (((at - home) & table->mask) < ((at - hole) & table->mask))
			continue;
		slots[hole] = slots[at];
		hole = at;
	}
	slots[hole].thing = NULL;
	table->count--;
}
