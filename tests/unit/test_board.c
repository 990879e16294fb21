/* SPDX-License-Identifier: MIT */

#include "worker/board.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#include "test.h"

#include "fixture_plan.h"

TEST(what_a_process_writes_outlives_it)
{
	struct fixture_plan fixture;
	struct board board;
	pid_t pid;

	fixture_plan_init(&fixture);
	CHECK_INT(board_init(&board, &fixture.plan, 100), 0);
	pid = fork();
	if (pid == 0) {
		board.tasks[4].acked = 17;
		board.executing[1].root = 18;
		board.places[2 * BOARD_PLACES - 1].root = 19;
		strcpy(board.reasons[4], "busy");
		board.links[0].repeats = 20;
		board.limit->free -= 30;
		_exit(0);
	}
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	CHECK_UINT(board.tasks[4].acked, 17);
	CHECK_UINT(board.executing[1].root, 18);
	CHECK_UINT(board.places[2 * BOARD_PLACES - 1].root, 19);
	CHECK_STR(board.reasons[4], "busy");
	CHECK_UINT(board.links[0].repeats, 20);
	CHECK_INT(board.limit->free, 70);
	CHECK_UINT(board.limit->max, 100);
	board_fini(&board);
	plan_fini_derived(&fixture.plan);
}

TEST(parts_do_not_overlap)
{
	struct fixture_plan fixture;
	struct board board;

	fixture_plan_init(&fixture);
	CHECK_INT(board_init(&board, &fixture.plan, 0), 0);
	memset(board.tasks, 1, 5 * sizeof(*board.tasks));
	memset(board.executing, 2, 2 * sizeof(*board.executing));
	memset(board.usages, 3, 2 * sizeof(*board.usages));
	memset(board.shares, 4, 2 * sizeof(*board.shares));
	memset(board.reasons, 5, 5 * sizeof(*board.reasons));
	memset(board.workers, 6, sizeof(*board.workers));
	memset(board.links, 7, sizeof(*board.links));
	*board.started_ns = 8;
	*board.ended_ns = 9;
	board.limit->max = 10;
	CHECK_UINT(board.tasks[4].acked, UINT64_C(0x0101010101010101));
	CHECK_UINT(board.executing[1].root, UINT64_C(0x0202020202020202));
	CHECK_UINT(board.usages[1].busy_ns, UINT64_C(0x0303030303030303));
	CHECK_UINT(board.shares[1].roots, UINT64_C(0x0404040404040404));
	CHECK_INT(board.reasons[4][BOARD_TEXT_SIZE - 1], 5);
	CHECK_UINT(board.workers[0].rss, UINT64_C(0x0606060606060606));
	CHECK_UINT(board.links[0].drops, UINT64_C(0x0707070707070707));
	CHECK_UINT(*board.started_ns, 8);
	board_fini(&board);
	plan_fini_derived(&fixture.plan);
}

TEST(time_begins_and_ends_with_the_run)
{
	struct fixture_plan fixture;
	struct board board;

	fixture_plan_init(&fixture);
	CHECK_INT(board_init(&board, &fixture.plan, 0), 0);
	CHECK_UINT(board_elapsed_ns(&board), 0);
	*board.started_ns = clock_now_ns() - 5 * CLOCK_NS_PER_S;
	CHECK(board_elapsed_ns(&board) >= 5 * CLOCK_NS_PER_S);
	*board.ended_ns = *board.started_ns + 7;
	CHECK_UINT(board_elapsed_ns(&board), 7);
	board_fini(&board);
	board_fini(&board);
	plan_fini_derived(&fixture.plan);
}
