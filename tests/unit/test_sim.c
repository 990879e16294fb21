/* SPDX-License-Identifier: MIT */

#include "stage.h"

/* Two executors, and a world in which much may happen in any order. */
static void run_world(struct stage *stage, uint64_t seed)
{
	stage_init(stage, DEED_LATER);
	stage->deeds[1] = DEED_ACK;
	stage->deeds[2] = DEED_FAIL;
	stage->deeds[3] = DEED_ACK;
	stage->deed_count = 4;
	stage->delay = 5 * MS;
	stage->records = 200;
	stage->plan.config.executors = 2;
	stage->plan.config.credit_bytes = 500;
	stage->components[1].executor = 1;
	stage->world.seed = seed;
	stage->world.clock_ns = 10000;
	stage->world.delay_ns = MS;
	stage->world.full_ns = 10 * MS;
	stage->world.full_chance = 50;
	stage->world.store_ns = MS;
	stage->world.store_fail = 200;
	stage->world.leap_chance = 20;
	stage->world.spurious = 20;
	stage_run(stage);
}

TEST(the_same_seed_gives_the_same_run)
{
	static struct stage a, b;

	run_world(&a, 7);
	run_world(&b, 7);
	CHECK_UINT(b.ended, a.ended);
	CHECK_MEM(&b.usage, sizeof(b.usage), &a.usage, sizeof(a.usage));
	CHECK_MEM(b.calls, sizeof(b.calls), a.calls, sizeof(a.calls));
}

TEST(another_seed_gives_another_run)
{
	static struct stage a, b;

	run_world(&a, 7);
	run_world(&b, 8);
	CHECK(a.ended != b.ended);
	CHECK(memcmp(a.calls, b.calls, sizeof(a.calls)) != 0);
}

TEST(time_leaps_over_what_nobody_waits_for)
{
	struct stage stage;

	stage_init(&stage, DEED_ACK);
	stage.records = 2;
	stage.pause = 3600 * CLOCK_NS_PER_S;
	stage_run(&stage);
	CHECK(stage.ended >= 3600 * CLOCK_NS_PER_S);
	/* Positions and timeouts are looked after on the way. */
	CHECK(stage.usage.events < 100000);
}

TEST(a_letter_that_cannot_be_stored_is_tried_again)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_FAIL);
	stage.records = 20;
	stage.plan.config.replay_max_attempts = 1;
	stage.world.store_fail = 700;
	c = stage_run(&stage);
	CHECK_UINT(c.dead_lettered, 20);
	CHECK_UINT(stage.letters, 20);
}
