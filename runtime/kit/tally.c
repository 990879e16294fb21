/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <gust/kit/digest.h>
#include <gust/kit/distinct.h>
#include <gust/kit/heavy.h>
#include <gust/kit/row.h>
#include <gust/kit/tally.h>

#include "tally_slot.h"

int tally_open(struct tally *tally, struct gust_task *task,
	       struct gust_error *error)
{
	struct tally_slot *slot;
	size_t i;
	int r = 0;

	for (i = 0; i < tally->slot_count && r == 0; i++) {
		slot = &tally->slots[i];
		if (slot->field[0] != '\0')
			r = gust_field(task, slot->field, GUST_NULL,
				       &slot->from, error);
	}
	return r;
}

void tally_close(struct tally *tally)
{
	size_t i;

	for (i = 0; i < tally->count; i++)
		buffer_destroy(&tally->formulas[i].text);
	buffer_destroy(&tally->scratch);
}

int tally_begin(const struct tally *tally, struct flat *flat)
{
	struct tally_head *head;
	struct tally_part *part;
	size_t i;
	int r = flat->resize(flat, tally->size);

	if (r < 0)
		return r;
	memset(flat->data, 0, tally->size);
	head = flat->data;
	head->mark = tally->mark;
	for (i = 0; i < tally->slot_count; i++) {
		part = (void *)((char *)flat->data + tally->slots[i].at);
		if (tally_slot_grows(tally->slots[i].kind))
			part->at = tally->size;
	}
	return 0;
}

bool tally_fits(const struct tally *tally, const void *data, size_t size)
{
	const struct tally_head *head = data;
	const struct tally_part *part;
	size_t i, end = tally->size;

	if (size < tally->size || head->mark != tally->mark)
		return false;
	for (i = 0; i < tally->slot_count; i++) {
		if (!tally_slot_grows(tally->slots[i].kind))
			continue;
		part = (const void *)((const char *)data + tally->slots[i].at);
		if (part->at != end)
			return false;
		end += part->size;
	}
	return end <= size;
}

static void tally_add_integer(struct tally_sum *sum, uint64_t low, int64_t high)
{
	sum->as.integer.high += high;
	sum->as.integer.high += __builtin_add_overflow(sum->as.integer.low, low,
						       &sum->as.integer.low);
}

static void tally_add_number(struct tally_sum *sum, double number)
{
	const double before = sum->as.number.sum, after = before + number;

	sum->as.number.rest += fabs(before) >= fabs(number)
				       ? (before - after) + number
				       : (number - after) + before;
	sum->as.number.sum = after;
}

static void tally_sum(struct tally_sum *sum, const struct gust_value *value)
{
	const int64_t integer = value->as.integer;

	sum->count++;
	if (value->type == GUST_FLOAT)
		tally_add_number(sum, value->as.number);
	else
		tally_add_integer(sum, (uint64_t)integer, integer < 0 ? -1 : 0);
}

static void tally_moments(struct tally_moments *moments, double number)
{
	const double delta = number - moments->mean;

	moments->count++;
	moments->mean += delta / (double)moments->count;
	moments->squares += delta * (number - moments->mean);
}

/* Whether a value takes the place of the one that is kept. */
static bool tally_wins(enum tally_kind kind, const struct gust_value *kept,
		       int64_t kept_time, const struct gust_value *value,
		       int64_t time)
{
	if (kept->type == GUST_NULL)
		return true;
	switch (kind) {
	case TALLY_LEAST:
		return row_compare_values(value, kept) < 0;
	case TALLY_GREATEST:
		return row_compare_values(value, kept) > 0;
	case TALLY_FIRST:
		return time < kept_time;
	default:
		return time >= kept_time;
	}
}

static struct gust_value tally_kept(const struct tally_value *kept,
				    const void *bytes)
{
	struct gust_value value = gust_null();

	value.type = kept->type;
	if (kept->type >= GUST_STRING)
		return gust_data((enum gust_type)kept->type, bytes,
				 kept->length);
	value.as.integer = kept->as.integer;
	return value;
}

