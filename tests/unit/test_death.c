/* SPDX-License-Identifier: MIT */

#include "parent/death.h"

#include <signal.h>

#include "base/hash.h"
#include "engine/charges.h"

#include "test.h"

#include "fixture_plan.h"

static struct fixture_plan fixture;
static struct board board;
static struct death death;

/* A plan of two workers, and the death of the first, with the spout. */
static void begin(enum gust_replay replay, uint64_t max)
{
	fixture_plan_init(&fixture);
	plan_fini_derived(&fixture.plan);
	fixture.components[0].replay = replay;
	fixture.plan.config.executors = 1;
	fixture.plan.config.workers = 2;
	CHECK_INT(plan_derive(&fixture.plan, NULL), 0);
	CHECK_UINT(fixture.plan.worker_count, 2);
	CHECK_UINT(fixture.plan.tasks[0].executor, 0);
	CHECK_INT(board_init(&board, &fixture.plan, max), 0);
	*board.started_ns = 1;
	memset(&death, 0, sizeof(death));
}

static void end(void)
{
	board_fini(&board);
	plan_fini_derived(&fixture.plan);
}

static void emit(uint64_t roots, uint64_t open)
{
	struct task_counters *spout = &board.tasks[0];

	spout->roots = spout->attempts = roots;
	spout->trees_acked = roots - open;
	spout->open_trees = open;
	spout->state = TASK_EMITTING;
}

TEST(statuses_are_put_into_words)
{
	death.worker = 3;
	death_describe(&death, SIGSEGV);
	CHECK_STR(death.how, "worker 3 was killed by SIGSEGV");
	death_describe(&death, SIGUSR1);
	CHECK_CONTAINS(death.how, "worker 3 was killed by signal ");
	death_describe(&death, 7 << 8);
	CHECK_STR(death.how, "worker 3 exited with code 7");
}

TEST(trees_at_positions_come_again)
{
	begin(GUST_REPLAY_POSITION, 0);
	emit(10, 4);
	death_settle(&death, &board, false);
	CHECK_UINT(death.lost, 0);
	CHECK_UINT(death.bereft, UINT32_MAX);
	CHECK_UINT(board.tasks[0].roots, 6);
	CHECK_UINT(board.tasks[0].open_trees, 0);
	CHECK_UINT(board.tasks[0].lost, 0);
	end();
}

TEST(other_trees_are_lost)
{
	begin(GUST_REPLAY_RECORD, 0);
	emit(10, 4);
	death_settle(&death, &board, false);
	CHECK_UINT(death.lost, 4);
	CHECK_UINT(death.bereft, 0);
	CHECK_UINT(board.bereavements[0], 1);
	CHECK_UINT(board.tasks[0].roots, 10);
	CHECK_UINT(board.tasks[0].lost, 4);
	CHECK_UINT(board.tasks[0].trees_failed, 4);
	end();
}

TEST(a_spout_that_was_done_lost_nothing)
{
	begin(GUST_REPLAY_NONE, 0);
	emit(10, 0);
	board.tasks[0].state = TASK_DONE;
	death_settle(&death, &board, false);
	CHECK_UINT(death.lost, 0);
	CHECK_UINT(death.bereft, UINT32_MAX);
	end();
}

TEST(an_aborted_run_counts_what_was_open)
{
	begin(GUST_REPLAY_RECORD, 0);
	emit(10, 4);
	death_settle(&death, &board, true);
	CHECK_UINT(board.tasks[0].aborted, 4);
	CHECK_UINT(board.tasks[0].lost, 0);
	CHECK_UINT(board.tasks[0].open_trees, 0);
	end();
}

TEST(tasks_of_other_workers_go_on)
{
	begin(GUST_REPLAY_RECORD, 0);
	emit(10, 4);
	death.worker = 1;
	death_settle(&death, &board, false);
	CHECK_UINT(board.tasks[0].open_trees, 4);
	CHECK_UINT(board.tasks[0].lost, 0);
	end();
}

TEST(what_comes_again_counts_again_towards_the_limit)
{
	begin(GUST_REPLAY_POSITION, 100);
	emit(10, 4);
	/* One step has counted 9 of them, the next reserved 50. */
	board.limit->free = 100 - 9 - 50;
	board.limit->roots = 9;
	board.shares[0].roots = 9;
	board.shares[0].reserved = 50;
	death_settle(&death, &board, false);
	CHECK_UINT(board.tasks[0].roots, 6);
	CHECK_UINT(board.shares[0].roots, 6);
	CHECK_INT(board.shares[0].reserved, 0);
	CHECK_UINT(board.limit->roots, 6);
	CHECK_INT(board.limit->free, 94);
	end();
}

TEST(what_was_executed_is_charged_and_then_forgotten)
{
	struct executing_charge charge[EXECUTING_CHARGES_MAX];
	char text[DEATH_TEXT_SIZE];

	begin(GUST_REPLAY_POSITION, 0);
	death_describe(&death, SIGSEGV);
	CHECK_UINT(death_charge(&death, &board, 0, charge, text), 0);
	board.executing[0].state = EXECUTING_CRASHED;
	board.executing[0].root = 5;
	board.executing[0].task = 1;
	board.executing[0].source = 6;
	board.executing[0].offset = 7;
	CHECK_UINT(death_charge(&death, &board, 0, charge, text), 1);
	CHECK_STR(text, "worker 0 was killed by SIGSEGV while 'split' "
			"executed it");
	CHECK_UINT(charge->root, 5);
	CHECK(charge->positioned);
	CHECK_UINT(charge->offset, 7);
	death_settle(&death, &board, false);
	CHECK_UINT(death_charge(&death, &board, 0, charge, text), 0);
	end();
}

TEST(charges_are_counted_by_position)
{
	struct charges *charges = charges_create();
	uint64_t file = hash_bytes("file", 4);
	const char *reason = NULL;

	CHECK(charges_none(NULL));
	CHECK(charges_none(charges));
	CHECK_UINT(charges_count(charges, 0, file, 5, &reason), 0);
	CHECK_INT(charges_add(charges, 0, file, 5, "first"), 0);
	CHECK_INT(charges_add(charges, 0, file, 6, "other"), 0);
	CHECK_INT(charges_add(charges, 0, file, 5, "second"), 0);
	CHECK(!charges_none(charges));
	CHECK_UINT(charges_count(charges, 0, file, 5, &reason), 2);
	CHECK_STR(reason, "second");
	CHECK_UINT(charges_count(charges, 1, file, 5, &reason), 0);
	CHECK_UINT(charges_count(charges, 0, file + 1, 5, &reason), 0);
	charges_destroy(charges);
}
