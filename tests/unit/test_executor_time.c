/* SPDX-License-Identifier: MIT */

/* Timeouts, and what keeps its time beside calls that last. */

#include "stage.h"

TEST(every_way_to_end)
{
	static const struct {
		enum deed deeds[4];
		uint32_t deed_count;
		uint64_t delay_ms;
		uint64_t attempts, timed_out, acked, dead;
		const char *reason;
	} cases[] = {
		{ { DEED_ACK }, 1, 0, 1, 0, 1, 0, "" },
		{ { DEED_FAIL }, 1, 0, 3, 0, 0, 1, "Input/output error" },
		{ { DEED_FAIL, DEED_ACK }, 2, 0, 2, 0, 1, 0, "" },
		/* A lost ack times out and says who has it. */
		{ { DEED_FORGET }, 1, 0, 3, 3, 0, 1, "'worker' retains it" },
		{ { DEED_FORGET, DEED_ACK }, 2, 0, 2, 1, 1, 0, "" },
		/* Shorter than the timeout, and longer. */
		{ { DEED_LATER }, 1, 800, 1, 0, 1, 0, "" },
		{ { DEED_LATER, DEED_ACK }, 2, 3000, 2, 1, 1, 0, "" },
		/* The late ack of the first copy comes while the second one
		 * is retained, and must not end it. */
		{ { DEED_LATER, DEED_FORGET, DEED_FAIL },
		  3,
		  1800,
		  3,
		  2,
		  0,
		  1,
		  "Input/output error" },
		/* Progress counts, but not beyond the hard cap. */
		{ { DEED_COME }, 1, 800, 1, 0, 1, 0, "" },
		{ { DEED_REMIND, DEED_FAIL },
		  2,
		  800,
		  3,
		  1,
		  0,
		  1,
		  "Input/output error" },
		/* A call that lasts is no reason to fail, nor is a hold. */
		{ { DEED_SPEND }, 1, 5000, 1, 0, 1, 0, "" },
		{ { DEED_HOLD }, 1, 0, 1, 0, 1, 0, "" },
	};
	struct task_counters c;
	struct stage stage;
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stage_init(&stage, DEED_ACK);
		for (k = 0; k < cases[i].deed_count; k++)
			stage.deeds[k] = cases[i].deeds[k];
		stage.deed_count = cases[i].deed_count;
		stage.delay = cases[i].delay_ms * MS;
		c = stage_run(&stage);
		CHECK_UINT(c.roots, 1);
		CHECK_UINT(c.attempts, cases[i].attempts);
		CHECK_UINT(c.timed_out, cases[i].timed_out);
		CHECK_UINT(c.trees_acked, cases[i].acked);
		CHECK_UINT(c.dead_lettered, cases[i].dead);
		CHECK_UINT(c.replayed, cases[i].attempts - 1);
		CHECK_UINT(stage.letters, cases[i].dead);
		CHECK_CONTAINS(stage.reason, cases[i].reason);
	}
}

TEST(what_is_held_does_not_time_out)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_HOLD);
	stage.records = 3;
	stage.pause = 100000 * MS;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 3);
	CHECK_UINT(c.attempts, 3);
	CHECK_UINT(c.timed_out, 0);
	CHECK(stage.calls[2] - stage.calls[1] >= 100000 * MS);
	/* What is retained so long does. */
	stage_init(&stage, DEED_FORGET);
	stage.deeds[1] = DEED_ACK;
	stage.deed_count = 2;
	stage.records = 2;
	stage.pause = 100000 * MS;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 2);
	CHECK_UINT(c.timed_out, 1);
}

TEST(a_timeout_comes_in_time)
{
	struct stage stage;
	uint64_t passed;

	stage_init(&stage, DEED_FORGET);
	stage.plan.config.replay_max_attempts = 2;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 2);
	passed = (stage.calls[1] - stage.calls[0]) / MS;
	/* A timeout and a pause, and up to a quarter of the timeout. */
	CHECK(passed >= 1100 && passed <= 1350);
}

TEST(the_hard_cap_holds)
{
	struct stage stage;
	uint64_t passed;

	stage_init(&stage, DEED_REMIND);
	stage.delay = 500 * MS;
	stage.deeds[1] = DEED_ACK;
	stage.deed_count = 2;
	stage.plan.config.message_timeout_max_ns = 5000 * MS;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 2);
	passed = (stage.calls[1] - stage.calls[0]) / MS;
	CHECK(passed >= 5100 && passed <= 5400);
}

TEST(waiting_in_a_queue_is_not_failing)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_SPEND);
	stage.records = 10;
	stage.delay = 900 * MS;
	stage.plan.config.executors = 2;
	stage.components[1].dedicated = true;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 10);
	CHECK_UINT(c.timed_out, 0);
}

TEST(ticks_keep_their_time_beside_long_calls)
{
	struct stage stage;

	stage_init(&stage, DEED_SPEND);
	stage.records = 500;
	stage.delay = 4 * MS;
	stage.components[1].tick_ns = 10 * MS;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 500);
	/* The first calls tell how long they are. */
	CHECK(stage.tick_pause >= 10 * MS && stage.tick_pause <= 50 * MS);
	stage_init(&stage, DEED_SPEND);
	stage.records = 500;
	stage.delay = 4 * MS;
	stage.plan.config.executors = 2;
	stage.components[1].executor = 1;
	stage.components[1].tick_ns = 10 * MS;
	stage_run(&stage);
	CHECK(stage.tick_pause >= 10 * MS && stage.tick_pause <= 50 * MS);
}

/* Trying again by itself would find the timer only after 1023 ms. */
TEST(a_timer_ends_the_wait_of_not_now)
{
	struct task_counters c;
	struct stage stage;
	uint64_t passed;

	stage_init(&stage, DEED_WAIT);
	stage.delay = 700 * MS;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 1);
	CHECK_UINT(c.timed_out, 0);
	passed = stage.calls[stage.call_count - 1] - stage.calls[0];
	CHECK(passed >= 700 * MS && passed <= 701 * MS);
}