/* Puts a value in the place of another one if it wins. */
static int tally_offer(const struct tally *tally, struct flat *flat,
		       uint32_t number, const struct gust_value *value,
		       int64_t time)
{
	const struct tally_slot *slot = &tally->slots[number];
	struct tally_owner owner;
	struct flat part = tally_slot_part(tally, flat, number, &owner);
	struct tally_value *kept = (void *)((char *)flat->data + slot->at);
	const struct gust_value old = tally_kept(kept, part.data);
	int r = 0;

	if (value->type == GUST_NULL ||
	    !tally_wins(slot->kind, &old, kept->time, value, time))
		return 0;
	if (value->type >= GUST_STRING && value->length > 0) {
		if (value->length > part.size)
			r = part.resize(&part, value->length);
		if (r < 0)
			return r;
		memcpy(part.data, value->as.data, value->length);
	}
	kept = (void *)((char *)flat->data + slot->at);
	kept->time = time;
	kept->type = value->type;
	kept->length = value->type >= GUST_STRING ? value->length : 0;
	kept->as.integer = value->type >= GUST_STRING ? 0 : value->as.integer;
	return 0;
}

/* Appends a value to a list that is not full. */
static int tally_collect(struct flat *part, uint32_t most,
			 const struct gust_value *value, int64_t time)
{
	struct tally_list *list = flat_data(part);
	struct tally_item item = { .time = time, .type = value->type };
	size_t used = sizeof(*list), size;
	int r = 0;

	if (list != NULL && list->used > 0)
		used = list->used;
	if (list != NULL && list->count >= most)
		return 0;
	item.length = value->type >= GUST_STRING ? value->length
						 : (uint32_t)sizeof(value->as);
	size = sizeof(item) + (((size_t)item.length + 7) & ~(size_t)7);
	if (used + size > part->size)
		r = part->resize(part, used + size > 2 * used ? used + size
							      : 2 * used);
	if (r < 0)
		return r;
	memcpy((char *)part->data + used, &item, sizeof(item));
	memcpy((char *)part->data + used + sizeof(item),
	       value->type >= GUST_STRING ? value->as.data
					  : (const char *)&value->as,
	       item.length);
	list = part->data;
	list->count++;
	list->used = (uint32_t)(used + size);
	return 0;
}

static int tally_add_part(struct tally *tally, struct flat *flat,
			  uint32_t number, const struct gust_value *value,
			  int64_t time)
{
	const struct tally_slot *slot = &tally->slots[number];
	struct heavy_kind kind = { .take = HEAVY_SUM };
	struct buffer *row = &tally->scratch;
	struct tally_owner owner;
	struct flat part = tally_slot_part(tally, flat, number, &owner);
	int r;

	if (slot->kind == TALLY_COLLECT)
		return tally_collect(&part, slot->most, value, time);
	if (slot->kind == TALLY_DIGEST)
		return digest_add(&part, value->type == GUST_FLOAT
						 ? value->as.number
						 : (double)value->as.integer);
	row->used = 0;
	r = row_append(row, value, 1);
	if (r < 0)
		return r;
	if (slot->kind == TALLY_DISTINCT)
		return distinct_add(&part, XXH3_64bits(row->data, row->used));
	kind.most = tally_slot_keys(slot->most);
	return heavy_add(&part, &kind,
			 (struct gust_text){ row->data, row->used },
			 gust_int(1));
}

static bool tally_is_nan(const struct gust_value *value)
{
	return value->type == GUST_FLOAT && isnan(value->as.number);
}

static int tally_add_slot(struct tally *tally, struct flat *flat,
			  uint32_t number, const struct gust_value *value,
			  int64_t time)
{
	const struct tally_slot *slot = &tally->slots[number];
	void *at = (char *)flat->data + slot->at;

	switch (slot->kind) {
	case TALLY_COUNT:
		((struct tally_count *)at)->count++;
		return 0;
	case TALLY_SUM:
		tally_sum(at, value);
		return 0;
	case TALLY_MOMENTS:
		tally_moments(at, value->type == GUST_FLOAT
					  ? value->as.number
					  : (double)value->as.integer);
		return 0;
	case TALLY_LEAST:
	case TALLY_GREATEST:
		/* It is neither less nor greater than anything. */
		if (tally_is_nan(value))
			return 0;
		return tally_offer(tally, flat, number, value, time);
	case TALLY_FIRST:
	case TALLY_LAST:
		return tally_offer(tally, flat, number, value, time);
	default:
		return tally_add_part(tally, flat, number, value, time);
	}
}

