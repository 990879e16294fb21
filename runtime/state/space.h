/* SPDX-License-Identifier: MIT */
#ifndef STATE_SPACE_H
#define STATE_SPACE_H

/*
 * A keyspace and its states, as the files of this room share them.
 *
 * Design notes.
 *
 * An item whose content is CONTENT_NONE says that its key is not there: where
 * there is a store, what is removed stays as such an item until the store has
 * removed it, too. Items are freed by space_release() alone, which spares those
 * that are dirty, frozen, touched, or that a cursor may point at.
 *
 * A table is *complete* if all that the store has is in it: then a key that is
 * not found is not there, and no read goes to the store.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/state.h>

#include "state/items.h"
#include "state/keycode.h"
#include "state/keyspace.h"

/* Flags of an item's content. */
#define SPACE_DIRTY 2u
#define SPACE_FROZEN 4u
#define SPACE_TOUCHED 8u /* what it was stands among the undos */
#define SPACE_NEVER 16u  /* no item has it */
#define SPACE_NEEDED (SPACE_DIRTY | SPACE_FROZEN | SPACE_TOUCHED)

struct space_list {
	struct item **items;
	size_t count, room;
};

/* A state; its name stands before its keys in the store, with a NUL. It begins
 * as plugins see it: struct gust_state_view. */
struct gust_state {
	struct items items;
	uint32_t quick; /* an item with these flags may be changed at once */
	struct keyspace *keyspace;
	struct gust_state *next;
	uint64_t ttl_ns;
	struct space_list dirty, frozen;
	size_t hand, sweep; /* places in the table: of eviction, of the dead */
	size_t name_size;   /* with the NUL */
	bool passing;       /* see keyspace_pass() */
	char name[];
};

/* What an item was when the callback began. */
struct undo {
	struct gust_state *state;
	struct item *item;
	struct content content;
	int64_t expires;
};

struct keyspace {
	struct keyspace_options options;
	struct gust_state *states;
	size_t bytes;
	size_t dirty, frozen; /* items */
	bool complete;
	size_t pins;   /* cursors that are open */
	size_t futile; /* no use in forgetting below so many bytes */
	struct undo *undos;
	size_t undo_count, undo_room;
	char *key; /* the last one that was encoded */
	size_t key_room;
	struct gust_error trouble;
};

/* The task's clock, or 0 where no state needs it. */
int64_t space_now(const struct gust_state *state);

static inline uint64_t space_hash(const struct gust_key *key)
{
	return key->hash != 0 ? key->hash
			      : keycode_hash(key->values, key->count);
}

/* The key as a store has it, until the next call; NULL `data`: -ENOMEM. */
struct gust_text space_encode(struct gust_state *state,
			      const struct gust_value *values, size_t count);

/* 1: the key is there, in `*item`; 0; or as in gust/state.h. */
int space_read(struct gust_state *state, const struct gust_key *key,
	       struct item **item);

/*
 * The item of a key that will be written to, with so many bytes `more`; what it
 * holds is of `kind` or nothing. Follow it by space_settle(), which takes what
 * the writing said and returns that.
 */
int space_write(struct gust_state *state, const struct gust_key *key,
		enum content_kind kind, size_t more, struct item **item);
int space_settle(struct gust_state *state, struct item *item,
		 struct content before, int r);

/* Removes an item's content, which is there. 0 or -ENOMEM. */
int space_remove(struct gust_state *state, struct item *item);

/* Takes in what the store says of a key; -EBADMSG, -ENOMEM. `*item` is NULL if
 * its life has ended. */
int space_take(struct gust_state *state, const struct gust_key *key,
	       struct gust_text record, struct item **item);

/* Readies an item for a change: it will be stored. 0 or -ENOMEM. */
int space_touch(struct gust_state *state, struct item *item);

/* Has a key, which is not in the table, removed from the store. */
int space_bury(struct gust_state *state, const struct gust_key *key);

/* Frees an item if it says nothing and nobody needs it. */
void space_release(struct gust_state *state, struct item *item);

/* Notes what a store said, and returns the code for a plugin. */
int space_trouble(struct keyspace *keyspace, int r, struct gust_error *error);

/* Forgets clean items while there are more bytes than the budget. */
void keyspace_evict(struct keyspace *keyspace);

/* The state with that name, which is made if need be. NULL: -ENOMEM. */
struct gust_state *keyspace_named(struct keyspace *keyspace, const char *name,
				  size_t length);

#endif
