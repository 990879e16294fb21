/* SPDX-License-Identifier: MIT */

#include "window/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tuple/record.h"

/* A part in a store is as large as that, or a tuple larger. */
#define PART_SIZE ((size_t)256 * 1024)

/* Room for a tuple of that size. 0, -ENOMEM, or what the spill says. */
static int kept_alloc(struct contract *contract, size_t tuple,
		      struct kept **made)
{
	const struct spill *spill = contract->spill;
	const size_t size = sizeof(struct kept) + tuple;
	void *room = NULL;
	bool spilled;
	int r = 0;

	if (spill != NULL)
		r = spill->take(spill->self, size, &room);
	if (r != 0)
		return r;
	spilled = room != NULL;
	if (!spilled) {
		room = pool_alloc(&contract->pool, size);
		if (room == NULL)
			return -ENOMEM;
		contract->bytes += size;
	}
	*made = room;
	(*made)->spilled = spilled;
	return 0;
}

static void kept_release(struct contract *contract, struct kept *kept)
{
	const size_t size = kept_size(kept);

	if (--kept->users > 0)
		return;
	if (kept->spilled) {
		contract->spill->give(contract->spill->self, kept);
		return;
	}
	contract->bytes -= size;
	pool_free(&contract->pool, kept, size);
}

/* Adds one to a portion, which is a user more. */
static int bundle_put(struct contract *contract, struct portion *portion,
		      struct kept *kept)
{
	struct gust_accumulator *accumulator = &portion->accumulator;
	const uint32_t at = accumulator->size, room = accumulator->room;

	if (gust_accumulator_resize(accumulator, at + sizeof(kept)) == NULL)
		return -ENOMEM;
	contract->bytes += accumulator->room - room;
	bundle_kept(portion)[at / sizeof(kept)] = kept;
	kept->users++;
	return 0;
}

int bundle_add(struct contract *contract, struct portion *portion,
	       const struct gust_tuple *in)
{
	struct kept *kept = NULL;
	int r = kept_alloc(contract, in->size, &kept);

	if (r != 0)
		return r;
	kept->order = contract->order++;
	kept->users = 1;
	kept->shown = false;
	memcpy(kept + 1, in, in->size);
	kept_tuple(kept)->time = contract->time;
	r = bundle_put(contract, portion, kept);
	kept_release(contract, kept);
	return r;
}

int bundle_merge(struct contract *contract, struct portion *into,
		 const struct portion *from)
{
	int r = 0;

	for (size_t i = 0; i < bundle_count(from) && r == 0; i++)
		r = bundle_put(contract, into, bundle_kept(from)[i]);
	return r;
}

void bundle_release(struct contract *contract, struct portion *portion)
{
	for (size_t i = 0; i < bundle_count(portion); i++)
		kept_release(contract, bundle_kept(portion)[i]);
	portion->accumulator.size = 0;
}

size_t bundle_fresh(const struct portion *portion)
{
	size_t fresh = 0;

	for (size_t i = 0; i < bundle_count(portion); i++)
		fresh += !bundle_kept(portion)[i]->shown;
	return fresh;
}

size_t bundle_spilled(const struct portion *portion)
{
	size_t size = 0;

	for (size_t i = 0; i < bundle_count(portion); i++) {
		struct kept *kept = bundle_kept(portion)[i];

		size += kept->spilled ? kept_size(kept) : 0;
	}
	return size;
}

static int kept_compare(const void *a, const void *b)
{
	const struct gust_tuple *one = *(const struct gust_tuple *const *)a;
	const struct gust_tuple *other = *(const struct gust_tuple *const *)b;
	const uint64_t order = kept_of(one)->order;

	if (one->time != other->time)
		return one->time < other->time ? -1 : 1;
	return order < kept_of(other)->order ? -1
					     : order > kept_of(other)->order;
}

void bundle_sort(const struct gust_tuple **tuples, size_t count)
{
	/* They mostly are. */
	for (size_t i = 1; i < count; i++)
		if (kept_compare(&tuples[i - 1], &tuples[i]) > 0) {
			qsort(tuples, count, sizeof(*tuples), kept_compare);
			return;
		}
}

size_t bundle_save(const struct portion *portion, size_t from,
		   struct saver *saver)
{
	size_t at = from;

	while (at < bundle_count(portion) && saver->value.length < PART_SIZE &&
	       !saver->short_of_memory) {
		struct kept *kept = bundle_kept(portion)[at++];

		saver_number(saver, &saver->value,
			     (int64_t)(kept->order << 1 | kept->shown));
		saver_put(saver, &saver->value, kept_tuple(kept),
			  kept_tuple(kept)->size);
	}
	return at;
}

/* Adds the tuple that begins a value, and moves on. */
static int bundle_read(struct contract *contract, struct portion *portion,
		       struct gust_text *value)
{
	struct gust_tuple head, *tuple;
	int r;

	if (value->length < sizeof(head))
		return -EBADMSG;
	memcpy(&head, value->data, sizeof(head));
	if (head.size < sizeof(head) || head.size > value->length)
		return -EBADMSG;
	/* It is read in place, which has to be aligned. */
	tuple = malloc(head.size);
	if (tuple == NULL)
		return -ENOMEM;
	memcpy(tuple, value->data, head.size);
	r = record_check(tuple, head.size);
	contract->time = tuple->time;
	if (r == 0)
		r = bundle_add(contract, portion, tuple);
	free(tuple);
	value->data += head.size;
	value->length -= head.size;
	return r;
}

int bundle_restore(struct contract *contract, struct portion *portion,
		   struct gust_text value, enum bundle_value what)
{
	struct kept *kept;
	int64_t word;
	int r;

	while (value.length > 0) {
		if (!saver_read(&value, &word))
			return -EBADMSG;
		r = bundle_read(contract, portion, &value);
		if (r != 0)
			return r;
		portion->count++;
		kept = bundle_kept(portion)[bundle_count(portion) - 1];
		kept->shown = what == BUNDLE_SHOWN || (word & 1) != 0;
		if (what == BUNDLE_OLD)
			continue;
		kept->order = (uint64_t)word >> 1;
		if (contract->order <= kept->order)
			contract->order = kept->order + 1;
	}
	return 0;
}
