/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bolt.h"
#include "effects.h"
#include "oracle.h"
#include "times.h"

/* A FLUSH that multiplies on its way would soon be there so often. In a loop,
 * each round that leaves nothing to do is followed by one. */
#define FLUSHES_MAX 300u

static int bolt_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct bolt *bolt = self;
	struct world *world = bolt->member.world;
	const struct plan_component *component =
		&world->components[bolt->member.component];
	int r;

	bolt->member.task = component->first_task + gust_task_index(task);
	bolt->member.opened = true;
	bolt->own_left = world_below(world, 6);
	if (gust_field(task, "id", GUST_INT, &bolt->id, error) < 0 ||
	    gust_field(task, "key", GUST_INT, &bolt->key, error) < 0 ||
	    gust_field(task, "hops", GUST_INT, &bolt->hops, error) < 0 ||
	    gust_field(task, "pad", GUST_STRING, &bolt->pad, error) < 0)
		return error->code;
	r = effects_open(bolt, task, error);
	if (r < 0)
		return r;
	if (world_chance(world, 100)) {
		bolt->watched = 1 + world_below(world, 3);
		return gust_watch(task, 1000 + (int)bolt->member.task, 1);
	}
	return 0;
}

/* An emit from execute(): anchored to its input, or now and then not at all. */
static void emit_child(struct bolt *bolt, struct gust_task *task,
		       const struct gust_tuple *in, uint64_t node)
{
	struct world *world = bolt->member.world;
	struct oracle_emission emission = { .kind = ORACLE_CHILD,
					    .parents = &node,
					    .parent_count = 1 };
	struct gust_emission how = { .direct = -1 };
	uint32_t hops = (uint32_t)gust_integer(in, bolt->hops);
	bool loop = hops < world->hops_max && world_chance(world, 300);
	int stream = bolt_stream(bolt, loop);

	if (stream < 0 && loop)
		stream = bolt_stream(bolt, loop = false);
	if (stream < 0)
		return;
	if (world_chance(world, bolt_habits(bolt)->loose)) {
		emission.kind = ORACLE_LOOSE;
		how.kind = GUST_EMIT_UNANCHORED;
	}
	how.stream = (uint32_t)stream;
	emission.key = world_chance(world, 500)
			       ? (uint32_t)gust_integer(in, bolt->key)
			       : world_below(world, WORLD_KEYS);
	emission.hops = hops + (loop ? 1 : 0);
	if (emission.kind == ORACLE_LOOSE && hops >= WORLD_POISON)
		emission.hops = 0;
	emission.pad = world_below(world, bolt_habits(bolt)->pad + 1);
	member_emit(&bolt->member, task, &how, &emission);
}

/* An emit from outside of execute(): a tree of its own. */
static void emit_own(struct bolt *bolt, struct gust_task *task)
{
	struct world *world = bolt->member.world;
	struct oracle_emission emission = { .kind = ORACLE_DERIVED };
	struct gust_emission how = { .direct = -1 };
	int stream = bolt_stream(bolt, false);

	if (stream < 0 || world->budget == 0)
		return;
	world->budget--;
	how.stream = (uint32_t)stream;
	emission.key = world_below(world, WORLD_KEYS);
	emission.pad = world_below(world, bolt_habits(bolt)->pad + 1);
	member_emit(&bolt->member, task, &how, &emission);
}

static void maybe_emit_own(struct bolt *bolt, struct gust_task *task)
{
	if (bolt->own_left == 0 ||
	    !world_chance(bolt->member.world, bolt_habits(bolt)->own))
		return;
	bolt->own_left--;
	emit_own(bolt, task);
}

/* How a call ends that has emitted all its children. */
static int conclude(struct bolt *bolt, struct gust_task *task,
		    const struct gust_tuple *in, uint64_t node)
{
	const struct bolt_habits *h = bolt_habits(bolt);
	struct world *world = bolt->member.world;
	const uint32_t key = (uint32_t)gust_integer(in, bolt->key);

	if (key == h->poison_key || world_chance(world, h->fail)) {
		effects_spoil(bolt, key);
		oracle_failed(world->oracle, node);
		return world_chance(world, 500)
			       ? gust_fail(task, in, "failed on purpose")
			       : -EIO;
	}
	if (world_chance(world, h->dead)) {
		oracle_failed(world->oracle, node);
		return gust_dead_letter(task, in, "never will");
	}
	if (world_chance(world, h->reject)) {
		oracle_failed(world->oracle, node);
		return gust_reject(task, in, "no good");
	}
	if (bolt->kept_count < KEPT_MAX && world_chance(world, h->retain) &&
	    bolt_keep(bolt, task, in, node, false))
		return 0;
	if (bolt->kept_count < KEPT_MAX && world_chance(world, h->hold) &&
	    bolt_keep(bolt, task, in, node, true))
		return 0;
	if (bolt->batch_count < BATCH_MAX && world_chance(world, h->batch) &&
	    gust_batch_add(task, in) == 0) {
		bolt->batch[bolt->batch_count++] = node;
		gust_timer(task, 1000000, 8);
		return 0;
	}
	effects_done(bolt, node, key);
	return 0;
}

