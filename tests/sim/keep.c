/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "bolt.h"
#include "effects.h"
#include "oracle.h"

#define ANCHORS_MAX 8

int bolt_stream(struct bolt *bolt, bool loop)
{
	struct world *world = bolt->member.world;
	const struct plan_component *component =
		&world->components[bolt->member.component];
	uint32_t i, start = world_below(world, component->stream_count);

	for (i = 0; i < component->stream_count; i++) {
		uint32_t at = (start + i) % component->stream_count;

		if (world->loop[component->first_stream + at] == loop)
			return (int)at;
	}
	return -1;
}

/* Emits a tuple anchored to some of what is kept, which stays. */
static void bolt_emit_anchored(struct bolt *bolt, struct gust_task *task)
{
	struct world *world = bolt->member.world;
	const struct gust_tuple *anchors[ANCHORS_MAX];
	uint64_t nodes[ANCHORS_MAX];
	struct oracle_emission emission = { .kind = ORACLE_CHILD,
					    .parents = nodes };
	struct gust_emission how = { .kind = GUST_EMIT_ANCHORED,
				     .direct = -1,
				     .anchors = anchors };
	int stream = bolt_stream(bolt, false);
	uint32_t i, most = 1 + world_below(world, ANCHORS_MAX);
	bool held = false;

	if (stream < 0 || world->budget == 0)
		return;
	for (i = 0; i < bolt->kept_count && how.anchor_count < most; i++) {
		if (world_chance(world, 300) && i + 1 < bolt->kept_count)
			continue;
		anchors[how.anchor_count] = bolt->kept[i].tuple;
		nodes[how.anchor_count++] = bolt->kept[i].node;
		held = held || bolt->kept[i].held;
	}
	if (how.anchor_count == 0)
		return;
	world->budget--;
	if (held)
		emission.kind = ORACLE_DERIVED;
	else if (how.anchor_count > 1)
		emission.kind = ORACLE_EITHER;
	/* Where it may be stored, it stands for itself. */
	if (emission.kind == ORACLE_CHILD || !bolt_habits(bolt)->state)
		emission.parent_count = (uint32_t)how.anchor_count;
	emission.key = world_below(world, WORLD_KEYS);
	emission.hops = world->hops_max;
	emission.pad = world_below(world, bolt_habits(bolt)->pad + 1);
	how.stream = (uint32_t)stream;
	member_emit(&bolt->member, task, &how, &emission);
}

/* Ends the keeping of one tuple, mostly well. */
static void end_kept(struct bolt *bolt, struct gust_task *task, uint32_t i)
{
	const struct bolt_habits *h = bolt_habits(bolt);
	struct world *world = bolt->member.world;
	struct kept_tuple kept = bolt->kept[i];

	bolt->kept[i] = bolt->kept[--bolt->kept_count];
	world_trace(world, "task %u ends node %" PRIu64, bolt->member.task,
		    kept.node);
	if ((uint64_t)gust_integer(kept.tuple, bolt->id) != kept.number)
		world_fail(world, "kept tuple %" PRIu64 " has changed",
			   kept.number);
	if (world_chance(world, h->fail)) {
		oracle_failed(world->oracle, kept.node);
		gust_fail(task, kept.tuple, "failed later");
	} else if (world_chance(world, h->dead)) {
		oracle_failed(world->oracle, kept.node);
		gust_dead_letter(task, kept.tuple, "never will");
	} else if (world_chance(world, h->reject)) {
		oracle_failed(world->oracle, kept.node);
		gust_reject(task, kept.tuple, "no good");
	} else {
		effects_done(bolt, kept.node,
			     (uint32_t)gust_integer(kept.tuple, bolt->key));
		gust_ack(task, kept.tuple);
	}
}

static void end_batch(struct bolt *bolt, struct gust_task *task)
{
	struct world *world = bolt->member.world;
	bool fails = world_chance(world, bolt_habits(bolt)->fail);
	uint32_t i;

	if (bolt->batch_count == 0)
		return;
	for (i = 0; i < bolt->batch_count; i++) {
		if (fails)
			oracle_failed(world->oracle, bolt->batch[i]);
		else
			effects_done(bolt, bolt->batch[i],
				     (uint32_t)(i % WORLD_KEYS));
	}
	bolt->batch_count = 0;
	if (fails)
		gust_batch_fail(task, "batch failed");
	else
		gust_batch_ack(task);
}

/* Whether a kept tuple is to be ended now. */
static bool is_due(struct bolt *bolt, const struct kept_tuple *kept,
		   enum bolt_extent extent)
{
	if (extent == BOLT_ALL)
		return true;
	if (extent == BOLT_HELD)
		return kept->held;
	return !kept->held || world_chance(bolt->member.world, 500);
}

void bolt_settle(struct bolt *bolt, struct gust_task *task,
		 enum bolt_extent extent)
{
	struct world *world = bolt->member.world;
	uint32_t i = 0;

	if (bolt->kept_count > 0 && world_chance(world, 300))
		bolt_emit_anchored(bolt, task);
	while (i < bolt->kept_count) {
		if (is_due(bolt, &bolt->kept[i], extent))
			end_kept(bolt, task, i);
		else
			i++;
	}
	end_batch(bolt, task);
}

bool bolt_keep(struct bolt *bolt, struct gust_task *task,
	       const struct gust_tuple *in, uint64_t node, bool held)
{
	struct kept_tuple *kept = &bolt->kept[bolt->kept_count];

	kept->node = node;
	kept->number = (uint64_t)gust_integer(in, bolt->id);
	kept->held = held;
	kept->tuple = held ? gust_hold(task, in) : gust_retain(task, in);
	if (kept->tuple == NULL)
		return false;
	bolt->kept_count++;
	world_trace(bolt->member.world, "task %u %s node %" PRIu64,
		    bolt->member.task, held ? "holds" : "retains", node);
	if (!held)
		gust_timer(
			task,
			1 + world_below(bolt->member.world,
					(uint32_t)bolt_habits(bolt)->retain_ns),
			7);
	return true;
}
