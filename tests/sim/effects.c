/* SPDX-License-Identifier: MIT */

#include "effects.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "state/keyspace.h"
#include "state/ram.h"

/* What a call writes that does not count. */
#define SPOILT 1000000u

/* Where it says that it has begun. */
#define BEGUN WORLD_KEYS

static struct world_effects *effects_of(const struct bolt *bolt)
{
	return &bolt->member.world->effects[bolt->member.task];
}

static struct gust_key effects_key(struct gust_value *value, uint32_t key)
{
	*value = gust_int(key);
	return (struct gust_key){ .values = value, .count = 1 };
}

static uint64_t effects_read(struct bolt *bolt, uint32_t key)
{
	struct gust_value value;
	const struct gust_key at = effects_key(&value, key);
	struct gust_text text;
	uint64_t number = 0;
	int r = gust_state_get(bolt->state, &at, &text);

	assert(r >= 0 && (r == 0 || text.length == sizeof(number)));
	if (r == 1)
		memcpy(&number, text.data, sizeof(number));
	return number;
}

static void effects_write(struct bolt *bolt, uint32_t key, uint64_t number)
{
	struct gust_value value;
	const struct gust_key at = effects_key(&value, key);
	int r = gust_state_put(bolt->state, &at, &number, sizeof(number));

	world_trace(bolt->member.world, "task %u writes %" PRIu64 " for key %u",
		    bolt->member.task, number, key);
	assert(r == 0);
}

int effects_open(struct bolt *bolt, struct gust_task *task,
		 struct gust_error *error)
{
	struct world_effects *e = effects_of(bolt);
	int r;

	if (!bolt_habits(bolt)->state)
		return 0;
	r = gust_state(task, "effects", 0, &bolt->state, error);
	if (r < 0)
		return r;
	/* What was not stored is gone with the one before. */
	e->fresh_count = 0;
	e->frozen_count = 0;
	e->late_count = 0;
	memcpy(e->counts, e->stored_counts, sizeof(e->counts));
	for (uint32_t i = 0; i < WORLD_KEYS; i++)
		if (effects_read(bolt, i) != e->counts[i])
			world_fail(bolt->member.world,
				   "task %u finds %" PRIu64 " for key %u, "
				   "expected %" PRIu64,
				   bolt->member.task, effects_read(bolt, i), i,
				   e->counts[i]);
	if (effects_read(bolt, BEGUN) != 0)
		world_fail(bolt->member.world, "task %u finds half of a call",
			   bolt->member.task);
	return 0;
}

static void effects_push(struct world_effects *e, uint64_t node)
{
	if (e->fresh_count == e->fresh_room) {
		e->fresh_room = e->fresh_room * 2 + 64;
		e->fresh = realloc(e->fresh, e->fresh_room * sizeof(*e->fresh));
		assert(e->fresh != NULL);
	}
	e->fresh[e->fresh_count++] = node;
}

void effects_done(struct bolt *bolt, uint64_t node, uint32_t key)
{
	struct world *world = bolt->member.world;
	struct world_effects *e = effects_of(bolt);
	uint64_t number;

	if (bolt->state == NULL) {
		oracle_done(world->oracle, node);
		return;
	}
	/* It is undone with the call that acks it. */
	if (bolt->failing) {
		oracle_failed(world->oracle, node);
		effects_spoil(bolt, key);
		return;
	}
	/* After its end there are tuples that do not count any more, but in
	 * loops. */
	e->late_count += bolt->finished;
	number = effects_read(bolt, key);
	if (number != e->counts[key])
		world_fail(world,
			   "task %u reads %" PRIu64 " for key %u, expected "
			   "%" PRIu64,
			   bolt->member.task, number, key, e->counts[key]);
	e->counts[key]++;
	effects_write(bolt, key, number + 1);
	effects_push(e, node);
}

bool effects_hold(struct bolt *bolt, uint64_t node)
{
	if (!bolt_habits(bolt)->state)
		return false;
	effects_push(effects_of(bolt), node);
	return true;
}

