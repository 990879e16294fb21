/* SPDX-License-Identifier: MIT */

/*
 * Going through the keys of a state in their order: those of the table, sorted
 * when the cursor is opened, merged with those of the store where the table has
 * not all of them. Or in that of the table, where it has all of them.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state/space.h"

/* A key of the table, as it was when the cursor was opened. */
struct cursor_key {
	size_t at; /* in `keys` */
	size_t length;
	struct item *item;
};

struct gust_cursor {
	struct gust_state *state;
	struct cursor_key *sorted;
	size_t count, next;
	char *keys; /* as the store has them */
	bool store; /* it may have more keys */

	/* In the order of the table: at a slot, whose item was told, and so
	 * many slots are still to come. */
	bool walks;
	size_t at, left;
	const struct item *told;

	/* Not less than this is what comes next from the store. */
	char *from;
	size_t from_length, from_room;

	/* A key and a value of the store. */
	struct gust_value *values;
	size_t values_room;
	struct content content;
};

static struct gust_text cursor_key(const struct gust_cursor *cursor, size_t at)
{
	return (struct gust_text){ cursor->keys + cursor->sorted[at].at,
				   cursor->sorted[at].length };
}

static int cursor_compare(const void *a, const void *b, void *context)
{
	const char *keys = context;
	const struct cursor_key *one = a, *other = b;

	return keycode_compare(
		(struct gust_text){ keys + one->at, one->length },
		(struct gust_text){ keys + other->at, other->length });
}

static size_t cursor_size(const struct gust_state *state)
{
	size_t size = 1, at = 0;
	const struct item *item;

	while ((item = items_next(&state->items, &at)) != NULL)
		size += state->name_size +
			keycode_size(item->key, item->content.key_count);
	return size;
}

/* Sorts what is in the table. */
static int cursor_gather(struct gust_cursor *cursor)
{
	struct gust_state *state = cursor->state;
	const struct items *items = &state->items;
	size_t at = 0;
	struct item *item;
	char *to;

	cursor->sorted = calloc(items->count + 1, sizeof(*cursor->sorted));
	cursor->keys = malloc(cursor_size(state));
	if (cursor->sorted == NULL || cursor->keys == NULL)
		return -ENOMEM;
	to = cursor->keys;
	while ((item = items_next(items, &at)) != NULL) {
		struct cursor_key *key = &cursor->sorted[cursor->count++];
		char *begin = to;

		memcpy(to, state->name, state->name_size);
		to = keycode_encode(to + state->name_size, item->key,
				    item->content.key_count);
		key->at = (size_t)(begin - cursor->keys);
		key->length = (size_t)(to - begin);
		key->item = item;
	}
	qsort_r(cursor->sorted, cursor->count, sizeof(*cursor->sorted),
		cursor_compare, cursor->keys);
	return 0;
}

/* Goes on in the store at that key, or behind it. */
static int cursor_set_from(struct gust_cursor *cursor, struct gust_text key,
			   bool behind)
{
	const size_t length = key.length + (behind ? 1 : 0);
	char *grown;

	if (length > cursor->from_room) {
		grown = realloc(cursor->from, 2 * length);
		if (grown == NULL)
			return -ENOMEM;
		cursor->from = grown;
		cursor->from_room = 2 * length;
	}
	memmove(cursor->from, key.data, key.length);
	if (behind)
		cursor->from[key.length] = '\0';
	cursor->from_length = length;
	return 0;
}

static struct gust_cursor *cursor_create(struct gust_state *state)
{
	struct gust_cursor *cursor = calloc(1, sizeof(*cursor));

	if (cursor == NULL)
		return NULL;
	cursor->state = state;
	cursor->store = !state->keyspace->complete;
	state->keyspace->pins++;
	return cursor;
}

int gust_state_cursor(struct gust_state *state, struct gust_cursor **cursor)
{
	const struct gust_text name = { state->name, state->name_size };
	struct gust_cursor *new = cursor_create(state);
	int r;

	if (new == NULL)
		return -ENOMEM;
	r = cursor_gather(new);
	if (r == 0)
		r = cursor_set_from(new, name, false);
	if (r < 0) {
		gust_cursor_close(new);
		return r;
	}
	*cursor = new;
	return 0;
}

/* It begins behind a free slot: what a removal moves is told neither twice nor
 * not at all, since it never crosses one. */
int gust_state_walk(struct gust_state *state, struct gust_cursor **cursor)
{
	struct gust_cursor *new;

	if (!state->keyspace->complete)
		return gust_state_cursor(state, cursor);
	new = cursor_create(state);
	if (new == NULL)
		return -ENOMEM;
	new->walks = true;
	new->left = state->items.mask + 1;
	while (state->items.slots[new->at].item != NULL)
		new->at++;
	*cursor = new;
	return 0;
}

/* Whether the cursor may tell an item. */
static bool cursor_lives(const struct gust_state *state,
			 const struct item *item)
{
	return item->content.kind != CONTENT_NONE &&
	       (item->expires == CONTENT_FOR_EVER ||
		item->expires > space_now(state));
}

/* Reads what the store has; 1, or 0 if it has ended, or it is damaged. */
static int cursor_read(struct gust_cursor *cursor, struct gust_text code,
		       struct gust_text record, struct gust_key *key,
		       struct gust_text *value)
{
	const struct gust_state *state = cursor->state;
	const struct keyspace_options *options = &state->keyspace->options;
	size_t count, room, size;
	struct gust_value *grown;
	int64_t expires;
	int r;

