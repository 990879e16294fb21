/* SPDX-License-Identifier: MIT */
#include "state/keyspace.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state/space.h"

/* The longest name of a state. */
#define KEYSPACE_NAME_MAX 64u

static bool keyspace_remote(const struct keyspace *keyspace)
{
	return keyspace->options.store != NULL &&
	       keyspace->options.store->backend->remote;
}

/* The kind of an item as plugins see it. */
static uint32_t keyspace_kind(const struct item *item)
{
	uint32_t kind;

	memcpy(&kind, &item->content.kind, sizeof(kind));
	return kind;
}

/* Tells plugins which counters they may change without a call. */
static void keyspace_show(struct gust_state *state)
{
	struct item like = { .content = {
				     .kind = CONTENT_COUNTER,
				     .flags = (uint8_t)(state->quick |
							ITEMS_PLAIN),
			     } };

	state->items.ready = keyspace_kind(&like);
	like.content.kind = UINT8_MAX;
	state->items.care = keyspace_kind(&like);
}

struct gust_state *keyspace_named(struct keyspace *keyspace, const char *name,
				  size_t length)
{
	struct gust_state *state = keyspace->states, **last = &keyspace->states;

	for (; state != NULL; last = &state->next, state = state->next)
		if (state->name_size == length + 1 &&
		    memcmp(state->name, name, length) == 0)
			return state;
	state = calloc(1, sizeof(*state) + length + 1);
	if (state == NULL)
		return NULL;
	items_init(&state->items);
	memcpy(state->name, name, length);
	state->name_size = length + 1;
	state->keyspace = keyspace;
	if (keyspace->options.store != NULL)
		state->quick |= SPACE_DIRTY;
	if (keyspace->options.undo)
		state->quick |= SPACE_TOUCHED;
	keyspace_show(state);
	*last = state;
	return state;
}

int keyspace_state(struct keyspace *keyspace, const char *name, uint64_t ttl_ns,
		   struct gust_state **state, struct gust_error *error)
{
	const size_t length = strlen(name);

	if (length == 0 || length > KEYSPACE_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789-_.") != length)
		return gust_error_set(error, -EINVAL,
				      "'%s' is no name of a state, expected "
				      "letters, digits, '-' and '_', at most "
				      "%u",
				      name, KEYSPACE_NAME_MAX);
	if (ttl_ns > INT64_MAX / 4)
		ttl_ns = 0;
	assert(ttl_ns == 0 || keyspace->options.now != NULL);
	*state = keyspace_named(keyspace, name, length);
	if (*state == NULL)
		return -ENOMEM;
	(*state)->ttl_ns = ttl_ns;
	if (ttl_ns > 0)
		(*state)->quick |= SPACE_NEVER;
	keyspace_show(*state);
	return 0;
}

void keyspace_pass(struct gust_state *state)
{
	struct item *item;
	size_t at = 0, before;

	assert(state->keyspace->options.store != NULL);
	state->passing = true;
	for (;;) {
		item = items_next(&state->items, &at);
		if (item == NULL)
			return;
		before = state->items.count;
		space_release(state, item);
		/* Another one may stand there now. */
		at -= state->items.count < before;
	}
}

/* A record may be told twice; what has ended is to be removed. */
static int keyspace_load_key(struct gust_state *state,
			     const struct gust_value *values, size_t count,
			     struct gust_text record)
{
	const struct gust_key key = { values, count,
				      keycode_hash(values, count) };
	struct item *item = items_find(&state->items, values, count, key.hash);
	int r = 0;

	if (item == NULL) {
		r = space_take(state, &key, record, &item);
		if (r == 0 && item == NULL)
			r = space_bury(state, &key);
	}
	return r;
}

typedef int keyspace_take(struct gust_state *state,
			  const struct gust_value *values, size_t count,
			  struct gust_text record);

/* Reads the key of a record, and gives both to `take`. */
static int keyspace_decode(struct keyspace *keyspace, struct gust_text key,
			   struct gust_text record, keyspace_take *take)
{
	const char *zero = memchr(key.data, '\0', key.length);
	struct gust_value *values;
	struct gust_state *state;
	size_t count, room, head;
	int r;

