/* SPDX-License-Identifier: MIT */

/*
 * Event time over a whole topology on a simulated clock: two spout tasks, two
 * that pass on, fail and retain, and two that look at what comes. No seed may
 * make a tuple late that is within the lag, however often it is tried again.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/stamp.h"
#include "sim/sim.h"
#include "test.h"

#define MS ((int64_t)CLOCK_NS_PER_MS)
#define S (1000 * MS)
#define TASKS 2
#define TIMERS 4096
#define TEXT 32

struct scene {
	struct plan plan;
	struct plan_component components[3];
	struct plan_stream streams[2];
	struct plan_edge edges[2];
	struct plan_timestamp timestamp;
	struct sim_config world;
	struct sim *sim;

	/* What the test says. */
	uint32_t records; /* of each spout task */
	int64_t begin, lag;
	uint32_t fail, retain; /* of 100 calls */
	bool silent;           /* the second spout task says little */
	uint32_t returns;      /* but so much more, from 100 s on */
	bool dies;             /* workers do */
	uint32_t bad;          /* that record is no time */

	/* What was seen. */
	struct random random;
	uint32_t seen, late, fired, unfired, back, wrong, early;
	uint32_t swapped; /* timers out of order */
	uint64_t died;
	int64_t reached; /* the last timer, while one is silent */
	int64_t last;    /* the same before all have ended */
};

struct actor {
	struct scene *scene;
	uint32_t emitted;
	const struct gust_tuple *kept[64];
	int64_t watermark;
	int64_t last_timer;
	uint32_t timers;
	bool flushed;
};

static bool chance(struct scene *scene, uint32_t of100)
{
	return random_below(&scene->random, 100) < of100;
}

/* The second spout task has said nothing for long, and now it does again: a
 * record each 100 ms, of one second after the other. */
static int spout_return(struct actor *actor, struct gust_task *task)
{
	const uint64_t n = actor->emitted - 2;
	const uint64_t due = 100 * (uint64_t)S + n * 100 * (uint64_t)MS;

	if (actor->emitted == 2 + actor->scene->returns)
		return GUST_DONE;
	if (gust_now(task) < due)
		return gust_wait_until(task, due);
	actor->emitted++;
	gust_emit(task, gust_int((int64_t)n * S / MS));
	return GUST_EMITTED;
}

static int spout_next(void *self, struct gust_task *task)
{
	struct actor *actor = self;
	struct scene *scene = actor->scene;
	bool silent = scene->silent && gust_task_index(task) == 1;
	uint32_t records = silent ? 2 : scene->records;
	int64_t time;

	if (silent && actor->emitted >= 2)
		return spout_return(actor, task);
	if (actor->emitted == records)
		return GUST_DONE;
	if (silent && actor->emitted == 1 && gust_now(task) < 100 * S)
		return gust_wait_until(task, 100 * S);
	time = scene->begin + (int64_t)actor->emitted * 10;
	if (scene->lag > 0)
		time -= (int64_t)random_below(&scene->random,
					      (uint32_t)(scene->lag / MS) + 1);
	if (++actor->emitted == scene->bad)
		time = INT64_MAX;
	gust_emit(task, gust_int(time));
	return GUST_EMITTED;
}

/* As a short text, which is packed: its time has to come along all the same. */
static struct gust_value pass_text(const struct gust_tuple *in, char *text)
{
	const int n = snprintf(text, TEXT, "%lld",
			       (long long)gust_value_at(in, 0).as.integer);

	return gust_string(text, (size_t)n);
}

static int pass_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct actor *actor = self;
	struct scene *scene = actor->scene;
	uint64_t slot = random_below(&scene->random, 64);
	char text[TEXT];

	if (chance(scene, scene->fail))
		return -EIO;
	if (chance(scene, scene->retain) && actor->kept[slot] == NULL) {
		actor->kept[slot] = gust_retain(task, in);
		return gust_timer(task, random_below(&scene->random, S), slot);
	}
	return gust_emit(task, pass_text(in, text));
}

static int pass_timer(void *self, struct gust_task *task, uint64_t slot)
{
	struct actor *actor = self;
	const struct gust_tuple *kept = actor->kept[slot];
	char text[TEXT];

	actor->kept[slot] = NULL;
	gust_emit_anchored(task, 0, &kept, 1, pass_text(kept, text));
	gust_ack(task, kept);
	return 0;
}

static void look_at_watermark(struct actor *actor, struct gust_task *task)
{
	int64_t now = gust_watermark(task);

	actor->scene->back += now < actor->watermark;
	actor->watermark = now;
}

static int look_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct actor *actor = self;
	struct scene *scene = actor->scene;
	int64_t time = gust_time(task, in);

	look_at_watermark(actor, task);
	scene->seen++;
	scene->late += time < gust_watermark(task);
	scene->wrong += time != atoll(gust_value_at(in, 0).as.data) * MS;
	if (gust_timer_at(task, time + S, (uint64_t)(time + S)) == 0)
		actor->timers++;
	if (chance(scene, scene->fail))
		return -EIO;
	return 0;
}

