/* SPDX-License-Identifier: MIT */
#include "state/reshard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "state/keycode.h"
#include "state/keyspace.h"
#include "state/lmdb.h"
#include "state/redis.h"

/* So many keys of a task are stored at once. */
#define SHARDS_BATCH 20000u

/* What a task may have in memory meanwhile. */
#define SHARDS_BUDGET ((size_t)64 << 20)

struct shard {
	struct store *store;
	struct keyspace *keyspace;
};

struct shards {
	struct shard *shards;
	uint32_t count;
	uint32_t fields;
	size_t conflicts;
	struct writes writes;
	struct gust_value *values; /* of a key */
	size_t values_room;
};

uint32_t reshard_fields(const struct plan *plan, uint32_t component)
{
	const struct plan_component *c = &plan->components[component];
	uint32_t fields = 0;

	for (uint32_t i = 0; i < c->input_count; i++) {
		const struct plan_edge *edge = &plan->edges[c->inputs[i]];

		if ((edge->grouping != PLAN_FIELDS &&
		     edge->grouping != PLAN_PARTIAL_KEY) ||
		    (i > 0 && edge->key_count != fields))
			return 0;
		fields = edge->key_count;
	}
	return fields;
}

/* Stores keep the ends of lives in ns since 1970. */
static uint64_t shards_now(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int shard_open(struct shard *shard, const struct store_place *place,
		      struct gust_error *error)
{
	struct keyspace_options options = { .now = shards_now };
	int r = store_open(&shard->store, place, error);

	if (r < 0)
		return r;
	options.store = shard->store;
	if (!shard->store->backend->remote)
		options.budget = SHARDS_BUDGET;
	return keyspace_open(&shard->keyspace, &options, error);
}

int shards_open(struct shards **shards, const struct store_place *place,
		uint32_t fields, struct gust_error *error)
{
	struct shards *new = calloc(1, sizeof(*new));
	struct store_place at = *place;
	int r = 0;

	if (new == NULL)
		return -ENOMEM;
	new->fields = fields;
	new->count = place->tasks;
	new->shards = calloc(place->tasks, sizeof(*new->shards));
	if (new->shards == NULL)
		r = -ENOMEM;
	for (at.task = 0; r == 0 && at.task < place->tasks; at.task++)
		r = shard_open(&new->shards[at.task], &at, error);
	if (r < 0) {
		shards_close(new);
		return r;
	}
	*shards = new;
	return 0;
}

static int shard_commit(struct shards *shards, struct shard *shard,
			struct gust_error *error)
{
	int r;

	if (keyspace_dirty(shard->keyspace) == 0)
		return 0;
	r = keyspace_freeze(shard->keyspace, &shards->writes);
	if (r == 0)
		r = store_commit(shard->store, &shards->writes, error);
	if (r == 0)
		keyspace_committed(shard->keyspace);
	return r;
}

/* The hash that the grouping has of a key; its name stands before it. */
static int shards_hash(struct shards *shards, struct gust_text key,
		       uint64_t *hash)
{
	const char *zero = memchr(key.data, '\0', key.length);
	size_t head, count, room, size, most;
	struct gust_value *grown;

	if (zero == NULL)
		return -EBADMSG;
	most = strcmp(key.data, ".roots") == 0 ? 1 : shards->fields;
	head = (size_t)(zero - key.data) + 1;
	if (keycode_check(key.data + head, key.length - head, &count, &room) <
	    0)
		return -EBADMSG;
	size = count * sizeof(*grown) + room + 1;
	if (size > shards->values_room) {
		grown = realloc(shards->values, 2 * size);
		if (grown == NULL)
			return -ENOMEM;
		shards->values = grown;
		shards->values_room = 2 * size;
	}
	keycode_decode(key.data + head, key.length - head, shards->values,
		       (char *)(shards->values + count));
	if (most > 0 && count > most)
		count = most;
	*hash = keycode_hash(shards->values, count);
	return 0;
}

static int shard_put(struct shards *shards, struct shard *shard,
		     struct gust_text key, struct gust_text record,
		     struct gust_error *error)
{
	int r = keyspace_adopt(shard->keyspace, key, record);

	if (r < 0)
		return r;
	shards->conflicts += r == 1;
	if (keyspace_dirty(shard->keyspace) < SHARDS_BATCH)
		return 0;
	return shard_commit(shards, shard, error);
}

/* Whether records of a state go to one task, and not to all. */
static bool shards_go_by_key(const char *state)
{
	static const char by_key[] = ".key-";

	return state[0] != '.' || strcmp(state, ".roots") == 0 ||
	       strncmp(state, by_key, sizeof(by_key) - 1) == 0;
}

bool shards_leave(const char *state)
{
	return strcmp(state, ".roots-own") == 0;
}

int shards_put(struct shards *shards, struct gust_text key,
	       struct gust_text record, struct gust_error *error)
{
	uint64_t hash;
	uint32_t i;
	int r = shards_hash(shards, key, &hash);

	if (r == 0 && shards_leave(key.data))
		return 0;
	if (r == 0 && shards_go_by_key(key.data))
		r = shard_put(shards,
			      &shards->shards[hash_pick(hash, shards->count)],
			      key, record, error);
	else
		for (i = 0; r == 0 && i < shards->count; i++)
			r = shard_put(shards, &shards->shards[i], key, record,
				      error);
	if (r == -EBADMSG)
		gust_error_set(error, r, "a record of the state is damaged");
	return r;
}

int shards_commit(struct shards *shards, struct gust_error *error)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < shards->count; i++)
		r = shard_commit(shards, &shards->shards[i], error);
	return r;
}