static void draw_children(struct bolt *bolt)
{
	const struct bolt_habits *h = bolt_habits(bolt);
	struct world *world = bolt->member.world;
	uint32_t children = world_below(world, h->children + 1);

	if (world_chance(world, h->burst_chance))
		children = h->burst;
	if (children > world->budget)
		children = (uint32_t)world->budget;
	world->budget -= children;
	bolt->children_left = children;
}

/* Whether the runtime has given up calling with the tuple that was wanted. */
static bool gave_up(struct bolt *bolt, uint64_t number)
{
	struct world *world = bolt->member.world;
	uint64_t waited = sim_now(world->sim) - bolt->repeat_since;

	if (sim_counters(world->sim, bolt->member.task)->executed ==
		    bolt->executed &&
	    bolt->repeat == number)
		return false;
	if (waited < world->plan.config.retry_max_ns)
		world_fail(world,
			   "tuple %" PRIu64 " came before %" PRIu64
			   ", which was wanted again",
			   number, bolt->repeat);
	oracle_failed(world->oracle, bolt->repeat_node);
	return true;
}

/* The first call with a tuple, or the same one again, as was asked for. */
static uint64_t begin(struct bolt *bolt, const struct gust_tuple *in)
{
	struct world *world = bolt->member.world;
	uint64_t number = (uint64_t)gust_integer(in, bolt->id);

	if (bolt->repeat != 0 && !gave_up(bolt, number))
		return bolt->repeat_node;
	bolt->repeat = 0;
	bolt->repeat_since = sim_now(world->sim);
	bolt->again_left = 0;
	if (world_chance(world, bolt_habits(bolt)->again))
		bolt->again_left = 1 + world_below(world, 4);
	draw_children(bolt);
	return oracle_begin(world->oracle, bolt->member.task, in, number,
			    (uint32_t)gust_integer(in, bolt->key));
}

static void check_pad(struct bolt *bolt, const struct gust_tuple *in)
{
	struct gust_text pad = gust_text(in, bolt->pad);
	char expected = (char)('a' + gust_integer(in, bolt->id) % 26);
	size_t i;

	for (i = 0; i < pad.length; i++)
		if (pad.data[i] != expected) {
			world_fail(bolt->member.world,
				   "tuple %" PRId64 " is damaged",
				   gust_integer(in, bolt->id));
			return;
		}
}

/* By chance, or because of the record that the tuple came of. */
static void maybe_die(struct bolt *bolt, const struct gust_tuple *in)
{
	struct world *world = bolt->member.world;

	if (world->plan.worker_count < 2)
		return;
	if (gust_integer(in, bolt->hops) >= WORLD_POISON)
		sim_die(world->sim);
	if (world->crashes_left == 0 ||
	    !world_chance(world, bolt_habits(bolt)->crash))
		return;
	world->crashes_left--;
	sim_die(world->sim);
}

static int execute(struct bolt *bolt, struct gust_task *task,
		   const struct gust_tuple *in)
{
	const struct bolt_habits *h = bolt_habits(bolt);
	struct world *world = bolt->member.world;
	uint64_t number = (uint64_t)gust_integer(in, bolt->id);
	uint64_t node;
	int r;

	check_pad(bolt, in);
	times_look(bolt, task, in);
	node = begin(bolt, in);
	world_trace(world, "task %u executes %" PRIu64 " as node %" PRIu64,
		    bolt->member.task, number, node);
	if (node == 0)
		return 0;
	/* A tree of another bolt may come round once more. */
	if (bolt->finished && !world->has_loop)
		world_fail(world, "task %u got a tuple after finish()",
			   bolt->member.task);
	bolt->repeat = number;
	bolt->repeat_node = node;
	if (world_chance(world, h->stall))
		sim_spend(world->sim,
			  world_below(world, (uint32_t)h->stall_ns));
	if (bolt->again_left > 0) {
		bolt->again_left--;
		effects_spoil(bolt, (uint32_t)gust_integer(in, bolt->key));
		return -EAGAIN;
	}
	maybe_die(bolt, in);
	while (bolt->children_left > 0) {
		if (h->more && gust_room(task) == 0)
			return GUST_MORE;
		bolt->children_left--;
		emit_child(bolt, task, in, node);
		if (h->more && world_chance(world, 100)) {
			effects_begin(bolt);
			return GUST_MORE;
		}
	}
	bolt->repeat = 0;
	effects_end(bolt);
	r = conclude(bolt, task, in, node);
	bolt->failing = r < 0;
	if (world_chance(world, h->settle))
		bolt_settle(bolt, task,
			    bolt->kept_count == KEPT_MAX ? BOLT_ALL
							 : BOLT_SOME);
	bolt->failing = false;
	return r;
}