static int look_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct actor *actor = self;
	struct scene *scene = actor->scene;
	int64_t time = (int64_t)cookie;

	look_at_watermark(actor, task);
	scene->early += time > actor->watermark || actor->flushed;
	scene->swapped += time < actor->last_timer;
	scene->fired++;
	actor->last_timer = time;
	actor->timers--;
	if (gust_now(task) < 90 * S && time > scene->reached)
		scene->reached = time;
	if (actor->watermark != INT64_MAX && time > scene->last)
		scene->last = time;
	return 0;
}

static int look_flush(void *self, struct gust_task *task)
{
	struct actor *actor = self;

	actor->flushed = true;
	actor->scene->unfired += actor->timers;
	actor->scene->wrong += gust_watermark(task) != INT64_MAX;
	return 0;
}

static const struct gust_column columns[] = { { "at", GUST_INT },
					      { NULL, GUST_NULL } };
static const struct gust_column texts[] = { { "at", GUST_STRING },
					    { NULL, GUST_NULL } };
static const struct gust_spout spout = {
	.name = "spout",
	.instance_size = sizeof(struct actor),
	.next = spout_next,
};
static const struct gust_bolt pass = {
	.name = "pass",
	.instance_size = sizeof(struct actor),
	.execute = pass_execute,
	.timer = pass_timer,
};
static const struct gust_bolt look = {
	.name = "look",
	.instance_size = sizeof(struct actor),
	.execute = look_execute,
	.timer = look_timer,
	.flush = look_flush,
};

static void scene_init(struct scene *scene, uint64_t seed)
{
	struct plan_config *config = &scene->plan.config;
	struct plan_component *c = scene->components;

	memset(scene, 0, sizeof(*scene));
	random_seed(&scene->random, seed + 1);
	scene->world.seed = seed + 1;
	scene->world.clock_ns = 1000;
	scene->world.delay_ns = seed % 3 == 0 ? 0 : 20 * CLOCK_NS_PER_MS;
	scene->records = 300;
	config->executors = 1 + (uint32_t)(seed % 3);
	config->workers = 1 + (uint32_t)(seed % 4 == 3);
	config->message_timeout_ns = 30 * (uint64_t)S;
	config->message_timeout_max_ns = 600 * (uint64_t)S;
	config->replay_max_attempts = 20;
	config->replay_backoff_ns = 10 * (uint64_t)MS;
	config->replay_hold_ns = 3600 * (uint64_t)S;
	config->retry_max_ns = 600 * (uint64_t)S;
	config->memory_max_bytes = 1 << 28;
	config->tuple_max_bytes = 1 << 20;
	config->drain_timeout_ns = 30 * (uint64_t)S;
	config->state_commit_ns = 100 * (uint64_t)MS;
	config->acking = true;
	for (int i = 0; i < 3; i++) {
		c[i].executor = -1;
		c[i].task_count = TASKS;
		c[i].message_timeout_ns = config->message_timeout_ns;
		c[i].max_spout_pending = 50;
		c[i].stream_count = i < 2;
		c[i].first_stream = (uint32_t)i;
		c[i].kind = i == 0 ? PLAN_SPOUT : PLAN_BOLT;
	}
	c[0].id = "source";
	c[0].spout = &spout;
	c[0].replay = GUST_REPLAY_RECORD;
	c[0].timestamp = &scene->timestamp;
	c[1].id = "middle";
	c[1].bolt = &pass;
	c[2].id = "sink";
	c[2].bolt = &look;
	scene->timestamp.field = "at";
	for (uint32_t i = 0; i < 2; i++) {
		scene->streams[i].name = "default";
		scene->streams[i].component = i;
		scene->streams[i].columns = i == 0 ? columns : texts;
		scene->streams[i].column_count = 1;
		scene->edges[i].stream = i;
		scene->edges[i].from = i;
		scene->edges[i].to = i + 1;
	}
	scene->plan.name = "scene";
	scene->plan.components = c;
	scene->plan.component_count = 3;
	scene->plan.streams = scene->streams;
	scene->plan.stream_count = 2;
	scene->plan.edges = scene->edges;
	scene->plan.edge_count = 2;
}

/* Runs to the end; returns the counters of the first spout task. */
static struct task_counters scene_run(struct scene *scene)
{
	struct actor actor = { .scene = scene,
			       .watermark = INT64_MIN,
			       .last_timer = INT64_MIN };
	struct gust_error error = { 0 };
	enum sim_state state = SIM_RUNNING;
	struct task_counters counters;
	struct stamp *stamp;

