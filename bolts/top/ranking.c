/* SPDX-License-Identifier: MIT */

#include "ranking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/row.h>

void ranking_clear(struct ranking *ranking)
{
	while (ranking->count > 0)
		free((void *)ranking->entries[--ranking->count].key);
}

void ranking_destroy(struct ranking *ranking)
{
	ranking_clear(ranking);
	free(ranking->entries);
}

/* A copy of a key, with its bytes behind it. NULL: out of memory. */
static struct gust_value *ranking_copy(const struct gust_value *key, size_t n)
{
	/* A key of no fields is something, too. */
	size_t i, size = 1 + n * sizeof(*key);
	struct gust_value *copy;
	char *bytes;

	for (i = 0; i < n; i++)
		size += key[i].type >= GUST_STRING ? key[i].length : 0;
	copy = malloc(size);
	if (copy == NULL)
		return NULL;
	bytes = (char *)(copy + n);
	for (i = 0; i < n; i++) {
		copy[i] = key[i];
		if (key[i].type < GUST_STRING || key[i].length == 0)
			continue;
		memcpy(bytes, key[i].as.data, key[i].length);
		copy[i].as.data = bytes;
		bytes += key[i].length;
	}
	return copy;
}

/* Below 0: `a` stands before `b`; 0: they are the same. */
static int ranking_compare(const struct ranking *ranking,
			   const struct ranking_entry *a,
			   const struct ranking_entry *b)
{
	size_t i;
	int r = row_compare_values(&b->number, &a->number);

	for (i = 0; i < ranking->field_count && r == 0; i++)
		r = row_compare_values(&a->key[i], &b->key[i]);
	return r;
}

/* Moves the entry at `at` down a heap of `n` whose last one is the first. */
static void ranking_sink(struct ranking *ranking, size_t at, size_t n)
{
	struct ranking_entry *heap = ranking->entries;
	const struct ranking_entry entry = heap[at];
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && ranking_compare(ranking, &heap[child],
						     &heap[child + 1]) < 0)
			child++;
		if (ranking_compare(ranking, &entry, &heap[child]) >= 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = entry;
}

static void ranking_heap(struct ranking *ranking)
{
	size_t i;

	for (i = ranking->count / 2; i-- > 0;)
		ranking_sink(ranking, i, ranking->count);
}

static int ranking_append(struct ranking *ranking,
			  const struct ranking_entry *entry)
{
	const size_t room = ranking->room > 0 ? 2 * ranking->room : 16;
	struct gust_value *key;
	void *more;

	if (ranking->count == ranking->room) {
		more = reallocarray(ranking->entries, room,
				    sizeof(*ranking->entries));
		if (more == NULL)
			return -ENOMEM;
		ranking->entries = more;
		ranking->room = room;
	}
	key = ranking_copy(entry->key, ranking->field_count);
	if (key == NULL)
		return -ENOMEM;
	ranking->entries[ranking->count++] =
		(struct ranking_entry){ entry->number, key };
	return 0;
}

/* When the ranking is full, it is a heap, and what is greater takes the place
 * of its last one. */
int ranking_offer(struct ranking *ranking, const struct ranking_entry *entry)
{
	struct gust_value *key;
	int r;

	if (ranking->count < ranking->most) {
		r = ranking_append(ranking, entry);
		if (r == 0 && ranking->count == ranking->most)
			ranking_heap(ranking);
		return r;
	}
	if (ranking_compare(ranking, entry, &ranking->entries[0]) >= 0)
		return 0;
	key = ranking_copy(entry->key, ranking->field_count);
	if (key == NULL)
		return -ENOMEM;
	free((void *)ranking->entries[0].key);
	ranking->entries[0] = (struct ranking_entry){ entry->number, key };
	ranking_sink(ranking, 0, ranking->count);
	return 0;
}

void ranking_sort(struct ranking *ranking)
{
	struct ranking_entry entry;
	size_t n;

	ranking_heap(ranking);
	for (n = ranking->count; n > 1;) {
		entry = ranking->entries[--n];
		ranking->entries[n] = ranking->entries[0];
		ranking->entries[0] = entry;
		ranking_sink(ranking, 0, n);
	}
}

int ranking_tie(struct ranking *ranking, const struct ranking_entry *last,
		const struct ranking_entry *entry)
{
	if (row_compare_values(&entry->number, &last->number) != 0 ||
	    ranking_compare(ranking, entry, last) <= 0)
		return 0;
	return ranking_append(ranking, entry);
}
