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
 * than 64 KiB, a value of more than 1 GiB), -EIO (the store is corrupt). Then
 * nothing has changed. Texts are borrowed until the next call on this state.
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

#ifdef __cplusplus
}
#endif

#endif
