/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "effects.h"
#include "times.h"
#include "world.h"

#define MS CLOCK_NS_PER_MS

/* Fields are grouped by the key. */
static const uint16_t key_columns[] = { COLUMN_KEY };

static uint64_t pick(struct world *world, const uint64_t *values, size_t count)
{
	return values[world_below(world, (uint32_t)count)];
}

#define PICK(world, ...)                                                       \
	pick((world), (const uint64_t[]){ __VA_ARGS__ },                       \
	     sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

/* A chance that is mostly 0, so that most seeds have a few habits only. */
static uint32_t habit(struct world *world, uint32_t most)
{
	if (!world_chance(world, 300))
		return 0;
	return 1 + world_below(world, most);
}

static void draw_config(struct world *world)
{
	struct plan_config *config = &world->plan.config;

	config->executors = world_between(world, 1, 4);
	/* One for each task of a component. */
	if (world_chance(world, 50))
		config->executors = 5;
	config->workers = 1;
	if (world_chance(world, 500))
		config->workers = world_between(world, 2, 3);
	config->max_spout_pending = PICK(world, 0, 0, 1, 2, 10, 1000);
	config->message_timeout_ns =
		PICK(world, 0, 5 * MS, 100 * MS, 30000 * MS, 30000 * MS);
	world->patient = world_chance(world, 100);
	if (world->patient)
		config->message_timeout_ns = 0;
	config->message_timeout_max_ns = config->message_timeout_ns * 20;
	config->replay_max_attempts = world_between(world, 1, 5);
	config->replay_backoff_ns = PICK(world, 1 * MS, 100 * MS);
	config->replay_hold_ns = 60000 * MS;
	config->retry_max_ns = PICK(world, 10 * MS, 600000 * MS);
	config->memory_max_bytes =
		PICK(world, 1 << 16, 1 << 20, 1 << 28, 1 << 28);
	config->tuple_max_bytes = 1 << 20;
	config->credit_bytes = PICK(world, 0, 1, 1, 100, 1000, 30000, 1 << 20);
	config->drain_timeout_ns = 30000 * MS;
	config->state_commit_ns = PICK(world, 1 * MS, 100 * MS);
	config->dead_letters = "unused";
	config->acking = !world_chance(world, 50);
}

static void draw_network(struct world *world)
{
	struct sim_config *config = &world->sim_config;

	config->seed = random_next(&world->random);
	config->clock_ns = PICK(world, 0, 100, 10000, 300000);
	config->delay_ns = PICK(world, 0, 1000, 1 * MS, 20 * MS);
	config->full_ns = 50 * MS;
	config->full_chance = habit(world, 100);
	config->store_ns = PICK(world, 0, 10 * MS);
	config->store_fail = habit(world, 300);
	config->event_ns = PICK(world, 1000, 5 * MS);
	config->leap_chance = habit(world, 200);
	config->spurious = habit(world, 50);
	if (world_chance(world, 200))
		config->slow_executor = 1 + world_below(world, 4);
	config->frame_loss = habit(world, 200);
	config->frame_repeat = habit(world, 200);
	config->frame_ns = PICK(world, 0, 1000, 1 * MS, 50 * MS);
	config->cut_chance = habit(world, 20);
	config->cut_ns = PICK(world, 5 * MS, 300 * MS, 1500 * MS);
	/* Cuts that are deaths would end nothing if they came for ever: all
	 * begins anew each time. */
	config->cuts = 100;
	config->failure_ns = PICK(world, 0, 0, 500 * MS, 2000 * MS);
	config->deaths = (uint32_t)PICK(world, 0, 1, 2, 3, 8);
	config->death_ns = PICK(world, 1 * MS, 20 * MS, 300 * MS);
	config->zombies = habit(world, 1000);
	config->restart_ns = PICK(world, 1000, 5 * MS, 200 * MS);
	config->frame_astray = (uint32_t)PICK(world, 5, 50, 300, 1000);
	/* Not drawn, so that worlds stay as they were. */
	config->spills = world->seed % 2 == 0;
	config->spill_fail = world->seed % 4 == 0 ? 300 : 0;
}

static void draw_bolt(struct world *world, struct bolt_habits *h)
{
	bool cruel = world_chance(world, 300);

	h->children = (uint32_t)PICK(world, 0, 1, 1, 2, 3);
	h->burst = (uint32_t)PICK(world, 30, 300, 1000);
	h->burst_chance = habit(world, 5);
	h->fail = habit(world, cruel ? 300 : 30);
	h->reject = habit(world, 20);
	h->dead = habit(world, 20);
	h->again = habit(world, cruel ? 700 : 100);
	h->poison_key = world_chance(world, 100)
				? world_below(world, WORLD_KEYS)
				: WORLD_KEYS;
	h->retain = habit(world, 500);
	h->retain_ns = PICK(world, 1000, 1 * MS, 50 * MS, 1000 * MS);
	h->hold = habit(world, 700);
	h->batch = habit(world, 700);
	h->settle = habit(world, 500);
	h->loose = habit(world, 100);
	h->own = habit(world, 500);
	h->crash = habit(world, 50);
	h->stall = habit(world, 100);
	h->stall_ns = PICK(world, 10000, 2 * MS, 100 * MS);
	h->more = world_chance(world, 500);
	h->finish_emits = world_chance(world, 200);
	h->idle_settles = world_chance(world, 300);
	h->pad = (uint32_t)PICK(world, 0, 20, 20, 300, 5000);
	if (world_chance(world, 20))
		h->pad = 50000;
	if (!world->patient)
		return;
	h->retain = 400;
	h->hold = 700;
	h->batch = 0;
	h->settle = 0;
	h->own = 500;
	h->idle_settles = false;
}

static void draw_spout(struct world *world, struct spout_habits *h)
{
	h->replay = (enum gust_replay)PICK(
		world, GUST_REPLAY_NONE, GUST_REPLAY_RECORD, GUST_REPLAY_RECORD,
		GUST_REPLAY_POSITION, GUST_REPLAY_POSITION, GUST_REPLAY_OWN);
	h->records = (uint32_t)PICK(world, 0, 1, 5, 20, 50, 200);
	if (world_chance(world, 20))
		h->records = 800;
	h->at_once = (uint32_t)PICK(world, 1, 1, 3, 20);
	h->wait = habit(world, 300);
	h->loose = habit(world, 100);
	h->reject = habit(world, 100);
	h->broken = world_chance(world, 30) ? 10 : 0;
	h->sources = world_between(world, 1, 2);
	h->pad = (uint32_t)PICK(world, 0, 20, 20, 300, 5000);
}

static uint32_t add_stream(struct world *world, uint32_t component)
{
	uint32_t number = world->plan.stream_count++;
	struct plan_stream *stream = &world->streams[number];

	assert(number < WORLD_STREAMS);
	snprintf(world->stream_names[number], sizeof(world->stream_names[0]),
		 "stream%u", world->components[component].stream_count++);
	stream->name = world->stream_names[number];
	stream->component = component;
	stream->columns = world_columns;
	stream->column_count = 4;
	world->direct[number] = world_chance(world, 100);
	return number;
}

static void add_component(struct world *world, enum plan_kind kind)
{
	uint32_t number = world->plan.component_count++;
	struct plan_component *component = &world->components[number];
	const struct plan_config *config = &world->plan.config;
	uint32_t streams = world_between(world, 1, 3);

	assert(number < WORLD_COMPONENTS);
	snprintf(world->ids[number], sizeof(world->ids[0]), "%s%u",
		 kind == PLAN_SPOUT ? "spout" : "bolt", number);
	component->id = world->ids[number];
	component->kind = kind;
	component->executor = -1;
	component->dedicated = world_chance(world, 100);
	if (!component->dedicated && world_chance(world, 100))
		component->executor =
			(int32_t)world_below(world, config->executors);
	component->task_count = world_between(world, 1, 5);
	component->max_spout_pending = config->max_spout_pending;
	component->message_timeout_ns = config->message_timeout_ns;
	component->first_stream = world->plan.stream_count;
	if (kind == PLAN_SPOUT) {
		draw_spout(world, &world->spouts[number]);
		component->spout = &world_spout;
		component->replay = world->spouts[number].replay;
		component->instance_size = world_spout.instance_size;
	} else {
		draw_bolt(world, &world->bolts[number]);
		component->bolt = &world_bolt;
		component->instance_size = world_bolt.instance_size;
		component->tick_ns = PICK(world, 0, 0, 1 * MS, 50 * MS);
		if (world->patient)
			component->tick_ns = 0;
		else
			world_draw_windows(world, number);
		streams--; /* sinks have none */
	}
	while (streams-- > 0)
		add_stream(world, number);
}

static enum plan_grouping draw_grouping(struct world *world, uint32_t stream)
{
	static const enum plan_grouping all[] = {
		PLAN_SHUFFLE, PLAN_SHUFFLE, PLAN_LOCAL_OR_SHUFFLE,
		PLAN_FIELDS,  PLAN_FIELDS,  PLAN_PARTIAL_KEY,
		PLAN_ALL,     PLAN_GLOBAL,  PLAN_NONE,
	};

	if (world->direct[stream])
		return PLAN_DIRECT;
	return all[world_below(world, sizeof(all) / sizeof(all[0]))];
}

static void add_edge(struct world *world, uint32_t stream, uint32_t to,
		     bool feedback)
{
	struct plan_edge *edge = &world->edges[world->plan.edge_count];
	uint32_t i;

	for (i = 0; i < world->plan.edge_count; i++)
		if (world->edges[i].stream == stream &&
		    world->edges[i].to == to)
			return;
	assert(world->plan.edge_count < WORLD_EDGES);
	world->plan.edge_count++;
	edge->stream = stream;
	edge->from = world->streams[stream].component;
	edge->to = to;
	edge->feedback = feedback;
	edge->grouping = draw_grouping(world, stream);
	if (edge->grouping == PLAN_FIELDS ||
	    edge->grouping == PLAN_PARTIAL_KEY) {
		edge->keys = key_columns;
		edge->key_count = 1;
	}
}

/* Bolts listen to what stands before them, so there is no cycle. */
static void add_edges(struct world *world, uint32_t to)
{
	uint32_t i, inputs = world_between(world, 1, 3);
	uint32_t before = world->components[to].first_stream;

	/* A chain is deeper than a fan. */
	for (i = 0; i < inputs; i++) {
		uint32_t stream = world_below(world, before);

		if (i == 0 && world_chance(world, 500))
			stream = before - 1;
		if (!world->loop[stream])
			add_edge(world, stream, to, false);
	}
	if (world->plan.edge_count == 0 ||
	    world->edges[world->plan.edge_count - 1].to != to)
		add_edge(world, 0, to, false);
}

/* A stream of its own that leads back, or to the bolt itself. */
static void add_loop(struct world *world, uint32_t from, uint32_t spouts)
{
	uint32_t stream = add_stream(world, from);

	world->loop[stream] = true;
	world->has_loop = true;
	add_edge(world, stream, spouts + world_below(world, from - spouts + 1),
		 true);
}

static void draw_topology(struct world *world)
{
	uint32_t spouts = world_between(world, 1, 3);
	uint32_t bolts = world_between(world, 1, 6);
	uint32_t i;

	for (i = 0; i < spouts; i++)
		add_component(world, PLAN_SPOUT);
	for (i = 0; i < bolts; i++) {
		add_component(world, PLAN_BOLT);
		add_edges(world, spouts + i);
		if (world_chance(world, 100))
			add_loop(world, spouts + i, spouts);
	}
}

/* By chances of its own, so that all else is as it was without state. */
static void draw_state(struct world *world)
{
	struct random random = world->random;
	uint32_t i;

	world->plan.config.state_commit_tuples = 10000;
	random_seed(&world->random, world->seed + 0x5747);
	if (world_chance(world, 400)) {
		for (i = 0; i < WORLD_COMPONENTS; i++)
			world->bolts[i].state = world_chance(world, 700);
		for (i = 0; i < WORLD_COMPONENTS; i++)
			world->components[i].flags = GUST_STATE;
		world->plan.config.state_commit_tuples =
			PICK(world, 1, 10, 10000);
		world->sim_config.commit_ns =
			PICK(world, 0, 1 * MS, 50 * MS, 300 * MS);
		world->sim_config.commit_fail = habit(world, 500);
	}
	world->random = random;
}

static void make_instances(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->plan.component_count; i++) {
		struct plan_component *component = &world->components[i];
		size_t size = (component->instance_size + 15) & ~(size_t)15;
		struct member *member = aligned_alloc(16, size);

		assert(member != NULL);
		memset(member, 0, size);
		member->world = world;
		member->component = i;
		world->instances[i] = member;
		component->instance = member;
	}
}

