/* SPDX-License-Identifier: MIT */
#ifndef STATE_ITEMS_H
#define STATE_ITEMS_H

/*
 * A table of keys, which are values, and of what they hold: open addressing
 * with linear probing, at most half full. Items do not move. There are less
 * than 2^32 of them. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

#include "base/pool.h"
#include "state/content.h"
#include "tuple/value.h"

/* As plugins see it: struct gust_state_item. With a plain key it takes 64 bytes
 * and begins where a line of the processor's cache does. */
struct item {
	/* CONTENT_NONE: the key is not there. It also has the number of values
	 * of the key, and the lower half of its hash. */
	struct content content;
	int64_t expires;         /* by the task's clock, or CONTENT_FOR_EVER */
	struct gust_value key[]; /* the bytes of its texts follow */
};

/* A flag of an item's content: its key is one string shorter than
 * GUST_STATE_PLAIN. All others are its owner's. */
#define ITEMS_PLAIN 1u

/* As plugins see it: struct gust_state_slot. */
struct items_slot {
	uint64_t hash;
	struct item *item; /* NULL: the slot is free */
};

/* `count` and `mask` may be read, the rest is private. As plugins see it, but
 * for `count`: struct gust_state_view. */
struct items {
	struct items_slot *slots; /* never NULL, and one of them is free */
	size_t mask;              /* their number, a power of two, less one */
	size_t count;
	uint64_t care, ready; /* its owner's */
	struct pool pool;     /* of items */
};

void items_init(struct items *items);

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
	const size_t mask = items->mask;
	const struct items_slot *slot;

	for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
		slot = &items->slots[at];
		if (slot->item == NULL)
			return NULL;
		if (slot->hash == hash &&
		    slot->item->content.key_count == count &&
		    items_equal(slot->item->key, key, count))
			return slot->item;
	}
}

/* The memory that an item of this key will take, without its content. */
size_t items_cost(const struct gust_value *key, size_t count);

/* The hash of an item that is there. */
uint64_t items_hash(const struct items *items, const struct item *item);

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
