/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/digest.h>
#include <gust/kit/distinct.h>
#include <gust/kit/heavy.h>
#include <gust/kit/object.h>
#include <gust/kit/row.h>

#include "tally_formula.h"
#include "tally_slot.h"

static struct gust_value tally_sum_value(const struct tally_sum *sum,
					 enum gust_type type)
{
	const int64_t low = (int64_t)sum->as.integer.low;
	const int64_t high = sum->as.integer.high;

	if (sum->count == 0)
		return gust_null();
	if (type == GUST_FLOAT)
		return gust_float(isfinite(sum->as.number.sum)
					  ? sum->as.number.sum +
						    sum->as.number.rest
					  : sum->as.number.sum);
	if (high == (low < 0 ? -1 : 0))
		return gust_int(low);
	return gust_int(high < 0 ? INT64_MIN : INT64_MAX);
}

static struct gust_value
tally_moments_value(const struct tally_moments *moments, int function)
{
	if (moments->count == 0)
		return gust_null();
	if (function == TALLY_F_MEAN)
		return gust_float(moments->mean);
	if (moments->count < 2)
		return gust_null();
	return gust_float(
		sqrt(moments->squares / (double)(moments->count - 1)));
}

static struct gust_value tally_kept_value(const struct tally_value *kept,
					  const void *bytes)
{
	struct gust_value value = gust_null();

	if (kept->type >= GUST_STRING)
		return gust_data((enum gust_type)kept->type, bytes,
				 kept->length);
	value.type = kept->type;
	value.as.integer = kept->as.integer;
	return value;
}

static int tally_append_key(struct buffer *text, const struct heavy_key *key,
			    uint64_t error)
{
	struct gust_value value;
	int r;

	if (!row_read(key->key, &value, 1))
		return -EBADMSG;
	r = buffer_text(text, text->used > 1 ? ",{\"value\":" : "{\"value\":");
	if (r == 0)
		r = object_value(text, value);
	if (r == 0)
		r = buffer_text(text, ",\"count\":");
	if (r == 0)
		r = buffer_value(text, key->number);
	if (r == 0 && error > 0)
		r = buffer_text(text, ",\"error\":");
	if (r == 0 && error > 0)
		r = buffer_int(text, (int64_t)error);
	return r == 0 ? buffer_char(text, '}') : r;
}

static int tally_top(struct tally *tally, const struct tally_slot *slot,
		     const void *data, size_t size, struct buffer *text)
{
	struct buffer *found = &tally->scratch;
	const struct heavy_key *keys;
	const int count = heavy_rank(data, size, slot->most, false, found);
	int i, r;

	if (count < 0)
		return count;
	r = buffer_char(text, '[');
	keys = (const struct heavy_key *)(const void *)found->data;
	for (i = 0; i < count && r == 0; i++)
		r = tally_append_key(text, &keys[i], heavy_error(data, size));
	return r == 0 ? buffer_char(text, ']') : r;
}

/* Where an item is, so that the items can be sorted. */
struct tally_place {
	int64_t time;
	const char *at; /* behind each other as they came */
};

static int tally_compare_places(const void *a, const void *b)
{
	const struct tally_place *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return (left->at > right->at) - (left->at < right->at);
}

/* Finds the items in the order of their times; the scratch has the places. */
static int tally_sort(struct tally *tally, const struct tally_list *list,
		      const struct tally_place **sorted)
{
	const char *at = (const char *)(list + 1);
	struct buffer *scratch = &tally->scratch;
	struct tally_place *places;
	struct tally_item item;
	uint32_t i;
	int r;

	scratch->used = 0;
	r = buffer_reserve(scratch, (list->count + 1) * sizeof(*places));
	if (r < 0)
		return r;
	places = (struct tally_place *)(void *)scratch->data;
	for (i = 0; i < list->count; i++) {
		memcpy(&item, at, sizeof(item));
		places[i] = (struct tally_place){ item.time, at };
		at += sizeof(item) + (((size_t)item.length + 7) & ~(size_t)7);
	}
	qsort(places, list->count, sizeof(*places), tally_compare_places);
	*sorted = places;
	return 0;
}

static int tally_list_text(struct tally *tally, const struct tally_list *list,
			   struct buffer *text)
{
	const struct tally_place *places;
	struct tally_item item;
	struct gust_value value;
	uint32_t i;
	int r = tally_sort(tally, list, &places);

	for (i = 0; i < list->count && r == 0; i++) {
		memcpy(&item, places[i].at, sizeof(item));
		value = gust_data((enum gust_type)item.type,
				  places[i].at + sizeof(item), item.length);
		if (item.type < GUST_STRING)
			memcpy(&value.as, places[i].at + sizeof(item),
			       sizeof(value.as));
		r = buffer_char(text, i == 0 ? '[' : ',');
		if (r == 0)
			r = object_value(text, value);
	}
	return r == 0 ? buffer_char(text, ']') : r;
}

static int tally_json(struct tally *tally, struct tally_formula *formula,
		      const void *data, size_t size, struct gust_value *value)
{
	const struct tally_slot *slot = &tally->slots[formula->slot];
	int r;

	formula->text.used = 0;
	if (slot->kind == TALLY_HEAVY)
		r = tally_top(tally, slot, data, size, &formula->text);
	else if (size > 0)
		r = tally_list_text(tally, data, &formula->text);
	else
		r = buffer_text(&formula->text, "[]");
	if (r == 0)
		*value = gust_json(formula->text.data, formula->text.used);
	return r;
}

static int tally_value(struct tally *tally, struct tally_formula *formula,
		       const void *data, struct gust_value *value)
{
	const struct tally_slot *slot = &tally->slots[formula->slot];
	const void *at = (const char *)data + slot->at, *part = NULL;
	size_t size = 0;
	double number;

	if (tally_slot_grows(slot->kind))
		part = tally_slot_data(data, slot, &size);
	switch (slot->kind) {
	case TALLY_COUNT:
		*value = gust_int(
			(int64_t)((const struct tally_count *)at)->count);
		return 0;
	case TALLY_SUM:
		*value = tally_sum_value(at, slot->type);
		return 0;
	case TALLY_MOMENTS:
		*value = tally_moments_value(at, formula->function);
		return 0;
	case TALLY_DIGEST:
		number = digest_quantile(part, size, formula->q);
		*value = isnan(number) ? gust_null() : gust_float(number);
		return 0;
	case TALLY_DISTINCT:
		*value = gust_int((int64_t)distinct_estimate(part, size));
		return 0;
	case TALLY_HEAVY:
	case TALLY_COLLECT:
		return tally_json(tally, formula, part, size, value);
	default:
		*value = tally_kept_value(at, part);
		return 0;
	}
}

int tally_values(struct tally *tally, const void *data, size_t size,
		 struct gust_value *row)
{
	size_t i;
	int r = 0;

	if (!tally_fits(tally, data, size))
		return -EBADMSG;
	for (i = 0; i < tally->count && r == 0; i++)
		r = tally_value(tally, &tally->formulas[i], data, &row[i]);
	return r;
}
