/* SPDX-License-Identifier: MIT */
#include "state/reshard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "state/content.h"
#include "state/keycode.h"
#include "state/keyspace.h"
#include "state/lmdb.h"
#include "state/redis.h"
#include "state/space.h"

/* So many keys of a task are stored at once. */
#define SHARDS_BATCH 20000u

/* What a task may have in memory meanwhile, and what of it at once. */
#define SHARDS_BUDGET ((size_t)64 << 20)
#define SHARDS_BYTES ((size_t)16 << 20)

struct shard {
	struct store *store;
	struct keyspace *keyspace;
	size_t bytes; /* of values that are not stored */
};

struct shards {
	struct shard *shards;
	uint32_t count;
	uint32_t fields;
	struct shard_rules rules;
	uint32_t task, tasks; /* where records come from; 0 tasks: unknown */
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
		uint32_t fields, const struct shard_rules *rules,
		struct gust_error *error)
{
	struct shards *new = calloc(1, sizeof(*new));
	struct store_place at = *place;
	int r = 0;

	if (new == NULL)
		return -ENOMEM;
	new->fields = fields;
	new->rules = *rules;
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
	shard->bytes = 0;
	return r;
}

/* Reads the values of a key to shards->values; its name stands before it. */
static int shards_read_key(struct shards *shards, struct gust_text key,
			   size_t *values)
{
	const char *zero = memchr(key.data, '\0', key.length);
	size_t head, count, room, size;
	struct gust_value *grown;

	if (zero == NULL)
		return -EBADMSG;
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
	*values = count;
	return 0;
}

/* The hash that the grouping has of a key that was read. */
static uint64_t shards_hash(const struct shards *shards, const char *state,
			    size_t count)
{
	size_t most = strcmp(state, ".roots") == 0 ? 1 : shards->fields;

	return keycode_hash(shards->values,
			    most > 0 && count > most ? most : count);
}

/* Stores what is much. */
static int shard_relieve(struct shards *shards, struct shard *shard,
			 struct gust_error *error)
{
	if (keyspace_dirty(shard->keyspace) < SHARDS_BATCH &&
	    shard->bytes < SHARDS_BYTES)
		return 0;
	return shard_commit(shards, shard, error);
}

static int shard_put(struct shards *shards, struct shard *shard,
		     struct gust_text key, struct gust_text record,
		     struct gust_error *error)
{
	int r = keyspace_adopt(shard->keyspace, key, record);

	if (r < 0)
		return r;
	shards->conflicts += r == 1;
	shard->bytes += record.length;
	return shard_relieve(shards, shard, error);
}

uint32_t shards_count(const struct shards *shards)
{
	return shards->count;
}

int shards_get(struct shards *shards, uint32_t task, const char *state,
	       const struct gust_key *key, struct gust_text *value)
{
	struct gust_state *found = keyspace_named(shards->shards[task].keyspace,
						  state, strlen(state));

	return found == NULL ? -ENOMEM : gust_state_get(found, key, value);
}

int shards_store(struct shards *shards, uint32_t task, const char *state,
		 const struct gust_key *key, struct gust_text value,
		 struct gust_error *error)
{
	struct shard *shard = &shards->shards[task];
	struct gust_state *found =
		keyspace_named(shard->keyspace, state, strlen(state));
	int r = found == NULL
			? -ENOMEM
			: gust_state_put(found, key, value.data, value.length);

	if (r < 0)
		return gust_error_set(error, r, "%s", strerror(-r));
	shard->bytes += value.length;
	return shard_relieve(shards, shard, error);
}

static const struct shard_rule *shards_rule(const struct shards *shards,
					    const char *state)
{
	for (size_t i = 0; i < shards->rules.count; i++)
		if (strcmp(shards->rules.rules[i].state, state) == 0)
			return &shards->rules.rules[i];
	return NULL;
}

/* Has a rule take a record, whose key was read. */
static int shards_apply(struct shards *shards, const struct shard_rule *rule,
			size_t count, struct gust_text record,
			struct gust_error *error)
{
	struct content content = { .kind = CONTENT_NONE };
	struct shard_entry entry = { .state = rule->state,
				     .values = shards->values,
				     .count = count,
				     .task = shards->task,
				     .tasks = shards->tasks };
	int64_t expires;
	int r = content_read(&content, record, &expires);

	if (r == 0 && content.kind != CONTENT_BYTES)
		r = -EBADMSG;
	if (r == 0) {
		entry.value = content_text(&content);
		r = rule->take(shards->rules.context, shards, &entry, error);
	}
	content_clear(&content);
	return r;
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
	const struct shard_rule *rule;
	size_t count = 0;
	uint64_t hash;
	uint32_t i;
	int r = shards_read_key(shards, key, &count);

	if (r == 0 && shards_leave(key.data))
		return 0;
	rule = r == 0 ? shards_rule(shards, key.data) : NULL;
	if (rule != NULL) {
		r = shards_apply(shards, rule, count, record, error);
	} else if (r == 0 && shards_go_by_key(key.data)) {
		hash = shards_hash(shards, key.data, count);
		r = shard_put(shards,
			      &shards->shards[hash_pick(hash, shards->count)],
			      key, record, error);
	} else {
		for (i = 0; r == 0 && i < shards->count; i++)
			r = shard_put(shards, &shards->shards[i], key, record,
				      error);
	}
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
	struct reshard_reading *reading = context;
	int r;

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
		reading->shards->task = at.task;
		reading->shards->tasks = at.tasks;
		r = store->backend->each(store, reshard_one, reading,
					 reading->error);
		store_close(store);
	}
	return r;
}

int reshard(const struct store_place *place, uint32_t fields,
	    const struct shard_rules *rules, struct reshard *result,
	    struct gust_error *error)
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
	r = shards_open(&reading.shards, &aside, fields, rules, error);
	if (r < 0)
		return r;
	r = reshard_read(&reading, place);
	if (r == 0)
		r = shards_commit(reading.shards, error);
	result->conflicts = shards_conflicts(reading.shards);
	shards_close(reading.shards);
	return r == 0 ? reshard_promote(place, result->before, error) : r;
}
