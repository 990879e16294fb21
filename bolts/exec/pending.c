/* SPDX-License-Identifier: MIT */

#include "pending.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct pending_entry {
	const struct gust_tuple *kept; /* NULL: free */
	uint64_t id;
	uint32_t older, younger; /* places; 0 closes the ring */
};

int pending_open(struct pending *pending, uint32_t size)
{
	uint32_t i;

	pending->entries = calloc((size_t)size + 1, sizeof(*pending->entries));
	if (pending->entries == NULL)
		return -ENOMEM;
	pending->size = size;
	for (i = 1; i < size; i++)
		pending->entries[i].younger = i + 1;
	pending->vacant = 1;
	return 0;
}

void pending_close(struct pending *pending)
{
	free(pending->entries);
	*pending = (struct pending){ 0 };
}

uint64_t pending_next_id(const struct pending *pending)
{
	return pending->serial * pending->size + pending->vacant - 1;
}

void pending_add(struct pending *pending, const struct gust_tuple *kept)
{
	const uint32_t at = pending->vacant;
	struct pending_entry *head = pending->entries, *entry = head + at;

	assert(pending->count < pending->size);
	pending->vacant = entry->younger;
	entry->kept = kept;
	entry->id = pending->serial++ * pending->size + at - 1;
	entry->younger = 0;
	entry->older = head->older;
	head[head->older].younger = at;
	head->older = at;
	pending->count++;
}

static const struct gust_tuple *pending_take_at(struct pending *pending,
						uint32_t at)
{
	struct pending_entry *head = pending->entries, *entry = head + at;
	const struct gust_tuple *kept = entry->kept;

	head[entry->older].younger = entry->younger;
	head[entry->younger].older = entry->older;
	entry->kept = NULL;
	entry->younger = pending->vacant;
	pending->vacant = at;
	pending->count--;
	return kept;
}

const struct gust_tuple *pending_take(struct pending *pending, uint64_t id)
{
	const uint32_t at = (uint32_t)(id % pending->size) + 1;
	const struct pending_entry *entry = &pending->entries[at];

	if (entry->kept == NULL || entry->id != id)
		return NULL;
	return pending_take_at(pending, at);
}

const struct gust_tuple *pending_take_oldest(struct pending *pending)
{
	if (pending->count == 0)
		return NULL;
	return pending_take_at(pending, pending->entries[0].younger);
}

const struct gust_tuple *pending_next(const struct pending *pending,
				      uint32_t *at)
{
	*at = pending->entries[*at].younger;
	return *at == 0 ? NULL : pending->entries[*at].kept;
}