	if (zero == NULL)
		return -EBADMSG;
	head = (size_t)(zero - key.data) + 1;
	r = keycode_check(key.data + head, key.length - head, &count, &room);
	if (r < 0)
		return r;
	state = keyspace_named(keyspace, key.data, head - 1);
	values = malloc(count * sizeof(*values) + room + 1);
	r = -ENOMEM;
	if (state != NULL && values != NULL) {
		keycode_decode(key.data + head, key.length - head, values,
			       (char *)(values + count));
		r = take(state, values, count, record);
	}
	free(values);
	return r;
}

/* Takes in one record of a store that is read as a whole. */
static int keyspace_load_one(void *context, struct gust_text key,
			     struct gust_text record)
{
	return keyspace_decode(context, key, record, keyspace_load_key);
}

/* Puts a record in the place of what a key has, if it is the greater one. */
static int keyspace_outdo(struct item *item, struct gust_text record)
{
	const size_t size = content_record_size(&item->content, item->expires);
	struct content content = { .kind = CONTENT_NONE };
	char *own = malloc(size + 1);
	int64_t expires;
	int r;

	if (own == NULL)
		return -ENOMEM;
	content_record(&item->content, item->expires, own);
	r = keycode_compare(record, (struct gust_text){ own, size }) <= 0;
	free(own);
	if (r == 1)
		return 0;
	r = content_read(&content, record, &expires);
	if (r < 0)
		return r;
	content_clear(&item->content);
	content_take(&item->content, &content);
	item->expires = expires;
	return 0;
}

static int keyspace_adopt_key(struct gust_state *state,
			      const struct gust_value *values, size_t count,
			      struct gust_text record)
{
	const struct gust_key key = { values, count,
				      keycode_hash(values, count) };
	struct content content = { .kind = CONTENT_NONE }, before;
	struct item *item;
	int64_t expires, amount;
	int r = space_read(state, &key, &item);

	if (r < 0)
		return r;
	if (r == 0 && item == NULL) {
		r = space_take(state, &key, record, &item);
		return r < 0 || item == NULL ? r : space_touch(state, item);
	}
	r = content_read(&content, record, &expires);
	if (r < 0)
		return r;
	amount = content.as.counter;
	if (content.kind == CONTENT_COUNTER &&
	    item->content.kind == CONTENT_COUNTER)
		return gust_state_add(state, &key, amount, NULL);
	content_clear(&content);
	r = space_touch(state, item);
	if (r < 0)
		return r;
	before = item->content;
	r = space_settle(state, item, before, keyspace_outdo(item, record));
	return r < 0 ? r : 1;
}

int keyspace_adopt(struct keyspace *keyspace, struct gust_text key,
		   struct gust_text record)
{
	return keyspace_decode(keyspace, key, record, keyspace_adopt_key);
}

static int keyspace_load(struct keyspace *keyspace, struct gust_error *error)
{
	struct store *store = keyspace->options.store;
	int r = store->backend->each(store, keyspace_load_one, keyspace, error);

	if (r == -EBADMSG)
		gust_error_set(error, r, "a record of the store is damaged");
	return r;
}

int keyspace_open(struct keyspace **keyspace,
		  const struct keyspace_options *options,
		  struct gust_error *error)
{
	struct keyspace *new = calloc(1, sizeof(*new));
	int r = 0;

