/* SPDX-License-Identifier: MIT */

/* What gust/state.h offers for single keys. */

#include <errno.h>
#include <string.h>

#include "state/space.h"

/* Plugins rely on it. */
#define SEEN(own, member, public, other)                                       \
	_Static_assert(offsetof(struct own, member) ==                         \
			       offsetof(struct gust_state_##public, other),    \
		       "gust/state.h says otherwise")
SEEN(item, content.as.counter, item, counter);
SEEN(item, content.kind, item, kind);
SEEN(item, key, item, key);
SEEN(items_slot, hash, slot, hash);
SEEN(items_slot, item, slot, item);
SEEN(gust_state, items.slots, view, slots);
SEEN(gust_state, items.mask, view, mask);
SEEN(gust_state, items.care, view, care);
SEEN(gust_state, items.ready, view, ready);
_Static_assert(sizeof(struct items_slot) == sizeof(struct gust_state_slot) &&
		       sizeof(struct item) + sizeof(struct gust_value) ==
			       sizeof(struct gust_state_item) &&
		       sizeof(struct gust_state_item) == 48,
	       "gust/state.h says otherwise");
#undef SEEN

int gust_state_get(struct gust_state *state, const struct gust_key *key,
		   struct gust_text *value)
{
	struct item *item;
	int r = space_read(state, key, &item);

	if (r <= 0)
		return r;
	if (item->content.kind != CONTENT_BYTES)
		return -EINVAL;
	*value = content_text(&item->content);
	return 1;
}

int gust_state_put(struct gust_state *state, const struct gust_key *key,
		   const void *data, size_t length)
{
	struct content before;
	struct item *item;
	int r = space_write(state, key, CONTENT_BYTES, length, &item);

	if (r < 0)
		return r;
	before = item->content;
	return space_settle(state, item, before,
			    content_put(&item->content, data, length));
}

int gust_state_remove(struct gust_state *state, const struct gust_key *key)
{
	struct item *item;
	int r = space_read(state, key, &item);

	if (state->passing && item == NULL)
		return space_bury(state, key);
	return r <= 0 ? r : space_remove(state, item);
}

/* A counter that is new, or whose change takes more than an addition. */
static int state_add_slowly(struct gust_state *state,
			    const struct gust_key *key, int64_t amount,
			    int64_t *total)
{
	struct item *item;
	int64_t sum = 0;
	int r = space_read(state, key, &item);

	if (r < 0)
		return r;
	if (r == 1 && item->content.kind != CONTENT_COUNTER)
		return -EINVAL;
	if (__builtin_add_overflow(r == 1 ? item->content.as.counter : 0,
				   amount, &sum))
		return -ERANGE;
	if (amount != 0) {
		r = space_write(state, key, CONTENT_COUNTER, 0, &item);
		if (r < 0)
			return r;
		item->content.kind = CONTENT_COUNTER;
		item->content.as.counter = sum;
	}
	if (total != NULL)
		*total = sum;
	return 0;
}

int gust_state_add(struct gust_state *state, const struct gust_key *key,
		   int64_t amount, int64_t *total)
{
	struct item *item = items_find(&state->items, key->values, key->count,
				       space_hash(key));
	int64_t sum;

	if (item == NULL || item->content.kind != CONTENT_COUNTER ||
	    (item->content.flags & state->quick) != state->quick)
		return state_add_slowly(state, key, amount, total);
	if (__builtin_add_overflow(item->content.as.counter, amount, &sum))
		return -ERANGE;
	item->content.as.counter = sum;
	if (total != NULL)
		*total = sum;
	return 0;
}

int gust_state_count_key(struct gust_state *state, const struct gust_tuple *in,
			 struct gust_field field, int64_t amount,
			 int64_t *total)
{
	const struct gust_value value = gust_value(in, field);
	const struct gust_key key = { &value, 1, in->hash };

	return gust_state_add(state, &key, amount, total);
}

int gust_state_append(struct gust_state *state, const struct gust_key *key,
		      const void *data, size_t length, size_t most)
{
	struct content before;
	struct item *item;
	int r = space_write(state, key, CONTENT_LIST, length, &item);

	if (r < 0)
		return r;
	before = item->content;
	return space_settle(state, item, before,
			    content_append(&item->content, data, length, most));
}

/* 1: the key is there, and holds a map. */
static int state_map(struct gust_state *state, const struct gust_key *key,
		     struct item **item)
{
	int r = space_read(state, key, item);

	if (r == 1 && (*item)->content.kind != CONTENT_MAP)
		return -EINVAL;
	return r;
}

int gust_state_map_get(struct gust_state *state, const struct gust_key *key,
		       struct gust_text name, struct gust_text *value)
{
	struct item *item;
	int r = state_map(state, key, &item);

	return r <= 0 ? r : content_map_get(&item->content, name, value);
}

int gust_state_map_put(struct gust_state *state, const struct gust_key *key,
		       struct gust_text name, const void *data, size_t length)
{
	struct content before;
	struct item *item;
	int r = space_write(state, key, CONTENT_MAP, name.length + length,
			    &item);

	if (r < 0)
		return r;
	before = item->content;
	return space_settle(
		state, item, before,
		content_map_put(&item->content, name, data, length));
}

int gust_state_map_remove(struct gust_state *state, const struct gust_key *key,
			  struct gust_text name)
{
	struct content before;
	struct gust_text value;
	struct item *item;
	int r = state_map(state, key, &item);

	if (r <= 0 || content_map_get(&item->content, name, &value) == 0)
		return r < 0 ? r : 0;
	r = space_write(state, key, CONTENT_MAP, 0, &item);
	if (r < 0)
		return r;
	before = item->content;
	content_map_remove(&item->content, name);
	return space_settle(state, item, before, 0);
}

int gust_state_entries(struct gust_state *state, const struct gust_key *key,
		       struct gust_entries *entries)
{
	struct item *item;
	int r = space_read(state, key, &item);

	if (r <= 0) {
		memset(entries, 0, sizeof(*entries));
		return r;
	}
	if (item->content.kind != CONTENT_LIST &&
	    item->content.kind != CONTENT_MAP)
		return -EINVAL;
	content_entries(&item->content, entries);
	return 1;
}
