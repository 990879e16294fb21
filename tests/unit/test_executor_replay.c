/* SPDX-License-Identifier: MIT */

/* Failures, pauses and what the kinds of spouts make of them. */

#include "stage.h"

TEST(pauses_double)
{
	struct stage stage;

	stage_init(&stage, DEED_FAIL);
	stage.plan.config.replay_max_attempts = 5;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 5);
	CHECK_UINT((stage.calls[1] - stage.calls[0]) / MS, 100);
	CHECK_UINT((stage.calls[2] - stage.calls[1]) / MS, 200);
	CHECK_UINT((stage.calls[3] - stage.calls[2]) / MS, 400);
	CHECK_UINT((stage.calls[4] - stage.calls[3]) / MS, 800);
}

TEST(a_second_ack_is_a_mistake_that_counts_for_nothing)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_TWICE);
	stage.records = 5;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 5);
	CHECK_UINT(c.trees_failed, 0);
}

TEST(without_replay_a_failure_is_a_loss)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_FAIL);
	stage.components[0].replay = GUST_REPLAY_NONE;
	c = stage_run(&stage);
	CHECK_UINT(c.lost, 1);
	CHECK_UINT(c.dead_lettered, 0);
	CHECK_UINT(stage.call_count, 1);
}

TEST(a_spout_of_its_own_is_told)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_FAIL);
	stage.components[0].replay = GUST_REPLAY_OWN;
	stage.deeds[2] = DEED_ACK;
	stage.deeds[1] = DEED_FAIL;
	stage.deed_count = 3;
	c = stage_run(&stage);
	CHECK_UINT(c.roots, 1);
	CHECK_UINT(c.attempts, 3);
	CHECK_UINT(c.trees_acked, 1);
	CHECK_UINT(stage.fails, 2);
	CHECK_UINT(stage.acks, 1);
	CHECK_UINT(stage.last_id, 0);
}

TEST(a_position_follows_what_is_done)
{
	struct stage stage;

	stage_init(&stage, DEED_ACK);
	stage.components[0].replay = GUST_REPLAY_POSITION;
	stage.records = 7;
	stage.deeds[0] = DEED_FAIL;
	stage.deeds[1] = DEED_ACK;
	stage.deed_count = 2;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 8);
	CHECK_UINT(stage.position, 7);
}