int tally_add(struct tally *tally, struct flat *flat,
	      const struct gust_tuple *in, int64_t time)
{
	const struct tally_slot *slot;
	struct gust_value value = gust_null();
	uint32_t i;
	int r = 0;

	for (i = 0; i < tally->slot_count && r == 0; i++) {
		slot = &tally->slots[i];
		if (slot->field[0] != '\0') {
			value = gust_value(in, slot->from);
			if (value.type == GUST_NULL)
				continue;
		}
		r = tally_add_slot(tally, flat, i, &value, time);
	}
	return r;
}

static void tally_merge_sum(struct tally_sum *into,
			    const struct tally_sum *from, enum gust_type type)
{
	into->count += from->count;
	if (type != GUST_FLOAT) {
		tally_add_integer(into, from->as.integer.low,
				  from->as.integer.high);
		return;
	}
	tally_add_number(into, from->as.number.sum);
	/* It is nan where the sum is infinite. */
	if (isfinite(from->as.number.rest))
		tally_add_number(into, from->as.number.rest);
}

static void tally_merge_moments(struct tally_moments *into,
				const struct tally_moments *from)
{
	const double a = (double)into->count, b = (double)from->count;
	const double delta = from->mean - into->mean;

	if (from->count == 0)
		return;
	into->count += from->count;
	into->mean += delta * (b / (a + b));
	into->squares += from->squares + delta * delta * (a * b / (a + b));
}

static int tally_merge_list(struct flat *into, uint32_t most,
			    const struct tally_list *from)
{
	const char *at = (const char *)(from + 1);
	struct tally_item item;
	struct gust_value value;
	uint32_t i;
	int r = 0;

	for (i = 0; i < from->count && r == 0; i++) {
		memcpy(&item, at, sizeof(item));
		at += sizeof(item);
		value = gust_data((enum gust_type)item.type, at, item.length);
		if (item.type < GUST_STRING)
			memcpy(&value.as, at, sizeof(value.as));
		r = tally_collect(into, most, &value, item.time);
		at += ((size_t)item.length + 7) & ~(size_t)7;
	}
	return r;
}

static int tally_merge_part(const struct tally *tally, struct flat *into,
			    uint32_t number, const void *from)
{
	const struct tally_slot *slot = &tally->slots[number];
	struct heavy_kind kind = { .take = HEAVY_SUM };
	struct tally_owner owner;
	struct flat part = tally_slot_part(tally, into, number, &owner);
	const void *data;
	size_t size;

	data = tally_slot_data(from, slot, &size);
	if (size == 0)
		return 0;
	if (slot->kind == TALLY_COLLECT)
		return tally_merge_list(&part, slot->most, data);
	if (slot->kind == TALLY_DIGEST)
		return digest_merge(&part, data, size);
	if (slot->kind == TALLY_DISTINCT)
		return distinct_merge(&part, data, size);
	kind.most = tally_slot_keys(slot->most);
	return heavy_merge(&part, &kind, data, size);
}

static int tally_merge_slot(const struct tally *tally, struct flat *into,
			    uint32_t number, const void *from)
{
	const struct tally_slot *slot = &tally->slots[number];
	const void *other = (const char *)from + slot->at;
	void *at = (char *)into->data + slot->at;
	struct gust_value value;
	size_t size;

	switch (slot->kind) {
	case TALLY_COUNT:
		((struct tally_count *)at)->count +=
			((const struct tally_count *)other)->count;
		return 0;
	case TALLY_SUM:
		tally_merge_sum(at, other, slot->type);
		return 0;
	case TALLY_MOMENTS:
		tally_merge_moments(at, other);
		return 0;
	case TALLY_LEAST:
	case TALLY_GREATEST:
	case TALLY_FIRST:
	case TALLY_LAST:
		value = tally_kept(other, tally_slot_data(from, slot, &size));
		return tally_offer(tally, into, number, &value,
				   ((const struct tally_value *)other)->time);
	default:
		return tally_merge_part(tally, into, number, from);
	}
}

int tally_merge(const struct tally *tally, struct flat *into, const void *from,
		size_t size)
{
	uint32_t i;
	int r = 0;

	if (!tally_fits(tally, from, size))
		return -EBADMSG;
	for (i = 0; i < tally->slot_count && r == 0; i++)
		r = tally_merge_slot(tally, into, i, from);
	return r;
}