void effects_let_go(struct bolt *bolt)
{
	effects_of(bolt)->late_count++;
}

void effects_spoil(struct bolt *bolt, uint32_t key)
{
	if (bolt->state != NULL)
		effects_write(bolt, key, SPOILT);
}

void effects_begin(struct bolt *bolt)
{
	if (bolt->state != NULL)
		effects_write(bolt, BEGUN, 1);
}

void effects_end(struct bolt *bolt)
{
	if (bolt->state != NULL && effects_read(bolt, BEGUN) != 0)
		effects_write(bolt, BEGUN, 0);
}

void effects_frozen(void *self, uint32_t task)
{
	struct world *world = self;
	struct world_effects *e = &world->effects[task];
	uint64_t *nodes = e->frozen;
	size_t room = e->frozen_room;

	memcpy(e->frozen_counts, e->counts, sizeof(e->counts));
	e->frozen = e->fresh;
	e->frozen_count = e->fresh_count;
	e->frozen_room = e->fresh_room;
	e->fresh = nodes;
	e->fresh_count = 0;
	e->fresh_room = room;
}

void effects_stored(void *self, uint32_t task)
{
	struct world *world = self;
	struct world_effects *e = &world->effects[task];

	memcpy(e->stored_counts, e->frozen_counts, sizeof(e->counts));
	for (size_t i = 0; i < e->frozen_count; i++)
		oracle_done(world->oracle, e->frozen[i]);
	e->frozen_count = 0;
}

int effects_state(void *self, uint32_t task, struct store **store,
		  struct gust_error *error)
{
	struct world *world = self;
	struct world_effects *e = &world->effects[task];

	(void)error;
	/* Those with windows are asked in any case. */
	if (!world->bolts[world->plan.tasks[task].component].state)
		return 0;
	if (e->disk == NULL)
		e->disk = ram_create();
	assert(e->disk != NULL);
	return ram_open(e->disk, store);
}

static int effects_note_key(void *context, const struct gust_key *key,
			    struct gust_text value)
{
	struct gust_value *values = context;

	(void)value;
	assert(key->count == 2);
	memcpy(values, key->values, 2 * sizeof(*values));
	return 1;
}

static void effects_forget_roots(struct ram *disk)
{
	struct keyspace_options options = { 0 };
	struct gust_error error = { 0 };
	struct writes writes = { 0 };
	struct gust_value values[2];
	const struct gust_key key = { .values = values, .count = 2 };
	struct keyspace *keyspace;
	struct gust_state *state;
	int r = ram_open(disk, &options.store);

	if (r == 0)
		r = keyspace_open(&keyspace, &options, &error);
	if (r == 0)
		r = keyspace_state(keyspace, ".roots", 0, &state, &error);
	assert(r == 0);
	while (gust_state_each(state, effects_note_key, values) == 1)
		gust_state_remove(state, &key);
	r = keyspace_freeze(keyspace, &writes);
	if (r == 0)
		r = store_commit(options.store, &writes, &error);
	assert(r == 0);
	writes_fini(&writes);
	keyspace_close(keyspace);
	store_close(options.store);
}

void effects_forget_outbox(struct world *world)
{
	for (uint32_t i = 0; i < WORLD_TASKS; i++)
		if (world->effects[i].disk != NULL)
			effects_forget_roots(world->effects[i].disk);
}

void effects_check_end(struct world *world)
{
	for (uint32_t i = 0; i < world->plan.task_count; i++) {
		const struct world_effects *e = &world->effects[i];

		if (e->fresh_count + e->frozen_count > e->late_count)
			world_fail(world,
				   "%zu effects of task %u are not stored",
				   e->fresh_count + e->frozen_count, i);
	}
}

void effects_fini(struct world *world)
{
	for (uint32_t i = 0; i < WORLD_TASKS; i++) {
		free(world->effects[i].fresh);
		free(world->effects[i].frozen);
		ram_destroy(world->effects[i].disk);
	}
}