	code.data += state->name_size;
	code.length -= state->name_size;
	r = keycode_check(code.data, code.length, &count, &room);
	if (r < 0)
		return r;
	size = count * sizeof(struct gust_value) + room + 1;
	if (size > cursor->values_room) {
		grown = realloc(cursor->values, 2 * size);
		if (grown == NULL)
			return -ENOMEM;
		cursor->values = grown;
		cursor->values_room = 2 * size;
	}
	keycode_decode(code.data, code.length, cursor->values,
		       (char *)(cursor->values + count));
	content_clear(&cursor->content);
	r = content_read(&cursor->content, record, &expires);
	if (r < 0)
		return r;
	*key = (struct gust_key){ cursor->values, count,
				  keycode_hash(cursor->values, count) };
	*value = content_text(&cursor->content);
	return expires == CONTENT_FOR_EVER ||
	       expires - options->since_epoch > space_now(state);
}

/* The next record of this state in the store; 0: there is none. */
static int cursor_seek(struct gust_cursor *cursor, struct gust_text *code,
		       struct gust_text *record, struct gust_error *error)
{
	const struct gust_state *state = cursor->state;
	struct store *store = state->keyspace->options.store;
	const struct gust_text from = { cursor->from, cursor->from_length };
	int r;

	if (!cursor->store)
		return 0;
	r = store->backend->seek(store, from, code, record, error);
	if (r < 0)
		return r;
	if (r == 1 && code->length >= state->name_size &&
	    memcmp(code->data, state->name, state->name_size) == 0)
		return 1;
	cursor->store = false;
	return 0;
}

/* As cursor_step(). */
static int cursor_walk(struct gust_cursor *cursor, struct gust_key *key,
		       struct gust_text *value)
{
	const struct items *items = &cursor->state->items;
	const struct item *item = items->slots[cursor->at].item;

	/* Another one stands there if what was told has been removed. */
	if (item == cursor->told) {
		if (cursor->left == 0)
			return 2;
		cursor->left--;
		cursor->at = (cursor->at + 1) & items->mask;
		item = items->slots[cursor->at].item;
	}
	cursor->told = item;
	if (item == NULL || !cursor_lives(cursor->state, item))
		return 0;
	*key = (struct gust_key){ item->key, item->content.key_count,
				  items->slots[cursor->at].hash };
	*value = content_text(&item->content);
	return 1;
}

/* 1: told; 0: passed over, there may be more; 2: there is no more. */
static int cursor_step(struct gust_cursor *cursor, struct gust_key *key,
		       struct gust_text *value, struct gust_error *error)
{
	struct gust_text code, record;
	const struct item *item;
	int order = -1, r;

	if (cursor->walks)
		return cursor_walk(cursor, key, value);
	r = cursor_seek(cursor, &code, &record, error);
	if (r < 0)
		return r;
	if (r == 0 && cursor->next == cursor->count)
		return 2;
	if (r == 1)
		order = cursor->next == cursor->count
				? 1
				: keycode_compare(
					  cursor_key(cursor, cursor->next),
					  code);
	if (order > 0) {
		r = cursor_read(cursor, code, record, key, value);
		if (r < 0)
			return r;
		return cursor_set_from(cursor, code, true) < 0 ? -ENOMEM : r;
	}
	/* The table is newer than the store, to which its key may just be on
	 * its way: it would be told again. */
	if (cursor->store &&
	    cursor_set_from(cursor, cursor_key(cursor, cursor->next), true) < 0)
		return -ENOMEM;
	item = cursor->sorted[cursor->next++].item;
	if (!cursor_lives(cursor->state, item))
		return 0;
	*key = (struct gust_key){ item->key, item->content.key_count,
				  items_hash(&cursor->state->items, item) };
	*value = content_text(&item->content);
	return 1;
}

int gust_cursor_next(struct gust_cursor *cursor, struct gust_key *key,
		     struct gust_text *value)
{
	struct gust_error error = { 0 };
	int r;

	do
		r = cursor_step(cursor, key, value, &error);
	while (r == 0);
	if (r >= 0)
		return r == 1;
	if (r == -EBADMSG)
		gust_error_set(&error, r,
			       "the record of a key of '%s' is damaged",
			       cursor->state->name);
	return space_trouble(cursor->state->keyspace, r, &error);
}

/* Frees what could not be freed while there were cursors. */
static void cursor_unpin(struct gust_state *state)
{
	struct keyspace *keyspace = state->keyspace;
	struct item *item;
	size_t at, count;

	if (--keyspace->pins > 0)
		return;
	for (state = keyspace->states; state != NULL; state = state->next) {
		at = 0;
		while ((item = items_next(&state->items, &at)) != NULL) {
			count = state->items.count;
			space_release(state, item);
			if (state->items.count < count)
				at--;
		}
	}
}

void gust_cursor_close(struct gust_cursor *cursor)
{
	if (cursor == NULL)
		return;
	cursor_unpin(cursor->state);
	content_clear(&cursor->content);
	free(cursor->values);
	free(cursor->from);
	free(cursor->keys);
	free(cursor->sorted);
	free(cursor);
}

int gust_state_each(struct gust_state *state,
		    int (*each)(void *context, const struct gust_key *key,
				struct gust_text value),
		    void *context)
{
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;
	int r = gust_state_cursor(state, &cursor);

	if (r < 0)
		return r;
	while ((r = gust_cursor_next(cursor, &key, &value)) == 1) {
		r = each(context, &key, value);
		if (r != 0)
			break;
	}
	gust_cursor_close(cursor);
	return r;
}
