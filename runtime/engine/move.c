/* SPDX-License-Identifier: MIT */

#include "engine/move.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/dedupe.h"
#include "engine/seen.h"
#include "engine/window.h"
#include "window/moved.h"

static int move_damaged(const struct shard_entry *entry,
			struct gust_error *error)
{
	return gust_error_set(error, -EBADMSG, "a record of '%s' is damaged",
			      entry->state);
}

/* Whether a record is to take the place of another one of its key. */
typedef bool move_better(const struct gust_key *key, struct gust_text value,
			 struct gust_text other);

/* Puts a record into all new stores that have none that is as good. */
static int move_to_all(struct shards *shards, const char *state,
		       const struct gust_key *key, struct gust_text value,
		       move_better *better, struct gust_error *error)
{
	struct gust_text other;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < shards_count(shards); i++) {
		r = shards_get(shards, i, state, key, &other);
		if (r < 0)
			return gust_error_set(error, r, "%s", strerror(-r));
		if (r == 0 || better(key, value, other))
			r = shards_store(shards, i, state, key, value, error);
		else
			r = 0;
	}
	return r;
}

static bool move_is_first(const struct gust_key *key, struct gust_text value,
			  struct gust_text other)
{
	(void)key;
	(void)value;
	(void)other;
	return false;
}

/* Of times. */
static bool move_is_later(const struct gust_key *key, struct gust_text value,
			  struct gust_text other)
{
	int64_t one, two;

	(void)key;
	if (value.length != sizeof(one) || other.length != sizeof(two))
		return false;
	memcpy(&one, value.data, sizeof(one));
	memcpy(&two, other.data, sizeof(two));
	return one > two;
}

static int move_head(struct shards *shards, const struct shard_entry *entry,
		     struct gust_error *error)
{
	char head[MOVED_HEAD_SIZE], name[MOVED_FACT_KEY_SIZE];
	struct past_fact fact;
	/* Who imports lines of the first format takes them for one task's. */
	const uint32_t tasks = entry->tasks == 0 ? 1 : entry->tasks;
	struct gust_value value = gust_bytes(name, sizeof(name));
	const struct gust_key key = { entry->values, entry->count, 0 };
	const struct gust_key at = { &value, 1, 0 };
	int r = moved_head(entry->value, entry->task, tasks, head, &fact);

	if (r == -ENOTSUP)
		return gust_error_set(error, r,
				      "its windows have a newer format, this "
				      "gust reads up to %d",
				      WINDOWS_FORMAT);
	if (r < 0)
		return move_damaged(entry, error);
	r = move_to_all(shards, entry->state, &key,
			(struct gust_text){ head, sizeof(head) }, move_is_first,
			error);
	if (r < 0 || fact.tasks == 0)
		return r;
	moved_fact_key(&fact, name);
	return move_to_all(shards, entry->state, &at,
			   (struct gust_text){ (const char *)&fact.done,
					       sizeof(fact.done) },
			   move_is_later, error);
}

/* How far windows are: heads, facts and clocks. */
static int move_about(void *context, struct shards *shards,
		      const struct shard_entry *entry, struct gust_error *error)
{
	const struct gust_key key = { entry->values, entry->count, 0 };

	(void)context;
	if (entry->count != 1)
		return move_damaged(entry, error);
	if (entry->values->type == GUST_BYTES && entry->values->length == 1)
		return move_head(shards, entry, error);
	return move_to_all(shards, entry->state, &key, entry->value,
			   move_is_later, error);
}

/* What is open stays with its task, if that is there. */
static int move_stay(const struct move *move, struct shards *shards,
		     const struct shard_entry *entry, struct gust_error *error)
{
	const struct gust_key key = { entry->values, entry->count, 0 };

	if (move->dealt.how == DEALT_FOR_GOOD)
		return gust_error_set(
			error, -ENOTSUP,
			"windows of '%s' are open, and cannot be moved to "
			"another number of tasks: %s",
			move->component->id, move->dealt.why);
	if (entry->tasks == 0 && shards_count(shards) > 1)
		return gust_error_set(
			error, -ENOTSUP,
			"windows of '%s' are open, which belong to a task, and "
			"nobody knows to which: its tuples are not grouped by "
			"keys of the window",
			move->component->id);
	if (entry->task >= shards_count(shards))
		return gust_error_set(
			error, -ENOTSUP,
			"windows of task %" PRIu32 " of '%s' are open, and "
			"only those that are grouped by their keys can be "
			"moved to another task, expected at least %" PRIu32
			" tasks",
			entry->task, move->component->id, entry->task + 1);
	return shards_store(shards, entry->task, entry->state, &key,
			    entry->value, error);
}

