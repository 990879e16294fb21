/* SPDX-License-Identifier: MIT */
#ifndef STATE_ITEMS_H
#define STATE_ITEMS_H

/*
 * A table of keys, which are values, and of what they hold: open addressing
 * with linear probing, at most half full. Items do not move. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

#include "state/content.h"
#include "tuple/value.h"

struct item {
	struct content content; /* CONTENT_NONE: the key is not there */
	int64_t expires;        /* by the task's clock, or CONTENT_FOR_EVER */
	uint64_t hash;
	uint32_t key_count;
	uint32_t size;           /* of the item with its key */
	struct gust_value key[]; /* the bytes of its texts follow */
};

struct items_slot {
	uint64_t hash;
	struct item *item; /* NULL: the slot is free */
};

/* Zeroed, it is empty. `count` may be read, the rest is private. */
struct items {
	struct items_slot *slots;
	size_t size; /* 0 or a power of two */
	size_t count;
};

/* Frees all items. */
void items_fini(struct items *items);

static inline bool items_equal(const struct gust_value *a,
			       const struct gust_value *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!value_same(&a[i], &b[i]))
			return false;
	return true;
}

/* The item of a key, or NULL. `hash` is that of the key. */
static inline struct item *items_find(const struct items *items,
				      const struct gust_value *key,
				      size_t count, uint64_t hash)
{
	const size_t mask = items->size - 1;
	const struct items_slot *slot;

	if (items->size == 0)
		return NULL;
	for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
		slot = &items->slots[at];
		if (slot->item == NULL)
			return NULL;
		if (slot->hash == hash && slot->item->key_count == count &&
		    items_equal(slot->item->key, key, count))
			return slot->item;
	}
}

/* The memory that an item of this key will take, without its content. */
size_t items_cost(const struct gust_value *key, size_t count);

/* Adds a key that is not there; it is copied. NULL: memory is short. */
struct item *items_add(struct items *items, const struct gust_value *key,
		       size_t count, uint64_t hash);

/* Takes an item out and frees it. */
void items_remove(struct items *items, struct item *item);

/*
 * The item at or after place `*at`, which moves behind it; NULL at the end of
 * the table. After a removal the same place may hold another one.
 */
struct item *items_next(const struct items *items, size_t *at);

#endif
