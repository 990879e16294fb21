/* SPDX-License-Identifier: MIT */
#include "state/items.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MIN ((size_t)64) /* a power of two */

/* What an item costs beside its own bytes: two slots and malloc()'s head. */
#define ITEMS_OVERHEAD (2 * sizeof(struct items_slot) + 16)

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
	return items_item_size(key, count) + ITEMS_OVERHEAD;
}

void items_fini(struct items *items)
{
	struct item *item;

	for (size_t i = 0; i < items->size; i++) {
		item = items->slots[i].item;
		if (item == NULL)
			continue;
		content_clear(&item->content);
		free(item);
	}
	free(items->slots);
	memset(items, 0, sizeof(*items));
}

static void items_put(struct items *items, struct item *item)
{
	const size_t mask = items->size - 1;
	size_t at = (size_t)item->hash & mask;

	while (items->slots[at].item != NULL)
		at = (at + 1) & mask;
	items->slots[at] = (struct items_slot){ item->hash, item };
}

static bool items_grow(struct items *items)
{
	struct items grown = { .size = items->size * 2, .count = items->count };

	if (grown.size == 0)
		grown.size = ITEMS_MIN;
	grown.slots = calloc(grown.size, sizeof(*grown.slots));
	if (grown.slots == NULL)
		return false;
	for (size_t i = 0; i < items->size; i++)
		if (items->slots[i].item != NULL)
			items_put(&grown, items->slots[i].item);
	free(items->slots);
	*items = grown;
	return true;
}

static void items_copy_key(struct item *item, const struct gust_value *key)
{
	char *bytes = (char *)(item->key + item->key_count);

	for (size_t i = 0; i < item->key_count; i++) {
		const size_t length = key[i].length;

		item->key[i] = key[i];
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

	if (2 * (items->count + 1) > items->size && !items_grow(items))
		return NULL;
	item = malloc(size);
	if (item == NULL)
		return NULL;
	memset(item, 0, sizeof(*item));
	item->expires = CONTENT_FOR_EVER;
	item->hash = hash;
	item->key_count = (uint32_t)count;
	item->size = (uint32_t)size;
	items_copy_key(item, key);
	items_put(items, item);
	items->count++;
	return item;
}

/*
 * Moves what follows into the gap where its probe begins before it (Knuth, The
 * Art of Computer Programming, volume 3, algorithm 6.4 R).
 */
void items_remove(struct items *items, struct item *item)
{
	const size_t mask = items->size - 1;
	size_t gap = (size_t)item->hash & mask, at, home;

	while (items->slots[gap].item != item) {
		assert(items->slots[gap].item != NULL);
		gap = (gap + 1) & mask;
	}
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
	content_clear(&item->content);
	free(item);
}

struct item *items_next(const struct items *items, size_t *at)
{
	while (*at < items->size)
		if (items->slots[(*at)++].item != NULL)
			return items->slots[*at - 1].item;
	return NULL;
}
