/* SPDX-License-Identifier: MIT */
#ifndef GUST_STATE_H
#define GUST_STATE_H

/*
 * State that belongs to a task and is found by a key.
 *
 * It is in memory, or in a durable store if topology.state.provider says so and
 * the bolt's descriptor has the flag GUST_STATE. In a durable one, what a
 * callback has changed is stored as a whole or not at all, and its input is
 * acked only when it is stored: after the process has died no effect of an
 * acked tuple is missing, and none of half a callback is there. The bolt need
 * not know which one it is.
 *
 * A bolt with that flag must be able to go on with its state alone. What it
 * emits outside of execute(), or anchored to tuples that it holds, is stored
 * with what the callback has changed, and comes again until it has been
 * processed. A tuple that it keeps (gust_hold(), gust_retain()) comes again
 * unless it was acked: so what it changes belongs into the callback that acks
 * it.
 *
 * A key is some values, as a grouping has them; state is spread over tasks as
 * the tuples are, so a bolt that keeps state by a key has its input grouped by
 * it. Values are bytes, counters, lists or maps; one key holds one of these, a
 * list or a map as a whole, so they are meant for thousands of entries and not
 * for millions. Used from callbacks of the task only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <gust/error.h>
#include <gust/export.h>
#include <gust/task.h>
#include <gust/tuple.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gust_state; /* the runtime owns it */

/*
 * In open(): the state with that name, letters, digits, '-' and '_'; a task may
 * have several. `ttl_ns`: how long a key lives after it was last written, 0:
 * for ever; the time is that of gust_now(). The same name gives the same one.
 * -EINVAL, -ENOMEM, or why the store cannot be used; these set `error`.
 */
GUST_API int gust_state(struct gust_task *task, const char *name,
			uint64_t ttl_ns, struct gust_state **state,
			struct gust_error *error);

/* A key; `hash` may be that of a tuple that is grouped by these values (see
 * gust_hashed_by()), which saves its computing, else 0. */
struct gust_key {
	const struct gust_value *values;
	size_t count;
	uint64_t hash;
};

/*
 * All return 0, or where it says so 1, or a negative errno: -ENOMEM and
 * -ENOSPC (over its budget), -EAGAIN (the store is away: to be returned by the
 * callback), -EINVAL (the key holds something else), -EMSGSIZE (a key of more
 * than 64 KiB in a store, a value of more than 1 GiB), -EIO (the store is
 * corrupt). Then nothing has changed. Texts are borrowed until the next call on
 * this state.
 */

/* 1: it is there. */
GUST_API int gust_state_get(struct gust_state *state,
			    const struct gust_key *key,
			    struct gust_text *value);
GUST_API int gust_state_put(struct gust_state *state,
			    const struct gust_key *key, const void *data,
			    size_t length);
GUST_API int gust_state_remove(struct gust_state *state,
			       const struct gust_key *key);

/* A counter; one that is not there is 0, and an `amount` of 0 does not create
 * it. `total` may be NULL. -ERANGE: 64 bits do not hold it. */
GUST_API int gust_state_add(struct gust_state *state,
			    const struct gust_key *key, int64_t amount,
			    int64_t *total);

/*
 * gust_state_add() for the key that is one field of a tuple which is grouped by
 * that field and no other, as gust_hashed_by() says; it calls nothing where the
 * counter is there and its key is a short string.
 */
static inline int gust_state_count(struct gust_state *state,
				   const struct gust_tuple *in,
				   struct gust_field field, int64_t amount,
				   int64_t *total);

/* Lists: appends, and drops the oldest ones beyond `most` (0: none). */
GUST_API int gust_state_append(struct gust_state *state,
			       const struct gust_key *key, const void *data,
			       size_t length, size_t most);

/* Maps. 1: the name is there. */
GUST_API int gust_state_map_get(struct gust_state *state,
				const struct gust_key *key,
				struct gust_text name, struct gust_text *value);
GUST_API int gust_state_map_put(struct gust_state *state,
				const struct gust_key *key,
				struct gust_text name, const void *data,
				size_t length);
GUST_API int gust_state_map_remove(struct gust_state *state,
				   const struct gust_key *key,
				   struct gust_text name);

/*
 * Reads a list from the oldest entry on, or a map by name:
 *
 *	struct gust_entries entries;
 *	int r = gust_state_entries(state, &key, &entries);
 *	while (r == 1 && gust_entries_next(&entries))
 *		...entries.name, entries.value
 *
 * 1: it is there. Nothing of this state may be written meanwhile.
 */