void world_init(struct world *world, uint64_t seed)
{
	int r;

	memset(world, 0, sizeof(*world));
	world->seed = seed;
	random_seed(&world->random, seed);
	world->plan.name = "random";
	world->plan.components = world->components;
	world->plan.streams = world->streams;
	world->plan.edges = world->edges;
	draw_config(world);
	draw_topology(world);
	draw_network(world);
	world->hops_max = world_between(world, 1, 3);
	world->budget = PICK(world, 100, 1000, 1000, 5000);
	if (world_chance(world, 150))
		world->stop_after = 1 + world_below(world, 2000);
	if (world_chance(world, 150))
		world->abort_after = 1 + world_below(world, 2000);
	world->restart = world->abort_after > 0;
	world->crash = world_chance(world, 500);
	world->crashes_left = world_below(world, 4);
	world->poison = UINT64_MAX;
	if (world_chance(world, 200) && world->plan.config.acking)
		world->poison = world_below(world, 20);
	times_draw(world);
	draw_state(world);
	make_instances(world);
	r = plan_derive(&world->plan, NULL);
	assert(r == 0);
}

void world_fini(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->plan.component_count; i++)
		free(world->instances[i]);
	for (i = 0; i < world->source_count; i++)
		free(world->sources[i].settled);
	for (i = 0; i < WORLD_TASKS; i++)
		free(world->nodes[i]);
	free(world->bounds);
	effects_fini(world);
	plan_fini_derived(&world->plan);
	times_fini(world);
}
