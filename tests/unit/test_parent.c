/* SPDX-License-Identifier: MIT */

/* Runs of several processes, under their parent. */

#include "parent/parent.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metric/histogram.h"

#include "test.h"

#include "fixture_run.h"

/* What the processes share with the test. */
static struct shared {
	uint32_t opened;
	uint32_t deaths; /* that are still to come */
} * shared;

static struct parent *parent;

static int deadly_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	(void)self;
	(void)task;
	(void)error;
	__atomic_fetch_add(&shared->opened, 1, __ATOMIC_RELAXED);
	if (shared->deaths == 0)
		return 0;
	shared->deaths--;
	return kill(getpid(), SIGKILL);
}

static int broken_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	(void)self;
	(void)task;
	__atomic_fetch_add(&shared->opened, 1, __ATOMIC_RELAXED);
	return gust_error_set(error, -ENOENT, "no such table");
}

/* Dies of its first tuples, as often as it is told to. */
static int deadly_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	if (shared->deaths == 0)
		return 0;
	shared->deaths--;
	return kill(getpid(), SIGKILL);
}

static struct gust_bolt special;

static void begin_two(void)
{
	begin(1);
	made.plan.config.workers = 2;
	made.plan.config.worker_timeout_ns = 10 * CLOCK_NS_PER_S;
	made.plan.config.replay_max_attempts = 10;
	if (shared == NULL)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(shared, 0, sizeof(*shared));
	special = any_bolt;
	add_spout("numbers", 1, -1, 1000);
	add_bolt("pass", 2, -1, 0, DEED_PASS);
	add_bolt("sum", 2, -1, 1, DEED_SUM)->bolt = &special;
}

static void run_two(void)
{
	struct worker_options options = { 0 };
	struct gust_error error = { 0 };

	CHECK_INT(plan_derive(&made.plan, &error), 0);
	CHECK_UINT(made.plan.worker_count, 2);
	CHECK_INT(parent_create(&made.plan, &options, 0, 2, &parent, &error),
		  0);
	parent_run(parent, &made.result);
}

static uint64_t restarts(void)
{
	const struct board *board = parent_board(parent);

	return board->workers[0].restarts + board->workers[1].restarts;
}

static void end(void)
{
	/* No process is left behind. */
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
	parent_destroy(parent);
	plan_fini_derived(&made.plan);
}

TEST(a_run_of_two_processes_ends)
{
	const struct board *board;

	begin_two();
	run_two();
	board = parent_board(parent);
	CHECK_INT(made.result.end, WORKER_ENDED);
	CHECK_INT(made.result.exit_code, 0);
	CHECK(made.result.run_ns > 0);
	CHECK(made.result.peak_rss > 1000000);
	CHECK_UINT(board->tasks[0].roots, 1000);
	CHECK_UINT(board->tasks[0].trees_acked, 1000);
	CHECK_UINT(board->tasks[3].executed + board->tasks[4].executed, 1000);
	CHECK_UINT(board->workers[0].state, BOARD_LEFT);
	CHECK_UINT(restarts(), 0);
	CHECK(parent_latency(parent, 0) != NULL);
	CHECK(histogram_count(parent_latency(parent, 0)) > 0);
	end();
}

TEST(one_that_dies_before_the_run_is_started_again)
{
	begin_two();
	special.open = deadly_open;
	shared->deaths = 2;
	run_two();
	CHECK_INT(made.result.end, WORKER_ENDED);
	CHECK_INT(made.result.exit_code, 0);
	CHECK_UINT(restarts(), 2);
	CHECK_UINT(parent_board(parent)->tasks[0].trees_acked, 1000);
	end();
}

TEST(five_deaths_before_the_run_end_it)
{
	begin_two();
	special.open = deadly_open;
	shared->deaths = 100;
	run_two();
	CHECK_INT(made.result.end, WORKER_FAILED);
	CHECK_INT(made.result.exit_code, 1);
	CHECK_CONTAINS(made.result.error.text, "was killed by SIGKILL, once "
					       "more before the run has "
					       "begun");
	/* Both may die of it at the same time. */
	CHECK(shared->deaths <= 100 - PARENT_DEATHS_MAX);
	CHECK(shared->deaths >= 100 - PARENT_DEATHS_MAX - 1);
	end();
}

TEST(a_component_that_cannot_open_is_not_tried_again)
{
	begin_two();
	special.open = broken_open;
	run_two();
	CHECK_INT(made.result.end, WORKER_FAILED);
	CHECK_INT(made.result.exit_code, 1);
	CHECK_CONTAINS(made.result.error.text, ": no such table");
	CHECK(shared->opened <= 2);
	CHECK_UINT(restarts(), 0);
	end();
}

TEST(a_bolt_that_dies_costs_nothing_but_time)
{
	begin_two();
	made.components[0].isolate = true;
	made.plan.config.workers = 1;
	special.execute = deadly_execute;
	shared->deaths = 3;
	run_two();
	CHECK_INT(made.result.end, WORKER_ENDED);
	CHECK_INT(made.result.exit_code, 0);
	CHECK_UINT(restarts(), 3);
	CHECK_UINT(parent_board(parent)->tasks[0].trees_acked, 1000);
	CHECK_UINT(parent_board(parent)->tasks[0].lost, 0);
	end();
}

TEST(a_spout_without_positions_dies_at_a_cost)
{
	begin_two();
	made.components[2].isolate = false;
	special.execute = deadly_execute;
	shared->deaths = 1;
	made.plan.config.workers = 2;
	/* All tasks of the bolt are with the spout. */
	made.components[1].isolate = true;
	made.plan.config.workers = 1;
	run_two();
	CHECK_INT(made.result.exit_code, 1);
	CHECK_UINT(parent_board(parent)->bereavements[0], 1);
	CHECK_UINT(restarts(), 1);
	end();
}