static int bolt_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct bolt *bolt = self;
	int r;

	member_enter(&bolt->member);
	r = execute(bolt, task, in);
	bolt->executed =
		sim_counters(bolt->member.world->sim, bolt->member.task)
			->executed;
	world_trace(bolt->member.world, "task %u returns %d", bolt->member.task,
		    r);
	member_leave(&bolt->member);
	return r;
}

static int bolt_tick(void *self, struct gust_task *task)
{
	struct bolt *bolt = self;

	member_enter(&bolt->member);
	maybe_emit_own(bolt, task);
	if (world_chance(bolt->member.world, 200))
		bolt_settle(bolt, task, BOLT_SOME);
	member_leave(&bolt->member);
	return 0;
}

static int bolt_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct bolt *bolt = self;

	member_enter(&bolt->member);
	if (cookie >= TIMES_COOKIE)
		times_timer(bolt, task, cookie);
	else if (cookie != 7 && cookie != 8)
		world_fail(bolt->member.world, "a timer's cookie is wrong");
	maybe_emit_own(bolt, task);
	if (bolt->kept_count > 0 && world_chance(bolt->member.world, 200))
		gust_reset_timeout(task, bolt->kept[0].tuple);
	if (world_chance(bolt->member.world, 100))
		gust_wake(task);
	bolt_settle(bolt, task, BOLT_SOME);
	member_leave(&bolt->member);
	return 0;
}

static int bolt_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct bolt *bolt = self;

	member_enter(&bolt->member);
	if (fd >= 0 && (fd != 1000 + (int)bolt->member.task || events != 1))
		world_fail(bolt->member.world, "the wrong descriptor is ready");
	maybe_emit_own(bolt, task);
	if (fd >= 0 && --bolt->watched == 0)
		gust_watch(task, fd, 0);
	member_leave(&bolt->member);
	return 0;
}

static int bolt_idle(void *self, struct gust_task *task)
{
	struct bolt *bolt = self;

	member_enter(&bolt->member);
	if (bolt_habits(bolt)->idle_settles)
		bolt_settle(bolt, task, BOLT_SOME);
	member_leave(&bolt->member);
	return world_chance(bolt->member.world, 20) ? -EAGAIN : 0;
}

/* What flush() and finish() return. */
static int draw_answer(struct bolt *bolt)
{
	if (world_chance(bolt->member.world, 50))
		return -EAGAIN;
	return world_chance(bolt->member.world, 50) ? GUST_MORE : 0;
}

static int bolt_flush(void *self, struct gust_task *task)
{
	struct bolt *bolt = self;

	member_enter(&bolt->member);
	world_trace(bolt->member.world, "task %u is flushed",
		    bolt->member.task);
	/* It may keep what came of an attempt that was lost. */
	if (bolt->finished && !bolt->member.world->has_loop &&
	    bolt->member.world->deaths == 0)
		world_fail(bolt->member.world, "flush() came after finish()");
	bolt->flushed = true;
	if (++bolt->flushes == FLUSHES_MAX && !bolt->member.world->has_loop)
		world_fail(bolt->member.world, "task %u was flushed %u times",
			   bolt->member.task, FLUSHES_MAX);
	/* What is retained may end a little later, by its timer. */
	if (!bolt->finished && world_chance(bolt->member.world, 300))
		bolt_settle(bolt, task, BOLT_HELD);
	else
		bolt_settle(bolt, task, BOLT_ALL);
	maybe_emit_own(bolt, task);
	member_leave(&bolt->member);
	return draw_answer(bolt);
}

static int bolt_finish(void *self, struct gust_task *task)
{
	struct bolt *bolt = self;
	int r;

	member_enter(&bolt->member);
	world_trace(bolt->member.world, "task %u finishes", bolt->member.task);
	if ((bolt->finished && !bolt->finish_again) || !bolt->flushed)
		world_fail(bolt->member.world,
			   "finish() came too early or twice to task %u",
			   bolt->member.task);
	bolt->finished = true;
	if (bolt_habits(bolt)->finish_emits)
		emit_own(bolt, task);
	member_leave(&bolt->member);
	r = draw_answer(bolt);
	bolt->finish_again = r != 0;
	return r;
}

static void bolt_close(void *self)
{
	struct bolt *bolt = self;
	struct world *world = bolt->member.world;

	if (bolt->member.closed)
		world_fail(world, "close() came twice");
	bolt->member.closed = true;
	if (!world->aborted && !world_has_died(world, bolt->member.task) &&
	    (!bolt->finished || bolt->finish_again))
		world_fail(world, "task %u was closed, but not finished",
			   bolt->member.task);
}

const struct gust_bolt world_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "bolt",
	.summary = "misbehaves by chance",
	.instance_size = sizeof(struct bolt),
	.open = bolt_open,
	.execute = bolt_execute,
	.tick = bolt_tick,
	.timer = bolt_timer,
	.ready = bolt_ready,
	.idle = bolt_idle,
	.flush = bolt_flush,
	.finish = bolt_finish,
	.close = bolt_close,
};
