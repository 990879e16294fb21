/* SPDX-License-Identifier: MIT */
#include "state/space.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

/*
 * So many items are looked at for what has ended, at each write, and not more
 * slots: a table in which as many end as are new does not grow.
 */
#define SPACE_SWEEP 2u
#define SPACE_SWEEP_SLOTS 64u

#define SPACE_FEW 64u

int64_t space_now(const struct gust_state *state)
{
	const struct keyspace_options *options = &state->keyspace->options;

	return options->now == NULL ? 0
				    : (int64_t)options->now(options->context);
}

/* Only records of states with a time to live say when they end. */
static bool space_ended(const struct gust_state *state, const struct item *item)
{
	return item->expires != CONTENT_FOR_EVER &&
	       item->expires <= space_now(state);
}

struct gust_text space_encode(struct gust_state *state,
			      const struct gust_value *values, size_t count)
{
	struct keyspace *keyspace = state->keyspace;
	const size_t size = state->name_size + keycode_size(values, count);
	struct gust_text key = { NULL, size };
	char *grown;

	if (size > keyspace->key_room) {
		grown = realloc(keyspace->key, 2 * size);
		if (grown == NULL)
			return key;
		keyspace->key = grown;
		keyspace->key_room = 2 * size;
	}
	memcpy(keyspace->key, state->name, state->name_size);
	keycode_encode(keyspace->key + state->name_size, values, count);
	key.data = keyspace->key;
	return key;
}

int space_trouble(struct keyspace *keyspace, int r, struct gust_error *error)
{
	/* What is damaged is no bad message of the tuple's. */
	if (r == -EBADMSG)
		r = -EIO;
	keyspace->trouble = *error;
	keyspace->trouble.code = r;
	return r;
}

static bool space_push(struct space_list *list, struct item *item)
{
	struct item **grown;

	if (list->count == list->room) {
		grown = reallocarray(list->items, 2 * list->room + SPACE_FEW,
				     sizeof(*grown));
		if (grown == NULL)
			return false;
		list->items = grown;
		list->room = 2 * list->room + SPACE_FEW;
	}
	list->items[list->count++] = item;
	return true;
}

/* Remembers what an item is, before the callback changes it. */
static int space_remember(struct gust_state *state, struct item *item)
{
	struct keyspace *keyspace = state->keyspace;
	struct undo *undo;
	int r;

	if (keyspace->undo_count == keyspace->undo_room) {
		const size_t room = 2 * keyspace->undo_room + SPACE_FEW;

		undo = reallocarray(keyspace->undos, room, sizeof(*undo));
		if (undo == NULL)
			return -ENOMEM;
		keyspace->undos = undo;
		keyspace->undo_room = room;
	}
	undo = &keyspace->undos[keyspace->undo_count];
	undo->state = state;
	undo->item = item;
	undo->content = (struct content){ .kind = CONTENT_NONE };
	undo->expires = item->expires;
	r = content_copy(&undo->content, &item->content);
	if (r < 0)
		return r;
	keyspace->undo_count++;
	item->content.flags |= SPACE_TOUCHED;
	return 0;
}

int space_touch(struct gust_state *state, struct item *item)
{
	struct keyspace *keyspace = state->keyspace;
	int r;

	if (keyspace->options.undo &&
	    (item->content.flags & SPACE_TOUCHED) == 0) {
		r = space_remember(state, item);
		if (r < 0)
			return r;
	}
	if (keyspace->options.store != NULL &&
	    (item->content.flags & SPACE_DIRTY) == 0) {
		if (!space_push(&state->dirty, item))
			return -ENOMEM;
		item->content.flags |= SPACE_DIRTY;
		keyspace->dirty++;
	}
	return 0;
}

void space_release(struct gust_state *state, struct item *item)
{
	struct keyspace *keyspace = state->keyspace;

	if ((item->content.flags & SPACE_NEEDED) != 0 || keyspace->pins > 0)
		return;
	if (state->passing) {
		keyspace->bytes -= item->content.room;
		content_clear(&item->content);
	}
	if (item->content.kind != CONTENT_NONE)
		return;
	keyspace->bytes -= items_cost(item->key, item->content.key_count);
	items_remove(&state->items, item);
}

/* What an item holds is no more; it may be freed, too. */
static int space_empty(struct gust_state *state, struct item *item)
{
	int r = space_touch(state, item);

	if (r < 0)
		return r;
	state->keyspace->bytes -= item->content.room;
	content_clear(&item->content);
	item->expires = CONTENT_FOR_EVER;
	return 0;
}

int space_remove(struct gust_state *state, struct item *item)
{
	int r = space_empty(state, item);

	if (r < 0)
		return r;
	/* Nobody has a use for its key where there is no store. A cursor is
	 * past it. */
	if ((item->content.flags & SPACE_NEEDED) == 0) {
		state->keyspace->bytes -=
			items_cost(item->key, item->content.key_count);
		items_remove(&state->items, item);
	}
	return 0;
}

