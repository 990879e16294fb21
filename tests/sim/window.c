/* SPDX-License-Identifier: MIT */

/*
 * A bolt with windows. Its accumulators are lists of the oracle's nodes, so
 * that it is known what was handed over: a node is done when it has been in as
 * many windows as there are over each moment, and the engine may ack it when
 * all that these emitted is complete. A tuple that is in no window, or in one
 * too many, is a failure of the world.
 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gust/window.h>

#include "base/clock.h"
#include "bolt.h"
#include "effects.h"
#include "oracle.h"

#define MS ((int64_t)CLOCK_NS_PER_MS)

/* A window emits fewer tuples than this. */
#define RESULTS_MAX 3

static int window_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct bolt *bolt = self;
	const struct plan_component *component =
		&bolt->member.world->components[bolt->member.component];

	bolt->member.task = component->first_task + gust_task_index(task);
	bolt->member.opened = true;
	if (gust_field(task, "id", GUST_INT, &bolt->id, error) < 0 ||
	    gust_field(task, "key", GUST_INT, &bolt->key, error) < 0)
		return error->code;
	return effects_open(bolt, task, error);
}

/* A store outlives the oracle that knew its nodes, see world.runs. */
static uint64_t stamp(const struct bolt *bolt, uint64_t node)
{
	const uint64_t run = bolt->member.world->runs;

	return bolt_habits(bolt)->state ? node | run << 48 : node;
}

/* The node, or 0: it is one of an earlier run. */
static uint64_t stamped(const struct bolt *bolt, uint64_t told)
{
	if (!bolt_habits(bolt)->state)
		return told;
	return told >> 48 == bolt->member.world->runs
		       ? told & (UINT64_MAX >> 16)
		       : 0;
}

/* Nodes in an accumulator. */
static uint32_t window_nodes(const struct gust_accumulator *accumulator,
			     const uint64_t **nodes)
{
	*nodes = accumulator->data;
	return accumulator->size / (uint32_t)sizeof(uint64_t);
}

static int append(struct bolt *bolt, struct gust_accumulator *accumulator,
		  const uint64_t *nodes, uint32_t count)
{
	const size_t old = accumulator->size;
	char *data = gust_accumulator_resize(accumulator,
					     old + count * sizeof(*nodes));

	if (data == NULL) {
		world_fail(bolt->member.world, "an accumulator cannot grow");
		return -ENOMEM;
	}
	memcpy(data + old, nodes, count * sizeof(*nodes));
	return 0;
}

static int window_add(void *self, struct gust_task *task,
		      struct gust_accumulator *accumulator,
		      const struct gust_tuple *in)
{
	struct bolt *bolt = self;
	struct world *world = bolt->member.world;
	uint64_t number = (uint64_t)gust_integer(in, bolt->id);
	uint64_t node;
	int r = 0;

	member_enter(&bolt->member);
	node = oracle_begin(world->oracle, bolt->member.task, in, number,
			    (uint32_t)gust_integer(in, bolt->key));
	world_trace(world, "task %u adds %" PRIu64 " as node %" PRIu64,
		    bolt->member.task, number, node);
	if (node != 0 && world_chance(world, bolt_habits(bolt)->fail)) {
		oracle_failed(world->oracle, node);
		r = gust_fail(task, in, "failed on purpose");
	} else if (node != 0) {
		const uint64_t told = stamp(bolt, node);

		r = append(bolt, accumulator, &told, 1);
		oracle_expect(world->oracle, node,
			      world->overlaps[bolt->member.component]);
		effects_hold(bolt, node);
	}
	member_leave(&bolt->member);
	return r;
}

static int window_merge(void *self, struct gust_accumulator *into,
			const struct gust_accumulator *from)
{
	const uint64_t *nodes;
	uint32_t count = window_nodes(from, &nodes);

	return append(self, into, nodes, count);
}

/* Emits a tuple that stands for all of a window; where windows are stored it
 * stands for itself. */
static void emit_result(struct bolt *bolt, struct gust_task *task,
			const uint64_t *nodes, uint32_t count)
{
	struct world *world = bolt->member.world;
	struct oracle_emission emission = { .kind = ORACLE_DERIVED,
					    .parents = nodes,
					    .parent_count = count };
	struct gust_emission how = { .direct = -1 };
	int stream = bolt_stream(bolt, false);

	if (stream < 0 || world->budget == 0)
		return;
	world->budget--;
	how.stream = (uint32_t)stream;
	if (bolt_habits(bolt)->state)
		emission.parent_count = 0;
	emission.key = world_below(world, WORLD_KEYS);
	emission.hops = world->hops_max;
	emission.pad = world_below(world, bolt_habits(bolt)->pad + 1);
	member_emit(&bolt->member, task, &how, &emission);
}

