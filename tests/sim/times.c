/* SPDX-License-Identifier: MIT */

#include "times.h"

#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/stamp.h"

#define MS CLOCK_NS_PER_MS

static void draw_timestamp(struct world *world, struct random *random,
			   uint32_t component)
{
	static const int64_t lags[] = { 0, 0, 5, 1000 };
	static const uint64_t idles[] = { 0, 0, 0, 10, 1000 };
	struct plan_timestamp *timestamp = &world->timestamps[component];
	uint64_t idle = idles[random_below(random, 5)];

	timestamp->field = "id";
	timestamp->stamp = world->stamp;
	timestamp->lag_ns = lags[random_below(random, 4)] * (int64_t)MS;
	timestamp->idle_ns = idle * MS;
	world->components[component].timestamp = timestamp;
	/* A source that comes back may be late. */
	world->punctual = world->punctual && idle == 0;
}

/* Nothing that makes a tuple late by right. */
static bool is_plain(const struct world *world)
{
	for (uint32_t i = 0; i < world->plan.component_count; i++)
		if (world->bolts[i].hold > 0 || world->bolts[i].batch > 0)
			return false;
	return !world->has_loop && world->plan.config.acking;
}

static bool has_windows(const struct world *world)
{
	for (uint32_t i = 0; i < world->plan.component_count; i++)
		if (world->components[i].window != NULL)
			return true;
	return false;
}

/* What is held may come too late, and what comes of nothing has no time. */
static void make_plain(struct world *world)
{
	for (uint32_t i = 0; i < world->plan.component_count; i++) {
		world->bolts[i].hold = 0;
		world->bolts[i].batch = 0;
		world->bolts[i].own = 0;
		world->bolts[i].finish_emits = false;
	}
}

/* The oracle of windows knows of no late tuples. */
static void draw_windowed(struct world *world, struct random *random)
{
	make_plain(world);
	for (uint32_t i = 0; i < world->plan.component_count; i++) {
		if (world->components[i].kind == PLAN_SPOUT)
			draw_timestamp(world, random, i);
		world->timestamps[i].idle_ns = 0;
	}
	world->punctual = true;
}

static void draw_any(struct world *world, struct random *random)
{
	if (random_below(random, 2) == 0)
		make_plain(world);
	world->punctual = is_plain(world);
	for (uint32_t i = 0; i < world->plan.component_count; i++) {
		if (world->components[i].kind == PLAN_SPOUT) {
			if (random_below(random, 1000) < 800)
				draw_timestamp(world, random, i);
		} else if (random_below(random, 1000) < 50) {
			draw_timestamp(world, random, i);
			world->punctual = false;
		}
	}
}

void times_draw(struct world *world)
{
	struct random random;
	int r;

	random_seed(&random, world->seed * 2 + 1);
	world->timed = random_below(&random, 1000) < 250;
	if (has_windows(world) &&
	    (world->has_loop || !world->plan.config.acking ||
	     world->plan.config.workers > 1))
		world->timed = false;
	if (!world->timed)
		return;
	r = stamp_open("ms", GUST_INT, NULL, &world->stamp, NULL);
	assert(r == 0);
	/* All attempts are made in less. */
	world->plan.config.replay_hold_ns = 36000000 * MS;
	if (has_windows(world))
		draw_windowed(world, &random);
	else
		draw_any(world, &random);
}

void times_fini(struct world *world)
{
	stamp_close(world->stamp);
}

/* It is INT64_MAX between a FLUSH and what is replayed after it. */
static int64_t look_at_watermark(struct bolt *bolt, struct gust_task *task)
{
	int64_t now = gust_watermark(task);

	if (now == INT64_MAX)
		return now;
	if (bolt->looked && now < bolt->watermark)
		world_fail(bolt->member.world,
			   "the watermark of task %u goes back from %" PRId64
			   " to %" PRId64,
			   bolt->member.task, bolt->watermark, now);
	bolt->looked = true;
	bolt->watermark = now;
	return now;
}

void times_look(struct bolt *bolt, struct gust_task *task,
		const struct gust_tuple *in)
{
	struct world *world = bolt->member.world;
	const struct plan_component *component =
		&world->components[bolt->member.component];
	int64_t now, time;

	if (!world->timed || !component->timed) {
		if (in->time != GUST_NO_TIME)
			world_fail(world, "a tuple has a time from nowhere");
		return;
	}
	now = look_at_watermark(bolt, task);
	time = gust_time(task, in);
	if (time == GUST_NO_TIME)
		return;
	/* What waits for a commit is held, which lets the watermark pass, and
	 * fails if that does. */
	if (world->punctual && world->deaths == 0 &&
	    world->sim_config.commit_fail == 0 && now != INT64_MAX &&
	    time < now)
		world_fail(world,
			   "tuple %" PRId64 " of %" PRId64 " is late at task "
			   "%u, whose watermark is %" PRId64,
			   gust_integer(in, bolt->id), time, bolt->member.task,
			   now);
	if (gust_integer(in, bolt->id) % 8 == 0) {
		time += gust_integer(in, bolt->key) * (int64_t)MS;
		if (gust_timer_at(task, time, TIMES_COOKIE + (uint64_t)time) !=
		    0)
			world_fail(world, "an event timer has no room");
	}
}

void times_timer(struct bolt *bolt, struct gust_task *task, uint64_t cookie)
{
	int64_t time = (int64_t)(cookie - TIMES_COOKIE);

	if (time > look_at_watermark(bolt, task))
		world_fail(bolt->member.world,
			   "an event timer of task %u comes too early",
			   bolt->member.task);
}