/* Removes what has ended among the next items. */
static void space_sweep(struct gust_state *state)
{
	const int64_t now = space_now(state);
	struct item *item;
	size_t seen = 0;

	if (state->keyspace->pins > 0)
		return;
	for (size_t i = 0; i < SPACE_SWEEP_SLOTS && seen < SPACE_SWEEP; i++) {
		if (state->sweep > state->items.mask)
			state->sweep = 0;
		item = state->items.slots[state->sweep].item;
		seen += item != NULL;
		if (item == NULL || item->content.kind == CONTENT_NONE ||
		    (item->content.flags & SPACE_NEEDED) != 0 ||
		    item->expires > now)
			state->sweep++;
		else if (space_remove(state, item) < 0)
			return;
	}
}

static struct item *space_add(struct gust_state *state,
			      const struct gust_key *key)
{
	struct item *item;

	keyspace_evict(state->keyspace);
	item = items_add(&state->items, key->values, key->count,
			 space_hash(key));
	if (item != NULL)
		state->keyspace->bytes += items_cost(key->values, key->count);
	return item;
}

int space_take(struct gust_state *state, const struct gust_key *key,
	       struct gust_text record, struct item **item)
{
	struct content content = { .kind = CONTENT_NONE };
	int64_t expires;
	int r = content_read(&content, record, &expires);

	*item = NULL;
	if (r < 0)
		return r;
	if (expires != CONTENT_FOR_EVER)
		expires -= state->keyspace->options.since_epoch;
	if (expires != CONTENT_FOR_EVER && expires <= space_now(state)) {
		content_clear(&content);
		return 0;
	}
	*item = space_add(state, key);
	if (*item == NULL) {
		content_clear(&content);
		return -ENOMEM;
	}
	content_take(&(*item)->content, &content);
	(*item)->expires = expires;
	state->keyspace->bytes += content.room;
	return 0;
}

int space_bury(struct gust_state *state, const struct gust_key *key)
{
	struct item *item = space_add(state, key);
	int r = item == NULL ? -ENOMEM : space_touch(state, item);

	if (r < 0 && item != NULL)
		space_release(state, item);
	return r;
}

/* Asks the store for a key that is not in the table. */
static int space_load(struct gust_state *state, const struct gust_key *key,
		      struct item **item)
{
	struct keyspace *keyspace = state->keyspace;
	struct gust_error error = { 0 };
	struct gust_text code, record;
	int r;

	*item = NULL;
	code = space_encode(state, key->values, key->count);
	if (code.data == NULL)
		return -ENOMEM;
	r = store_read(keyspace->options.store, code, &record, &error);
	if (r == 1) {
		r = space_take(state, key, record, item);
		if (r == -EBADMSG)
			gust_error_set(&error, r,
				       "the record of a key of '%s' is damaged",
				       state->name);
	}
	return r < 0 ? space_trouble(keyspace, r, &error) : *item != NULL;
}

int space_read(struct gust_state *state, const struct gust_key *key,
	       struct item **item)
{
	*item = items_find(&state->items, key->values, key->count,
			   space_hash(key));
	if (*item != NULL)
		return (*item)->content.kind != CONTENT_NONE &&
		       !space_ended(state, *item);
	return state->keyspace->complete || state->passing
		       ? 0
		       : space_load(state, key, item);
}

/* Whether there may be so many bytes more. */
static int space_afford(struct keyspace *keyspace, size_t more)
{
	const size_t budget = keyspace->options.budget;
	struct gust_error error = { 0 };
	char text[SIZE_TEXT_SIZE];

	if (budget == 0 || keyspace->bytes + more <= budget)
		return 0;
	/* What the store has as well is forgotten instead. */
	if (keyspace->options.store != NULL &&
	    !keyspace->options.store->backend->remote)
		return 0;
	gust_error_set(&error, -ENOSPC,
		       "the state is full: topology.state.memory.max."
		       "bytes is %s",
		       size_format(text, budget));
	return space_trouble(keyspace, -ENOSPC, &error);
}

/* The item of a key, which is added if it is not there. */
static int space_find(struct gust_state *state, const struct gust_key *key,
		      size_t more, struct item **item)
{
	int r = space_read(state, key, item);
	const size_t cost =
		*item != NULL ? 0 : items_cost(key->values, key->count);

	if (r >= 0)
		r = space_afford(state->keyspace, cost + more);
	if (r < 0 || *item != NULL)
		return r;
	if (key->count > UINT16_MAX ||
	    (state->keyspace->options.store != NULL &&
	     keycode_size(key->values, key->count) > STORE_KEY_MAX))
		return -EMSGSIZE;
	*item = space_add(state, key);
	return *item == NULL ? -ENOMEM : 0;
}

int space_write(struct gust_state *state, const struct gust_key *key,
		enum content_kind kind, size_t more, struct item **item)
{
	int r;

	if (state->ttl_ns > 0)
		space_sweep(state);
	r = space_find(state, key, more, item);
	if (r < 0)
		return r;
	if (space_ended(state, *item))
		r = space_empty(state, *item);
	else if ((*item)->content.kind != CONTENT_NONE &&
		 (*item)->content.kind != kind)
		return -EINVAL;
	if (r == 0)
		r = space_touch(state, *item);
	if (r < 0) {
		space_release(state, *item);
		return r;
	}
	if (state->ttl_ns > 0)
		(*item)->expires = space_now(state) + (int64_t)state->ttl_ns;
	return 0;
}

int space_settle(struct gust_state *state, struct item *item,
		 struct content before, int r)
{
	state->keyspace->bytes += item->content.room;
	state->keyspace->bytes -= before.room;
	space_release(state, item);
	return r;
}
