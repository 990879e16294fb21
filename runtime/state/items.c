/* SPDX-License-Identifier: MIT */
#include "state/items.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MIN ((size_t)1024) /* a power of two */

/* The table of who has no items yet. It is never written to. */
static const struct items_slot items_none = { 0, NULL };

/* What an item costs beside its own bytes: two slots. */
#define ITEMS_OVERHEAD (2 * sizeof(struct items_slot))

static size_t items_padded(size_t length)
{
	return (length + 8) & ~(size_t)7;
}

static size_t items_item_size(const struct gust_value *key, size_t count)
{
	size_t size = sizeof(struct item) + count * sizeof(*key);

	for (size_t i = 0; i < count; i++)
		if (key[i].type >= GUST_STRING)
			size += items_padded(key[i].length);
	return size;
}

size_t items_cost(const struct gust_value *key, size_t count)
{
	return pool_size(items_item_size(key, count)) + ITEMS_OVERHEAD;
}

void items_init(struct items *items)
{
	*items = (struct items){ .slots = (void *)(uintptr_t)&items_none };
}

/* The table alone. */
static void items_free(struct items *items)
{
	if (items->slots != &items_none)
		free(items->slots);
}

static void items_destroy(struct items *items, struct item *item)
{
	content_clear(&item->content);
	pool_free(&items->pool, item,
		  items_item_size(item->key, item->content.key_count));
}

void items_fini(struct items *items)
{
	struct item *item;

	for (size_t i = 0; i <= items->mask; i++) {
		item = items->slots[i].item;
		if (item == NULL)
			continue;
		items_destroy(items, item);
	}
	items_free(items);
	pool_fini(&items->pool);
	items_init(items);
}

static void items_put(struct items *items, struct items_slot slot)
{
	const size_t mask = items->mask;
	size_t at = (size_t)slot.hash & mask;

	while (items->slots[at].item != NULL)
		at = (at + 1) & mask;
	items->slots[at] = slot;
}

static bool items_grow(struct items *items)
{
	const size_t size = items->mask == 0 ? ITEMS_MIN : 2 * items->mask + 2;
	struct items grown = *items;

	assert(size <= (size_t)1 << 32);
	grown.mask = size - 1;
	grown.slots = calloc(size, sizeof(*grown.slots));
	if (grown.slots == NULL)
		return false;
	for (size_t i = 0; i <= items->mask; i++)
		if (items->slots[i].item != NULL)
			items_put(&grown, items->slots[i]);
	items_free(items);
	*items = grown;
	return true;
}

static void items_copy_key(struct item *item, const struct gust_value *key)
{
	char *bytes = (char *)(item->key + item->content.key_count);

	for (size_t i = 0; i < item->content.key_count; i++) {
		const size_t length = key[i].length;

		item->key[i] = key[i];
		/* Both zeros are one key. */
		if (key[i].type == GUST_FLOAT && key[i].as.number == 0)
			item->key[i].as.number = 0;
		if (key[i].type < GUST_STRING)
			continue;
		memset(bytes + (items_padded(length) - 8), 0, 8);
		if (length > 0)
			memcpy(bytes, key[i].as.data, length);
		item->key[i].as.data = bytes;
		bytes += items_padded(length);
	}
}

struct item *items_add(struct items *items, const struct gust_value *key,
		       size_t count, uint64_t hash)
{
	const size_t size = items_item_size(key, count);
	struct item *item;

	if (2 * items->count >= items->mask && !items_grow(items))
		return NULL;
	item = pool_alloc(&items->pool, size);
	if (item == NULL)
		return NULL;
	memset(item, 0, sizeof(*item));
	item->expires = CONTENT_FOR_EVER;
	item->content.hash = (uint32_t)hash;
	item->content.key_count = (uint16_t)count;
	/* What gust_state_count() need not call for. */
	if (count == 1 && key[0].type == GUST_STRING &&
	    key[0].length < GUST_STATE_PLAIN)
		item->content.flags = ITEMS_PLAIN;
	items_copy_key(item, key);
	items_put(items, (struct items_slot){ hash, item });
	items->count++;
	return item;
}

/* Where an item stands in the table. */
static size_t items_place(const struct items *items, const struct item *item)
{
	size_t at = item->content.hash & items->mask;

	while (items->slots[at].item != item) {
		assert(items->slots[at].item != NULL);
		at = (at + 1) & items->mask;
	}
	return at;
}

uint64_t items_hash(const struct items *items, const struct item *item)
{
	return items->slots[items_place(items, item)].hash;
}

/*
 * Moves what follows into the gap where its probe begins before it (Knuth, The
 * Art of Computer Programming, volume 3, algorithm 6.4 R).
 */
void items_remove(struct items *items, struct item *item)
{
	const size_t mask = items->mask;
	size_t gap = items_place(items, item), at, home;

	for (at = (gap + 1) & mask; items->slots[at].item != NULL;
	     at = (at + 1) & mask) {
		home = (size_t)items->slots[at].hash & mask;
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		items->slots[gap] = items->slots[at];
		gap = at;
	}
	items->slots[gap].item = NULL;
	items->count--;
	items_destroy(items, item);
}

struct item *items_next(const struct items *items, size_t *at)
{
	while (*at <= items->mask)
		if (items->slots[(*at)++].item != NULL)
			return items->slots[*at - 1].item;
	return NULL;
}
