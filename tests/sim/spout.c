/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "oracle.h"
#include "world.h"

#define RECORDS_MAX 4096
#define SOURCES_MAX 2

/* A record of a spout that replays by itself. */
struct own_record {
	uint64_t tuple; /* its last emit; 0: none yet */
	bool open;
	bool failed; /* is to be emitted again */
};

struct spout {
	struct member member; /* first */
	uint32_t next;        /* record */
	struct {
		uint32_t number; /* of the runtime */
		uint32_t world;  /* of the world */
		uint64_t offset; /* of the next record */
	} sources[SOURCES_MAX];
	struct own_record own[RECORDS_MAX];
	uint32_t failed; /* of them */
	bool watching;
	uint64_t waits_until; /* next() must not be called before; 0 */
	bool woken;
};

static const struct spout_habits *habits(const struct spout *spout)
{
	return &spout->member.world->spouts[spout->member.component];
}

static int open_source(struct spout *spout, struct gust_task *task, uint32_t i)
{
	struct world *world = spout->member.world;
	struct world_source *source;
	char name[32];
	int r;

	snprintf(name, sizeof(name), "%s-%u-%u",
		 world->ids[spout->member.component], gust_task_index(task), i);
	source = world_source(world, spout->member.component, name,
			      habits(spout)->records);
	spout->sources[i].world = (uint32_t)(source - world->sources);
	r = gust_source(task, name, &spout->sources[i].number,
			&spout->sources[i].offset);
	if (r == 0 && spout->sources[i].offset != source->stored)
		world_fail(world,
			   "source '%s' begins at %" PRIu64
			   ", expected %" PRIu64,
			   name, spout->sources[i].offset, source->stored);
	return r;
}

static int spout_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct spout *spout = self;
	uint32_t i;
	int r = 0;

	spout->member.task =
		spout->member.world->components[spout->member.component]
			.first_task +
		gust_task_index(task);
	spout->member.opened = true;
	spout->next = spout->member.world->progressed[spout->member.task];
	if (habits(spout)->replay != GUST_REPLAY_POSITION)
		return 0;
	for (i = 0; r == 0 && i < habits(spout)->sources; i++)
		r = open_source(spout, task, i);
	return r == 0 ? 0 : gust_error_set(error, r, "no source");
}

static void draw_root(struct spout *spout, struct gust_emission *how,
		      struct oracle_emission *emission)
{
	struct world *world = spout->member.world;
	const struct plan_component *component =
		&world->components[spout->member.component];

	memset(how, 0, sizeof(*how));
	memset(emission, 0, sizeof(*emission));
	how->direct = -1;
	how->stream = world_below(world, component->stream_count);
	emission->kind = ORACLE_ROOT;
	emission->key = world_below(world, WORLD_KEYS);
	emission->pad = world_below(world, habits(spout)->pad + 1);
}

static bool emit_positioned(struct spout *spout, struct gust_task *task)
{
	struct world *world = spout->member.world;
	struct oracle_emission emission;
	struct gust_emission how;
	uint32_t i, at, start = world_below(world, SOURCES_MAX);

	for (i = 0; i < habits(spout)->sources; i++) {
		at = (start + i) % habits(spout)->sources;
		if (spout->sources[at].offset < habits(spout)->records)
			break;
	}
	if (i == habits(spout)->sources)
		return false;
	draw_root(spout, &how, &emission);
	how.kind = GUST_EMIT_AT;
	how.source = spout->sources[at].number;
	how.offset = spout->sources[at].offset++;
	how.next = how.offset + 1;
	emission.source = spout->sources[at].world + 1;
	emission.offset = how.offset;
	if (how.offset == world->poison)
		emission.hops = WORLD_POISON;
	member_emit(&spout->member, task, &how, &emission);
	return true;
}

static bool emit_own(struct spout *spout, struct gust_task *task)
{
	struct world *world = spout->member.world;
	struct oracle_emission emission;
	struct gust_emission how;
	struct own_record *record;
	uint32_t id = 0;

	draw_root(spout, &how, &emission);
	if (spout->failed > 0) {
		while (!spout->own[id].failed)
			id++;
		spout->own[id].failed = false;
		spout->failed--;
		emission.again = true;
		oracle_supersede(world->oracle, spout->own[id].tuple);
	} else if (spout->next < habits(spout)->records) {
		id = spout->next++;
		world->progressed[spout->member.task] = spout->next;
	} else {
		return false;
	}
	record = &spout->own[id];
	record->open = true;
	how.kind = GUST_EMIT_ID;
	how.id = id;
	emission.own = &record->tuple;
	if (id == world->poison)
		emission.hops = WORLD_POISON;
	member_emit(&spout->member, task, &how, &emission);
	return true;
}

static bool emit_plain(struct spout *spout, struct gust_task *task)
{
	struct oracle_emission emission;
	struct gust_emission how;

	if (spout->next >= habits(spout)->records)
		return false;
	spout->next++;
	spout->member.world->progressed[spout->member.task] = spout->next;
	draw_root(spout, &how, &emission);
	if (spout->next - 1 == spout->member.world->poison)
		emission.hops = WORLD_POISON;
	member_emit(&spout->member, task, &how, &emission);
	return true;
}