	for (int i = 0; i < 3; i++) {
		scene->components[i].instance = &actor;
		scene->components[i].instance_size = sizeof(actor);
	}
	scene->timestamp.lag_ns = scene->lag;
	CHECK_INT(stamp_open("ms", GUST_INT, NULL, &stamp, &error), 0);
	scene->timestamp.stamp = stamp;
	CHECK_INT(plan_derive(&scene->plan, &error), 0);
	CHECK_INT(sim_create(&scene->plan, &scene->world, NULL, &scene->sim,
			     &error),
		  0);
	for (uint32_t i = 0; i < 10000000 && state == SIM_RUNNING; i++)
		state = sim_step(scene->sim);
	CHECK_INT(state, SIM_DONE);
	counters = *sim_counters(scene->sim, 0);
	scene->died = sim_usage(scene->sim)->deaths;
	CHECK_UINT(sim_destroy(scene->sim), 0);
	plan_fini_derived(&scene->plan);
	stamp_close(stamp);
	/* What is late has timers that are late. */
	CHECK(scene->swapped == 0 || scene->late > 0);
	CHECK_UINT(scene->back, 0);
	CHECK_UINT(scene->wrong, 0);
	CHECK_UINT(scene->early, 0);
	CHECK_UINT(scene->unfired, 0);
	CHECK(scene->dies || scene->fired == scene->seen);
	return counters;
}

TEST(what_is_tried_again_is_not_late)
{
	struct scene scene;
	uint64_t retries = 0;

	for (uint64_t seed = 0; seed < 60; seed++) {
		scene_init(&scene, seed);
		scene.lag = seed % 5 == 0 ? 0 : 200 * MS;
		scene.begin = seed % 2 == 0 ? -1000 : 1795219200000;
		scene.fail = 10;
		scene.retain = seed % 7 < 4 ? 20 : 0;
		scene_run(&scene);
		CHECK_UINT(scene.late, 0);
		retries += scene.seen - TASKS * scene.records;
	}
	CHECK(retries > 1000);
}

/* Or the test above would show nothing. */
TEST(without_a_hold_it_is)
{
	struct scene scene;
	uint32_t late = 0;

	for (uint64_t seed = 0; seed < 10; seed++) {
		scene_init(&scene, seed);
		scene.plan.config.replay_hold_ns = 0;
		scene.fail = 10;
		scene_run(&scene);
		late += scene.late;
	}
	CHECK(late > 100);
}

TEST(a_silent_source_is_left_out)
{
	struct scene scene;

	for (uint64_t seed = 0; seed < 20; seed++) {
		scene_init(&scene, seed);
		scene.silent = true;
		scene_run(&scene);
		CHECK_INT(scene.reached, 0);
		scene_init(&scene, seed);
		scene.silent = true;
		scene.timestamp.idle_ns = (uint64_t)S;
		scene_run(&scene);
		/* A second later than a tuple, and the last one is at 2.99. */
		CHECK_INT(scene.reached, 2990 * MS);
	}
}

/*
 * What it says at first is late, since the watermark does not go back; then the
 * watermark waits for it again: of what is newer nothing is late, although the
 * other source has ended long ago.
 */
TEST(a_silent_source_returns)
{
	struct scene scene;

	for (uint64_t seed = 0; seed < 20; seed++) {
		scene_init(&scene, seed);
		scene.silent = true;
		scene.returns = 8;
		scene.timestamp.idle_ns = (uint64_t)S;
		scene_run(&scene);
		CHECK_UINT(scene.seen, scene.records + 2 + scene.returns);
		/* That of 0.01 s, and those of 0, 1 and 2 s. */
		CHECK_UINT(scene.late, 4);
		/* A second later than a tuple, when that of 7 s has come. */
		CHECK_INT(scene.last, 7 * S);
	}
}

/* It goes back in no life of a task, and it goes on in the next one. */
TEST(workers_die)
{
	struct scene scene;
	uint64_t died = 0;

	for (uint64_t seed = 0; seed < 40; seed++) {
		scene_init(&scene, seed);
		scene.plan.config.workers = 3;
		scene.world.delay_ns = CLOCK_NS_PER_MS;
		scene.world.deaths = 3;
		scene.world.death_ns = 500 * CLOCK_NS_PER_MS;
		scene.world.restart_ns = 100 * CLOCK_NS_PER_MS;
		scene.world.failure_ns = 0;
		scene.dies = true;
		scene.fail = 5;
		scene.retain = 20;
		scene_run(&scene);
		CHECK(scene.fired > 0);
		died += scene.died;
	}
	CHECK(died > 20);
}

TEST(what_has_no_time_is_rejected)
{
	struct task_counters c;
	struct scene scene;

	scene_init(&scene, 1);
	scene.bad = 7;
	c = scene_run(&scene);
	CHECK_UINT(c.roots, 300);
	CHECK_UINT(c.rejected, 1);
	CHECK_UINT(c.trees_acked, 299);
	CHECK_UINT(scene.seen, 598);
}
