/* SPDX-License-Identifier: MIT */
#ifndef STATE_RESHARD_H
#define STATE_RESHARD_H

/*
 * Moves the state of a component to another number of tasks.
 *
 * A key goes to the task that a fields grouping chooses for the first values of
 * it, as many as the grouping has fields; so a bolt's keys begin with these. A
 * counter that several tasks have is added up; of anything else that several
 * have one is kept. What the runtime itself keeps (names that begin with '.')
 * goes to every task, and that with the greater bytes is kept; but what is
 * called '.key-...' goes by its key, too. Of the outbox (engine/outbox.h) the
 * roots of one source, which is the first value of their keys, go to one task,
 * and which source a store is stays behind. For states that have a struct
 * shard_rule that does what is to be done instead.
 *
 * The new stores are written beside the old ones and take their place at once:
 * who is killed on the way leaves the one or the other, and the next call goes
 * on from there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/state.h>

#include "state/store.h"
#include "topology/plan.h"

struct reshard {
	uint32_t before;  /* how many tasks there were; 0: there is no state */
	size_t keys;      /* moved; 0: their number is right as it was */
	size_t conflicts; /* of which another one was kept */
};

/* By how many values the tuples of a component are grouped: 0 unless all of its
 * inputs are grouped by as many fields. */
uint32_t reshard_fields(const struct plan *plan, uint32_t component);

/* New stores of a component, all of them, which take in records by their keys:
 * what reshard() writes to, and who imports. */
struct shards;

/* A record of bytes in a state of the runtime's own. */
struct shard_entry {
	const char *state;
	const struct gust_value *values; /* of its key */
	size_t count;
	struct gust_text value;
	/* Where it is from; 0 `tasks`: that is not known. */
	uint32_t task, tasks;
};

/* What becomes of such a state: take() puts records into the new stores with
 * the functions below. It returns 0, or an error, which it sets. */
struct shard_rule {
	const char *state;
	int (*take)(void *context, struct shards *shards,
		    const struct shard_entry *entry, struct gust_error *error);
};

/* Zeroed, there are none. Borrowed by who gets them. */
struct shard_rules {
	const struct shard_rule *rules;
	size_t count;
	void *context;
};

/*
 * Before any of the stores is opened. `place` has the new number of tasks, and
 * `fields` is how many the grouping has, 0: all values count. Returns 0 or an
 * error of store.h; the state is then as it was.
 */
int reshard(const struct store_place *place, uint32_t fields,
	    const struct shard_rules *rules, struct reshard *result,
	    struct gust_error *error);

/* Opens those of place->tasks for writing. */
int shards_open(struct shards **shards, const struct store_place *place,
		uint32_t fields, const struct shard_rules *rules,
		struct gust_error *error);

/* Whether the state with that name says which store it is in: it is neither
 * taken in nor exported. */
bool shards_leave(const char *state);

/* Takes a record in, as read from another store. */
int shards_put(struct shards *shards, struct gust_text key,
	       struct gust_text record, struct gust_error *error);

/* For rules: how many tasks there are; what a task has by a key, as
 * gust_state_get(); and puts a record there. */
uint32_t shards_count(const struct shards *shards);
int shards_get(struct shards *shards, uint32_t task, const char *state,
	       const struct gust_key *key, struct gust_text *value);
int shards_store(struct shards *shards, uint32_t task, const char *state,
		 const struct gust_key *key, struct gust_text value,
		 struct gust_error *error);

/* Stores what was put; before it, some may not be. */
int shards_commit(struct shards *shards, struct gust_error *error);

/* How many of those that were put lost to another record of their key. */
size_t shards_conflicts(const struct shards *shards);

/* Takes NULL. */
void shards_close(struct shards *shards);

#endif