/* Records that are no trees, in between. */
static void emit_aside(struct spout *spout, struct gust_task *task)
{
	struct world *world = spout->member.world;
	struct oracle_emission emission;
	struct gust_emission how;

	if (world_chance(world, habits(spout)->loose)) {
		draw_root(spout, &how, &emission);
		how.kind = GUST_EMIT_UNANCHORED;
		emission.kind = ORACLE_LOOSE;
		member_emit(&spout->member, task, &how, &emission);
	}
	if (world_chance(world, habits(spout)->reject)) {
		oracle_reject_record(world->oracle, spout->member.task);
		gust_reject_record(task, "bad", 3, "cannot be read");
	}
}

static bool emit_record(struct spout *spout, struct gust_task *task)
{
	switch (habits(spout)->replay) {
	case GUST_REPLAY_POSITION:
		return emit_positioned(spout, task);
	case GUST_REPLAY_OWN:
		return emit_own(spout, task);
	default:
		return emit_plain(spout, task);
	}
}

/* Returns GUST_WAIT in one of the four ways to be called again. */
static int wait_somehow(struct spout *spout, struct gust_task *task)
{
	struct world *world = spout->member.world;
	uint64_t delay = 1 + world_below(world, 20000000);

	switch (world_below(world, 4)) {
	case 0:
		gust_timer(task, delay, 9);
		return GUST_WAIT;
	case 1:
		spout->waits_until = gust_now(task) + delay;
		spout->woken = false;
		return gust_wait_until(task, spout->waits_until);
	case 2:
		gust_wake(task);
		return GUST_WAIT;
	default:
		spout->watching = true;
		gust_watch(task, 2000 + (int)spout->member.task, 1);
		return GUST_WAIT;
	}
}

/* next() is not called while too many trees are open that are not held. */
static void check_pending(const struct spout *spout)
{
	struct world *world = spout->member.world;
	uint64_t limit =
		world->components[spout->member.component].max_spout_pending;
	const struct task_counters *c =
		sim_counters(world->sim, spout->member.task);

	if (limit > 0 && c->open_trees - c->held_trees >= limit)
		world_fail(world,
			   "next() of task %u came with %" PRIu64 " trees "
			   "open and %" PRIu64 " held",
			   spout->member.task, c->open_trees, c->held_trees);
}

static int next(struct spout *spout, struct gust_task *task)
{
	struct world *world = spout->member.world;
	uint32_t count = 1 + world_below(world, habits(spout)->at_once);

	check_pending(spout);
	if (spout->waits_until > sim_now(world->sim) && !spout->woken)
		world_fail(world, "next() came before its time");
	spout->waits_until = 0;
	if (world_chance(world, habits(spout)->broken)) {
		world->stopped = true;
		return -EIO;
	}
	if (world_chance(world, habits(spout)->wait))
		return wait_somehow(spout, task);
	emit_aside(spout, task);
	while (count-- > 0)
		if (!emit_record(spout, task))
			return GUST_DONE;
	return GUST_EMITTED;
}

static int spout_next(void *self, struct gust_task *task)
{
	struct spout *spout = self;
	int r;

	member_enter(&spout->member);
	r = next(spout, task);
	world_trace(spout->member.world, "task %u: next() returns %d",
		    spout->member.task, r);
	member_leave(&spout->member);
	return r;
}

static struct own_record *open_record(struct spout *spout, uint64_t id,
				      const char *what)
{
	struct world *world = spout->member.world;

	world_trace(world, "task %u: %s(%" PRIu64 ")", spout->member.task, what,
		    id);
	spout->woken = true;
	if (id < RECORDS_MAX && spout->own[id].open)
		return &spout->own[id];
	world_fail(world, "task %u: %s(%" PRIu64 ") of what is not open",
		   spout->member.task, what, id);
	return NULL;
}

static void spout_ack(void *self, struct gust_task *task, uint64_t id)
{
	struct spout *spout = self;
	struct own_record *record;

	(void)task;
	member_enter(&spout->member);
	record = open_record(spout, id, "ack");
	if (record != NULL) {
		record->open = false;
		if (spout->member.world->plan.config.acking &&
		    !oracle_ended(spout->member.world->oracle, record->tuple))
			world_fail(spout->member.world,
				   "ack(%" PRIu64 ") came before tuple %" PRIu64
				   " was complete",
				   id, record->tuple);
	}
	member_leave(&spout->member);
}

static void spout_fail(void *self, struct gust_task *task, uint64_t id)
{
	struct spout *spout = self;
	struct own_record *record;

	(void)task;
	member_enter(&spout->member);
	record = open_record(spout, id, "fail");
	if (record != NULL) {
		record->open = false;
		record->failed = true;
		spout->failed++;
	}
	member_leave(&spout->member);
}

static int spout_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct spout *spout = self;

	(void)task;
	member_enter(&spout->member);
	spout->woken = true;
	if (cookie != 9)
		world_fail(spout->member.world, "a timer's cookie is wrong");
	member_leave(&spout->member);
	return 0;
}

static int spout_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct spout *spout = self;

	(void)events;
	member_enter(&spout->member);
	spout->woken = true;
	if (fd >= 0 && spout->watching) {
		spout->watching = false;
		gust_watch(task, fd, 0);
	}
	member_leave(&spout->member);
	return 0;
}

static void spout_close(void *self)
{
	struct spout *spout = self;

	if (spout->member.closed)
		world_fail(spout->member.world, "close() came twice");
	spout->member.closed = true;
}

const struct gust_spout world_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "spout",
	.summary = "emits by chance",
	.instance_size = sizeof(struct spout),
	.open = spout_open,
	.next = spout_next,
	.ack = spout_ack,
	.fail = spout_fail,
	.timer = spout_timer,
	.ready = spout_ready,
	.close = spout_close,
};