size_t shards_conflicts(const struct shards *shards)
{
	return shards->conflicts;
}

void shards_close(struct shards *shards)
{
	if (shards == NULL)
		return;
	for (uint32_t i = 0; shards->shards != NULL && i < shards->count; i++) {
		keyspace_close(shards->shards[i].keyspace);
		store_close(shards->shards[i].store);
	}
	writes_fini(&shards->writes);
	free(shards->shards);
	free(shards->values);
	free(shards);
}

/* Takes away what an earlier attempt has left, or brings it to its end. */
static int reshard_settle(const struct store_place *place,
			  struct gust_error *error)
{
	return place->kind == STORE_LMDB ? lmdb_settle(place, error)
					 : redis_settle(place, error);
}

/* Has the new stores take the place of the old ones. */
static int reshard_promote(const struct store_place *place, uint32_t before,
			   struct gust_error *error)
{
	return place->kind == STORE_LMDB ? lmdb_promote(place, error)
					 : redis_promote(place, before, error);
}

/* How many tasks the state is that of; 0: there is none. */
static int reshard_count(const struct store_place *place, uint32_t *tasks,
			 struct gust_error *error)
{
	struct gust_error ignored = { 0 };
	struct store_place first = *place;
	struct store *store;
	int r;

	first.task = 0;
	first.tasks = 0;
	first.read_only = true;
	r = store_open(&store, &first, &ignored);
	*tasks = r == 0 ? store->tasks : 0;
	if (r == 0)
		store_close(store);
	if (r == -ENOENT)
		return 0;
	return r == 0 ? 0 : gust_error_set(error, r, "%s", ignored.text);
}

struct reshard_reading {
	struct shards *shards;
	struct reshard *result;
	struct gust_error *error;
};

static int reshard_one(void *context, struct gust_text key,
		       struct gust_text record)
{
	static const char windows[] = ".windows-open";
	struct reshard_reading *reading = context;
	int r;

	if (key.length > sizeof(windows) &&
	    memcmp(key.data, windows, sizeof(windows)) == 0)
		return gust_error_set(reading->error, -ENOTSUP,
				      "windows are open, which belong to a "
				      "task, expected %u tasks as before",
				      reading->result->before);
	r = shards_put(reading->shards, key, record, reading->error);
	reading->result->keys += r == 0 && !shards_leave(key.data);
	return r;
}

/* Reads all old stores; whoever has one open may not write to it any more. */
static int reshard_read(struct reshard_reading *reading,
			const struct store_place *place)
{
	struct store_place at = *place;
	struct store *store;
	int r = 0;

	at.tasks = reading->result->before;
	for (at.task = 0; r == 0 && at.task < at.tasks; at.task++) {
		r = store_open(&store, &at, reading->error);
		if (r < 0)
			break;
		r = store->backend->each(store, reshard_one, reading,
					 reading->error);
		store_close(store);
	}
	return r;
}

int reshard(const struct store_place *place, uint32_t fields,
	    struct reshard *result, struct gust_error *error)
{
	struct reshard_reading reading = { .result = result, .error = error };
	struct store_place aside = *place;
	int r = reshard_settle(place, error);

	memset(result, 0, sizeof(*result));
	aside.aside = true;
	if (r == 0)
		r = reshard_count(place, &result->before, error);
	if (r < 0 || result->before == 0 || result->before == place->tasks)
		return r;
	r = shards_open(&reading.shards, &aside, fields, error);
	if (r < 0)
		return r;
	r = reshard_read(&reading, place);
	if (r == 0)
		r = shards_commit(reading.shards, error);
	result->conflicts = shards_conflicts(reading.shards);
	shards_close(reading.shards);
	return r == 0 ? reshard_promote(place, result->before, error) : r;
}