/* What is open goes with its keys. */
static int move_by_key(const struct move *move, struct shards *shards,
		       const struct shard_entry *entry, struct gust_text as,
		       const struct key *keys, struct gust_error *error)
{
	const struct gust_value value = gust_bytes(as.data, as.length);
	const struct gust_key key = { &value, 1, 0 };
	uint64_t hash;

	if (keys->count != move->component->window->key_count)
		return gust_error_set(
			error, -EBADMSG,
			"windows of '%s' are open that have other keys",
			move->component->id);
	hash = dealt_hash(&move->dealt, key_values(keys));
	if (entry->tasks > 0 && hash_pick(hash, entry->tasks) != entry->task)
		return gust_error_set(
			error, -ENOTSUP,
			"windows of '%s' are open, whose tuples were grouped "
			"in another way, expected %" PRIu32 " tasks as before",
			move->component->id, entry->tasks);
	return shards_store(shards, hash_pick(hash, shards_count(shards)),
			    entry->state, &key, entry->value, error);
}

static int move_open(void *context, struct shards *shards,
		     const struct shard_entry *entry, struct gust_error *error)
{
	const struct move *move = context;
	const enum windows_group group = strcmp(entry->state, WINDOW_OPEN) == 0
						 ? WINDOWS_CELLS
						 : WINDOWS_PARTS;
	struct gust_text key, as;
	struct key *keys;
	int r;

	if (entry->count != 1 || entry->values->type != GUST_BYTES)
		return move_damaged(entry, error);
	if (move->component->window == NULL || move->dealt.how != DEALT_BY_KEY)
		return move_stay(move, shards, entry, error);
	key = (struct gust_text){ entry->values->as.data,
				  entry->values->length };
	r = moved_entry(group, key, entry->value, &keys, &as);
	if (r == -ENOMEM)
		return gust_error_set(error, r, "%s", strerror(-r));
	if (r < 0)
		return move_damaged(entry, error);
	r = move_by_key(move, shards, entry, as, keys, error);
	if (as.data != key.data)
		free((char *)(uintptr_t)as.data);
	free(keys);
	return r;
}

static bool move_is_further(const struct gust_key *key, struct gust_text value,
			    struct gust_text other)
{
	return key->values[0].as.integer == SEEN_FLOOR &&
	       seen_is_further(value, other);
}

/* What was applied, by its kind and number. */
static int move_seen(void *context, struct shards *shards,
		     const struct shard_entry *entry, struct gust_error *error)
{
	struct gust_value values[2];
	const struct gust_key key = { values, 2, 0 };

	(void)context;
	if (entry->count != 2 || entry->values[0].type != GUST_INT ||
	    entry->values[1].type != GUST_INT)
		return move_damaged(entry, error);
	values[0] = entry->values[0];
	values[1] = entry->values[1];
	if (values[0].as.integer == SEEN_CHAPTER)
		values[1] =
			gust_int((int64_t)(hash_bytes(entry->value.data,
						      entry->value.length) >>
					   2));
	return move_to_all(shards, entry->state, &key, entry->value,
			   move_is_further, error);
}

static const struct shard_rule move_rules[] = {
	{ WINDOW_STATE, move_about },
	{ WINDOW_OPEN, move_open },
	{ WINDOW_PARTS, move_open },
	{ DEDUPE_STATE, move_seen },
};

int move_init(struct move *move, const struct plan *plan, uint32_t component)
{
	const struct plan_component *c = &plan->components[component];

	memset(move, 0, sizeof(*move));
	move->component = c;
	move->rules.rules = move_rules;
	move->rules.count = sizeof(move_rules) / sizeof(*move_rules);
	move->rules.context = move;
	return c->window == NULL ? 0
				 : dealt_init(&move->dealt, plan, component);
}

void move_fini(struct move *move)
{
	dealt_fini(&move->dealt);
}
