/* SPDX-License-Identifier: MIT */

/*
 * Whole runs: the engine on the worker's threads, with a spout and bolts that
 * are no plugins but part of this program.
 */

#include "worker/seat.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/worker.h"

#include "test.h"

#include "fixture_run.h"
#include "sanitized.h"

/* First, while the process has never had another thread. */
TEST(a_crash_names_the_component)
{
	static const struct rlimit no_core = { 0, 0 };
	char said[4096];
	size_t n = 0;
	int fds[2], status;
	ssize_t r;
	pid_t child;

	if (SANITIZED)
		return;
	CHECK_INT(pipe(fds), 0);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		dup2(fds[1], STDERR_FILENO);
		begin(1);
		add_spout("numbers", 1, -1, 10);
		add_bolt("breaker", 2, -1, 0, DEED_CRASH);
		run();
		_exit(0);
	}
	close(fds[1]);
	while ((r = read(fds[0], said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)r;
	said[n] = '\0';
	close(fds[0]);
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGSEGV);
	CHECK_CONTAINS(said, "gust: crashed with SIGSEGV");
	CHECK_CONTAINS(said, "in breaker[");
	CHECK_CONTAINS(said, "called by numbers[0] next()");
}

TEST(all_that_is_emitted_arrives)
{
	for (uint32_t executors = 1; executors <= 4; executors *= 2) {
		begin(executors);
		add_spout("numbers", 3, -1, 20000);
		add_bolt("pass", 5, -1, 0, DEED_PASS);
		add_bolt("sum", 2, -1, 1, DEED_SUM);
		run();
		CHECK_INT(made.result.exit_code, 0);
		CHECK_UINT(seen.count, 60000);
		CHECK_UINT(seen.sum, 3 * sum_below(20000));
		CHECK_UINT(made.spouts.trees_acked, 60000);
		CHECK_UINT(seen.closed, 7);
	}
}

/* Each sends to the other as much as it may, with the least credit. */
static void check_mutual(uint64_t credit_bytes, uint64_t count)
{
	begin(2);
	made.plan.config.credit_bytes = credit_bytes;
	add_spout("left", 1, 0, count);
	add_spout("right", 1, 1, count);
	add_bolt("from_left", 1, 1, 0, DEED_SUM);
	add_bolt("from_right", 1, 0, 1, DEED_SUM);
	run();
	CHECK_UINT(seen.count, 2 * count);
	CHECK_UINT(seen.sum, 2 * sum_below(count));
}

TEST(two_executors_fill_each_other)
{
	check_mutual(0, 200000);
}

TEST(two_executors_fill_each_other_with_a_batch_of_credit)
{
	check_mutual(32768, 200000);
	check_mutual(1, 2000);
}

TEST(sixty_four_executors_and_sixty_four_dedicated_tasks)
{
	begin(64);
	add_spout("numbers", 64, -1, 200);
	add_bolt("pass", 64, -1, 0, DEED_PASS);
	add_bolt("sum", 64, -1, 1, DEED_SUM)->dedicated = true;
	run();
	CHECK_UINT(made.plan.executor_count, 128);
	CHECK_UINT(seen.count, 64 * 200);
	CHECK_UINT(seen.sum, 64 * sum_below(200));
}

TEST(a_wake_from_a_foreign_thread_is_served)
{
	begin(2);
	add_spout("numbers", 4, -1, 100)->woken = true;
	add_bolt("sum", 2, -1, 0, DEED_SUM);
	run();
	CHECK_UINT(seen.count, 400);
}

/* Writes numbers to a pipe, one after the other was seen. */
static void *feed(void *data)
{
	int fd = *(const int *)data;
	uint64_t deadline = clock_now_ns() + 60 * CLOCK_NS_PER_S;

	for (int64_t i = 0; i < 100; i++) {
		CHECK_INT(write(fd, &i, sizeof(i)), sizeof(i));
		while (__atomic_load_n(&seen.count, __ATOMIC_RELAXED) <=
		       (uint64_t)i)
			CHECK(clock_now_ns() < deadline);
	}
	close(fd);
	return NULL;
}

TEST(a_descriptor_that_is_watched_feeds_a_spout)
{
	pthread_t feeder;
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	begin(2);
	add_spout("numbers", 1, 0, 0)->fd = fds[0];
	add_bolt("sum", 1, 1, 0, DEED_SUM);
	CHECK_INT(pthread_create(&feeder, NULL, feed, &fds[1]), 0);
	run();
	CHECK_INT(pthread_join(feeder, NULL), 0);
	close(fds[0]);
	CHECK_UINT(seen.count, 100);
	CHECK_UINT(seen.sum, sum_below(100));
}

TEST(a_stop_drains_what_is_in_flight)
{
	struct worker_options options = { .for_ns = 50 * CLOCK_NS_PER_MS };

	begin(3);
	add_spout("numbers", 2, -1, UINT64_MAX);
	add_bolt("pass", 4, -1, 0, DEED_PASS);
	add_bolt("sum", 3, -1, 1, DEED_SUM);
	run_with(&options);
	CHECK_INT(made.result.end, WORKER_STOPPED);
	CHECK_INT(made.result.exit_code, 0);
	CHECK(made.spouts.roots > 0);
	CHECK_UINT(made.spouts.aborted, 0);
	CHECK_UINT(seen.count, made.spouts.roots);
}

TEST(what_is_retained_for_ever_is_aborted)
{
	struct worker_options options = { .max_tuples = 100 };

	begin(2);
	made.plan.config.drain_timeout_ns = 50 * CLOCK_NS_PER_MS;
	add_spout("numbers", 1, -1, UINT64_MAX);
	add_bolt("keep", 2, -1, 0, DEED_RETAIN);
	run_with(&options);
	CHECK_INT(made.result.end, WORKER_OVERDUE);
	CHECK_INT(made.result.exit_code, 128 + SIGTERM);
	CHECK_UINT(made.spouts.roots, 100);
	CHECK_UINT(made.spouts.aborted, 100);
}

TEST(a_hoard_that_takes_all_memory_is_named)
{
	struct worker_options options = { .stuck_ns = CLOCK_NS_PER_MS };

	begin(2);
	made.plan.config.memory_max_bytes = MIB;
	add_spout("numbers", 2, -1, UINT64_MAX);
	add_bolt("pass", 2, -1, 0, DEED_PASS);
	add_bolt("hoard", 1, -1, 1, DEED_HOLD);
	run_with(&options);
	CHECK_INT(made.result.end, WORKER_STUCK);
	CHECK_INT(made.result.exit_code, 1);
	CHECK_CONTAINS(made.result.error.text, "'hoard' holds");
	CHECK_CONTAINS(made.result.error.text, "memory.max.bytes (1048576)");
}

TEST(dead_letters_show_in_the_exit_code)
{
	begin(2);
	add_spout("numbers", 2, -1, 100);
	add_bolt("choosy", 2, -1, 0, DEED_FAIL);
	run();
	CHECK_INT(made.result.exit_code, 3);
	CHECK_UINT(made.spouts.dead_lettered, 20);
	CHECK_UINT(seen.count, 180);
}

TEST(a_topology_of_nothing_ends)
{
	begin(4);
	add_spout("numbers", 2, -1, 0);
	add_bolt("pass", 1, -1, 0, DEED_PASS);
	add_bolt("sum", 3, -1, 1, DEED_SUM);
	run();
	CHECK_UINT(seen.count, 0);
}