	assert(!options->undo || options->store != NULL);
	if (new == NULL)
		return -ENOMEM;
	new->options = *options;
	new->complete = options->store == NULL || options->store->fresh ||
			keyspace_remote(new);
	if (keyspace_remote(new) && !options->store->fresh)
		r = keyspace_load(new, error);
	if (r < 0) {
		keyspace_close(new);
		return r;
	}
	*keyspace = new;
	return 0;
}

/* Forgets what could be undone. */
static void keyspace_accept(struct keyspace *keyspace)
{
	for (size_t i = 0; i < keyspace->undo_count; i++) {
		struct undo *undo = &keyspace->undos[i];

		content_clear(&undo->content);
		undo->item->content.flags &= (uint8_t)~SPACE_TOUCHED;
		space_release(undo->state, undo->item);
	}
	keyspace->undo_count = 0;
}

void keyspace_close(struct keyspace *keyspace)
{
	struct gust_state *state;

	if (keyspace == NULL)
		return;
	keyspace_accept(keyspace);
	while ((state = keyspace->states) != NULL) {
		keyspace->states = state->next;
		items_fini(&state->items);
		free(state->dirty.items);
		free(state->frozen.items);
		free(state);
	}
	free(keyspace->undos);
	free(keyspace->key);
	free(keyspace);
}

void keyspace_begin(struct keyspace *keyspace)
{
	if (keyspace->undo_count > 0)
		keyspace_accept(keyspace);
}

void keyspace_undo(struct keyspace *keyspace)
{
	while (keyspace->undo_count > 0) {
		struct undo *undo = &keyspace->undos[--keyspace->undo_count];
		struct item *item = undo->item;

		keyspace->bytes += undo->content.room;
		keyspace->bytes -= item->content.room;
		content_clear(&item->content);
		content_take(&item->content, &undo->content);
		item->content.flags &= (uint8_t)~SPACE_TOUCHED;
		item->expires = undo->expires;
	}
}

size_t keyspace_dirty(const struct keyspace *keyspace)
{
	return keyspace->dirty;
}

size_t keyspace_bytes(const struct keyspace *keyspace)
{
	return keyspace->bytes;
}

const char *keyspace_trouble(const struct keyspace *keyspace)
{
	return keyspace->trouble.text;
}

int keyspace_trouble_code(const struct keyspace *keyspace)
{
	return keyspace->trouble.code;
}

static int keyspace_freeze_item(struct gust_state *state,
				const struct item *item, struct writes *writes)
{
	const struct gust_text key =
		space_encode(state, item->key, item->content.key_count);
	int64_t expires = item->expires;
	size_t size;
	char *to;

	if (key.data == NULL)
		return -ENOMEM;
	if (expires != CONTENT_FOR_EVER)
		expires += state->keyspace->options.since_epoch;
	size = content_record_size(&item->content, expires);
	to = writes_add(writes, key.length, size);
	if (to == NULL)
		return -ENOMEM;
	memcpy(to, key.data, key.length);
	content_record(&item->content, expires, to + key.length);
	return 0;
}

int keyspace_freeze(struct keyspace *keyspace, struct writes *writes)
{
	struct gust_state *state;
	struct space_list empty;
	size_t i;

	assert(keyspace->frozen == 0);
	writes_reset(writes);
	for (state = keyspace->states; state != NULL; state = state->next)
		for (i = 0; i < state->dirty.count; i++)
			if (keyspace_freeze_item(state, state->dirty.items[i],
						 writes) < 0)
				return -ENOMEM;
	for (state = keyspace->states; state != NULL; state = state->next) {
		for (i = 0; i < state->dirty.count; i++) {
			struct content *content =
				&state->dirty.items[i]->content;

			content->flags &= (uint8_t)~SPACE_DIRTY;
			content->flags |= SPACE_FROZEN;
		}
		empty = state->frozen;
		state->frozen = state->dirty;
		state->dirty = empty;
	}
	keyspace->frozen = keyspace->dirty;
	keyspace->dirty = 0;
	return 0;
}

void keyspace_committed(struct keyspace *keyspace)
{
	struct gust_state *state;

	for (state = keyspace->states; state != NULL; state = state->next) {
		for (size_t i = 0; i < state->frozen.count; i++) {
			struct item *item = state->frozen.items[i];

			item->content.flags &= (uint8_t)~SPACE_FROZEN;
			space_release(state, item);
		}
		state->frozen.count = 0;
	}
	keyspace->frozen = 0;
	keyspace->futile = 0;
}

/* Forgets clean items of a state, on from where its hand is; true: enough. */
static bool keyspace_evict_from(struct gust_state *state, size_t target)
{
	struct keyspace *keyspace = state->keyspace;
	struct item *item;

	while (keyspace->bytes > target) {
		item = items_next(&state->items, &state->hand);
		if (item == NULL)
			return false;
		if ((item->content.flags & SPACE_NEEDED) != 0)
			continue;
		if (item->content.kind != CONTENT_NONE)
			keyspace->complete = false;
		keyspace->bytes -=
			item->content.room +
			items_cost(item->key, item->content.key_count);
		items_remove(&state->items, item);
		state->hand--; /* another one may stand there now */
	}
	return true;
}

void keyspace_evict(struct keyspace *keyspace)
{
	const size_t budget = keyspace->options.budget;
	const size_t target = budget - budget / 8;

	if (budget == 0 || keyspace->bytes <= budget ||
	    keyspace->bytes < keyspace->futile || keyspace->pins > 0 ||
	    keyspace->options.store == NULL || keyspace_remote(keyspace))
		return;
	for (struct gust_state *state = keyspace->states; state != NULL;
	     state = state->next) {
		if (keyspace_evict_from(state, target))
			return;
		state->hand = 0;
		if (keyspace_evict_from(state, target))
			return;
	}
	/* All is dirty: looking again would take long and help little. */
	keyspace->futile = keyspace->bytes + budget / 8 + 1;
}