struct gust_entries {
	struct gust_text name; /* of a map */
	struct gust_text value;
	size_t count; /* of all */
	const char *at, *end;
	uint32_t kind;
};
GUST_API int gust_state_entries(struct gust_state *state,
				const struct gust_key *key,
				struct gust_entries *entries);
GUST_API bool gust_entries_next(struct gust_entries *entries);

/*
 * Goes through all keys in their order: null, then false, true, ints, floats,
 * strings, bytes, json, texts byte by byte; earlier values first, and a key
 * before those that it begins.
 *
 * The value is that of gust_state_get(); of a counter it is an int64_t, and
 * that of a list or a map is read with gust_state_entries(). While a cursor is
 * open, which may last for several callbacks, only the key that it told last
 * may be written to, or removed. gust_cursor_next(): 1, and 0 after the last
 * one; key and value are borrowed until its next call.
 */
struct gust_cursor; /* close it before close() returns */
GUST_API int gust_state_cursor(struct gust_state *state,
			       struct gust_cursor **cursor);

/* Such a cursor, but in an order that has no meaning: where all of the state is
 * in memory nothing has to be sorted. */
GUST_API int gust_state_walk(struct gust_state *state,
			     struct gust_cursor **cursor);

GUST_API int gust_cursor_next(struct gust_cursor *cursor, struct gust_key *key,
			      struct gust_text *value);
GUST_API void gust_cursor_close(struct gust_cursor *cursor);

/* The same by calls of `each`; ends early with what it returns if that is not
 * 0. */
GUST_API int gust_state_each(struct gust_state *state,
			     int (*each)(void *context,
					 const struct gust_key *key,
					 struct gust_text value),
			     void *context);

/*
 * Private: what gust_state_count() is made of. A state begins with a table of
 * its keys, open addressing with linear probing. This does not change within an
 * ABI; a runtime that keeps its keys in another way shows an empty table.
 */
struct gust_state_item {
	int64_t counter;
	uint32_t kind; /* see gust_state_view */
	uint32_t hash, length, room;
	int64_t expires;
	struct gust_value key;
	/* Its text follows, with zeros up to a multiple of eight. */
};

struct gust_state_slot {
	uint64_t hash;
	struct gust_state_item *item; /* NULL: the slot is free */
};

/* An item whose `kind` is, as far as `care` goes, `ready` has a counter that
 * may be changed at once, and its key is one string shorter than
 * GUST_STATE_PLAIN. */
#define GUST_STATE_PLAIN 16u

struct gust_state_view {
	const struct gust_state_slot *slots; /* one at least is free */
	uint64_t mask;
	uint64_t count;
	uint64_t care, ready;
};

/* What it calls. */
GUST_API int gust_state_count_key(struct gust_state *state,
				  const struct gust_tuple *in,
				  struct gust_field field, int64_t amount,
				  int64_t *total);

/* The item that may be changed at once; else NULL. */
static inline struct gust_state_item *
gust_state_ready(const struct gust_state *state, const struct gust_tuple *in,
		 struct gust_field field)
{
	const struct gust_state_view *view =
		(const struct gust_state_view *)(const void *)state;
	const uint16_t at = field.index[in->stream];
	const struct gust_state_slot *slot;
	const struct gust_cell *cell;
	struct gust_state_item *item;
	uint64_t place = in->hash & view->mask, words[4];
	const char *kept, *text;

	for (slot = &view->slots[place]; slot->hash != in->hash;
	     slot = &view->slots[place = (place + 1) & view->mask])
		if (slot->item == NULL)
			return NULL;
	item = slot->item;
	if (at == GUST_ABSENT || item == NULL)
		return NULL;
	cell = gust_cells(in) + at;
	if ((item->kind & view->care) != view->ready ||
	    item->key.type != cell->type || item->key.length != cell->length)
		return NULL;
	kept = (const char *)(item + 1);
	text = (const char *)in + cell->as.offset;
	/* The second word, or the first one again: no branch by length. */
	memcpy(&words[0], kept, 8);
	memcpy(&words[1], text, 8);
	memcpy(&words[2], kept + (cell->length & 8), 8);
	memcpy(&words[3], text + (cell->length & 8), 8);
	return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0 ? item
								    : NULL;
}

static inline int gust_state_count(struct gust_state *state,
				   const struct gust_tuple *in,
				   struct gust_field field, int64_t amount,
				   int64_t *total)
{
	struct gust_state_item *item = gust_state_ready(state, in, field);
	int64_t sum;

	if (item == NULL || __builtin_add_overflow(item->counter, amount, &sum))
		return gust_state_count_key(state, in, field, amount, total);
	item->counter = sum;
	if (total != NULL)
		*total = sum;
	return 0;
}

#ifdef __cplusplus
}
#endif

#endif
