/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_TABLE_H
#define WINDOW_TABLE_H

/*
 * A hash table of things that are found by their hash, with linear probing. It
 * knows nothing of them: who looks goes through those of a hash and compares.
 * One thread.
 *
 *	size_t at = table_begin(table, hash);
 *	while ((thing = table_next(table, hash, &at)) != NULL)
 *		if (it is the one)
 *			return thing;
 */

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint64_t hash;
	void *thing; /* NULL: free */
};

/* All members are private; zeroed, it is an empty table. */
struct table {
	struct table_slot *slots;
	size_t mask; /* their number - 1 */
	size_t count;
};

void table_fini(struct table *table);

static inline size_t table_begin(const struct table *table, uint64_t hash)
{
	return (size_t)hash & table->mask;
}

/* The next thing with that hash, or NULL. */
static inline void *table_next(const struct table *table, uint64_t hash,
			       size_t *at)
{
	if (table->slots == NULL)
		return NULL;
	/* Some are free, so this ends. */
	for (;;) {
		const struct table_slot *slot = &table->slots[*at];

		if (slot->thing == NULL)
			return NULL;
		*at = (*at + 1) & table->mask;
		if (slot->hash == hash)
			return slot->thing;
	}
}

/* Makes room for so many, as an advice: where memory is short nothing is done.
 */
void table_reserve(struct table *table, size_t count);

/* Adds a thing, which is not in it. 0 or -ENOMEM. */
int table_add(struct table *table, uint64_t hash, void *thing);

/* Takes a thing out, which is in it. */
void table_remove(struct table *table, uint64_t hash, const void *thing);

/* The memory held, in bytes. */
static inline size_t table_bytes(const struct table *table)
{
	return table->slots == NULL ? 0
				    : (table->mask + 1) * sizeof(*table->slots);
}

#endif
