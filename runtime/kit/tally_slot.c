/* SPDX-License-Identifier: MIT */

#include "tally_slot.h"

#include <assert.h>
#include <string.h>

uint32_t tally_slot_size(enum tally_kind kind)
{
	switch (kind) {
	case TALLY_COUNT:
		return sizeof(struct tally_count);
	case TALLY_SUM:
		return sizeof(struct tally_sum);
	case TALLY_MOMENTS:
		return sizeof(struct tally_moments);
	case TALLY_LEAST:
	case TALLY_GREATEST:
	case TALLY_FIRST:
	case TALLY_LAST:
		return sizeof(struct tally_value);
	default:
		return sizeof(struct tally_part);
	}
}

bool tally_slot_grows(enum tally_kind kind)
{
	return kind != TALLY_COUNT && kind != TALLY_SUM &&
	       kind != TALLY_MOMENTS;
}

static struct tally_part *tally_slot_head(void *data,
					  const struct tally_slot *slot)
{
	return (struct tally_part *)(void *)((char *)data + slot->at);
}

/* Moves what is behind the part of slot `number`, which becomes larger. */
static int tally_slot_extend(const struct tally_owner *owner, uint32_t delta)
{
	const struct tally_slot *slots = owner->tally->slots;
	struct flat *flat = owner->flat;
	struct tally_part *part =
		tally_slot_head(flat->data, &slots[owner->number]);
	const size_t end = (size_t)part->at + part->size;
	const size_t behind = flat->size - end;
	uint32_t i;
	char *bytes;
	int r;

	r = flat->resize(flat, flat->size + delta);
	if (r < 0)
		return r;
	bytes = flat->data;
	memmove(bytes + end + delta, bytes + end, behind);
	memset(bytes + end, 0, behind < delta ? behind : delta);
	tally_slot_head(bytes, &slots[owner->number])->size += delta;
	for (i = owner->number + 1; i < owner->tally->slot_count; i++)
		if (tally_slot_grows(slots[i].kind))
			tally_slot_head(bytes, &slots[i])->at += delta;
	return 0;
}

static int tally_slot_resize(struct flat *part, size_t size)
{
	const struct tally_owner *owner = part->owner;
	const struct tally_slot *slot = &owner->tally->slots[owner->number];
	const struct tally_part *head =
		tally_slot_head(owner->flat->data, slot);
	const size_t room = (size + 15) & ~(size_t)15;
	int r = 0;

	if (room > head->size)
		r = tally_slot_extend(owner, (uint32_t)(room - head->size));
	if (r < 0)
		return r;
	head = tally_slot_head(owner->flat->data, slot);
	part->data = (char *)owner->flat->data + head->at;
	part->size = size;
	return 0;
}

struct flat tally_slot_part(const struct tally *tally, struct flat *flat,
			    uint32_t number, struct tally_owner *owner)
{
	const struct tally_part *head =
		tally_slot_head(flat->data, &tally->slots[number]);

	assert(tally_slot_grows(tally->slots[number].kind));
	*owner = (struct tally_owner){ tally, flat, number };
	return (struct flat){ .data = (char *)flat->data + head->at,
			      .size = head->size,
			      .resize = tally_slot_resize,
			      .owner = owner };
}

const void *tally_slot_data(const void *data, const struct tally_slot *slot,
			    size_t *size)
{
	const struct tally_part *part =
		(const void *)((const char *)data + slot->at);

	*size = part->size;
	return (const char *)data + part->at;
}

uint32_t tally_slot_keys(uint32_t most)
{
	return most < 100 ? 1000 : 10 * most;
}