/* The nodes of this run. They are the world's: a death frees nothing. */
static uint64_t *known_nodes(const struct bolt *bolt,
			     const struct gust_accumulator *accumulator,
			     uint32_t *known)
{
	const uint64_t *nodes;
	uint32_t count = window_nodes(accumulator, &nodes);
	uint64_t **place = &bolt->member.world->nodes[bolt->member.task];
	uint64_t *copy = realloc(*place, (count + 1) * sizeof(*copy));

	assert(copy != NULL);
	*place = copy;
	*known = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t node = stamped(bolt, nodes[i]);

		if (node != 0)
			copy[(*known)++] = node;
	}
	return copy;
}

/* The window counts for a node. */
static void see(struct bolt *bolt, uint64_t node)
{
	struct world *world = bolt->member.world;
	uint32_t most = world->overlaps[bolt->member.component];
	uint32_t seen = oracle_seen(world->oracle, node);

	if (seen == most) {
		effects_let_go(bolt);
		oracle_done(world->oracle, node);
	}
	/* After a death the last windows of a store come once more. */
	if (seen > most && !bolt_habits(bolt)->state)
		world_fail(world, "node %" PRIu64 " is in %u windows", node,
			   seen);
}

static int window_result(void *self, struct gust_task *task,
			 const struct gust_window *window,
			 const struct gust_accumulator *accumulator)
{
	struct bolt *bolt = self;
	struct world *world = bolt->member.world;
	uint32_t emits = world_below(world, RESULTS_MAX);
	uint32_t known;
	uint64_t *nodes = known_nodes(bolt, accumulator, &known);

	member_enter(&bolt->member);
	world_trace(world, "task %u hands over %u nodes, %d", bolt->member.task,
		    known, (int)window->firing);
	if (window->count * sizeof(*nodes) != accumulator->size)
		world_fail(world,
			   "a window of task %u counts %" PRIu64 " tuples, but "
			   "has %zu",
			   bolt->member.task, window->count,
			   accumulator->size / sizeof(*nodes));
	while (emits-- > 0)
		emit_result(bolt, task, nodes, known);
	for (uint32_t i = 0; i < known && window->firing != GUST_EARLY; i++)
		see(bolt, nodes[i]);
	member_leave(&bolt->member);
	return 0;
}

static void window_close(void *self)
{
	struct bolt *bolt = self;

	if (bolt->member.closed)
		world_fail(bolt->member.world, "close() came twice");
	bolt->member.closed = true;
}

static const struct gust_windowing windowing = {
	.size = sizeof(windowing),
	.grows = true,
	.add = window_add,
	.merge = window_merge,
	.result = window_result,
};

static const struct gust_bolt window_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(window_bolt),
	.name = "windowed",
	.summary = "counts what is in its windows",
	.instance_size = sizeof(struct bolt),
	.open = window_open,
	.close = window_close,
	.windowing = &windowing,
};

static const char *const window_keys[] = { "key" };

/* How many windows each moment, or tuple, is in. */
static uint32_t draw_overlap(struct random *random)
{
	return 1 + (uint32_t)random_below(random, 7);
}

/* Draws from a source of its own, so that other worlds stay as they were. */
void world_draw_windows(struct world *world, uint32_t component)
{
	static const enum gust_window_type types[] = {
		GUST_TUMBLING, GUST_SLIDING, GUST_SESSION, GUST_TUMBLING_COUNT
	};
	struct plan_component *it = &world->components[component];
	struct gust_window_spec *spec = &world->windows[component];
	struct random random;
	uint32_t overlap = 1;

	random_seed(&random, world->seed * 31 + component);
	if (random_below(&random, 1000) >= 200)
		return;
	spec->type = types[random_below(&random, 4)];
	spec->length = MS << random_below(&random, 10);
	if (spec->type == GUST_SESSION)
		spec->gap = spec->length;
	if (spec->type == GUST_TUMBLING_COUNT)
		spec->length = draw_overlap(&random);
	spec->slide = spec->length;
	if (spec->type == GUST_SLIDING)
		overlap = draw_overlap(&random);
	spec->length *= overlap;
	world->overlaps[component] = overlap;
	if (random_below(&random, 3) == 0)
		spec->early = 10 * MS;
	if (random_below(&random, 2) == 0) {
		spec->keys = window_keys;
		spec->key_count = 1;
	}
	it->window = spec;
	it->late = UINT32_MAX;
	it->bolt = &window_bolt;
	it->tick_ns = 0;
}
