/* SPDX-License-Identifier: MIT */

/*
 * Whole runs on several workers: processes that the test forks, without a
 * parent that would tell them anything.
 */

#include "worker/post.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/worker.h"

#include "test.h"

#include "fixture_run.h"
#include "folder.h"

#define WORKERS 3
#define NUMBERS_MAX 1000000

/* What the processes show; shared by all. */
static struct shown {
	struct {
		pid_t pid;
		uint32_t lives;
		uint32_t begun; /* it has executed something */
		enum worker_end end;
		int exit_code;
		uint64_t count, sum; /* what its bolts have seen */
		uint64_t aborted;
		char error[256];
	} workers[WORKERS];
	uint64_t seen_count; /* of `marks` */
	uint64_t gate;       /* no more are marked than so many, unless 0 */
	uint8_t marks[NUMBERS_MAX];
} * shown;

static uint32_t self_at; /* which worker this process is */

/* A bolt that ticks off what it gets. */
static int mark_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	int64_t i = gust_value_at(in, 0).as.integer;
	uint64_t gate = __atomic_load_n(&shown->gate, __ATOMIC_RELAXED);

	(void)self;
	if (gate > 0 &&
	    __atomic_load_n(&shown->seen_count, __ATOMIC_RELAXED) >= gate)
		return gust_not_now(task, "the gate is shut");
	__atomic_store_n(&shown->workers[self_at].begun, 1, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&shown->marks[i % NUMBERS_MAX], 1,
				__ATOMIC_RELAXED) == 0)
		__atomic_fetch_add(&shown->seen_count, 1, __ATOMIC_RELAXED);
	return 0;
}

static const struct gust_bolt mark_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(mark_bolt),
	.name = "mark",
	.execute = mark_execute,
};

/* A topology over so many workers, of one or more executors each. */
static void begin_over(uint32_t workers, uint32_t executors)
{
	begin(executors);
	made.plan.config.workers = workers;
	made.plan.config.worker_timeout_ns = 10 * CLOCK_NS_PER_S;
	if (shown == NULL)
		shown = mmap(NULL, sizeof(*shown), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shown != MAP_FAILED);
	memset(shown, 0, sizeof(*shown));
}

static void work(uint32_t at, struct worker_options *options)
{
	struct gust_error error = { 0 };
	struct worker *worker;

	self_at = at;
	options->number = at;
	options->incarnation =
		(uint64_t)shown->workers[at].lives << 32 | (uint64_t)getpid();
	options->folder = folder;
	if (worker_create(&made.plan, options, &worker, &error) < 0) {
		fprintf(stderr, "worker %u: %s\n", at, error.text);
		_exit(3);
	}
	worker_run(worker, &made.result);
	shown->workers[at].end = made.result.end;
	shown->workers[at].exit_code = made.result.exit_code;
	shown->workers[at].count = seen.count;
	shown->workers[at].sum = seen.sum;
	snprintf(shown->workers[at].error, sizeof(shown->workers[at].error),
		 "%.250s", made.result.error.text);
	finish(worker);
	shown->workers[at].aborted = made.spouts.aborted;
	_exit(0);
}

static void start(uint32_t at, const struct worker_options *options)
{
	struct worker_options own = { 0 };
	pid_t child;

	if (options != NULL)
		own = *options;
	shown->workers[at].lives++;
	fflush(NULL);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		work(at, &own);
	}
	shown->workers[at].pid = child;
}

static void start_all(const struct worker_options *options)
{
	struct gust_error error = { 0 };

	folder_path("");
	CHECK_INT(plan_derive(&made.plan, &error), 0);
	CHECK(made.plan.worker_count <= WORKERS);
	for (uint32_t i = 0; i < made.plan.worker_count; i++)
		start(i, options);
}

/* Waits for a worker's end, and returns its status. */
static int await(uint32_t at)
{
	int status;

	CHECK_INT(waitpid(shown->workers[at].pid, &status, 0),
		  shown->workers[at].pid);
	return status;
}

static void await_all(enum worker_end end)
{
	for (uint32_t i = 0; i < made.plan.worker_count; i++) {
		CHECK_INT(await(i), 0);
		CHECK_STR(shown->workers[i].error, "");
		CHECK_INT(shown->workers[i].end, end);
	}
	plan_fini_derived(&made.plan);
}

static uint64_t total(void)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < WORKERS; i++)
		count += shown->workers[i].count;
	return count;
}

static uint64_t total_sum(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < WORKERS; i++)
		sum += shown->workers[i].sum;
	return sum;
}

/* How many numbers are ticked off. Not seen_count, which a kill between the two
 * leaves behind. */
static uint64_t marked(void)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < NUMBERS_MAX; i++)
		count += shown->marks[i];
	return count;
}

/* Until so many numbers were ticked off. */
static void await_marks(uint64_t count)
{
	uint64_t deadline = clock_now_ns() + 60 * CLOCK_NS_PER_S;

	while (__atomic_load_n(&shown->seen_count, __ATOMIC_RELAXED) < count) {
		CHECK(clock_now_ns() < deadline);
		usleep(1000);
	}
}

/* It must not come to its end before the test has done what it does. */
static void shut_gate(uint64_t count)
{
	__atomic_store_n(&shown->gate, count, __ATOMIC_RELAXED);
}

static void await_begun(uint32_t at)
{
	uint64_t deadline = clock_now_ns() + 60 * CLOCK_NS_PER_S;

	while (!__atomic_load_n(&shown->workers[at].begun, __ATOMIC_RELAXED)) {
		CHECK(clock_now_ns() < deadline);
		usleep(1000);
	}
}

TEST(all_that_is_emitted_arrives_in_another_process)
{
	for (uint32_t workers = 2; workers <= WORKERS; workers++) {
		begin_over(workers, 2);
		add_spout("numbers", 3, -1, 20000);
		add_bolt("pass", 5, -1, 0, DEED_PASS);
		add_bolt("sum", 6, -1, 1, DEED_SUM);
		start_all(NULL);
		await_all(WORKER_ENDED);
		CHECK_UINT(total(), 60000);
		CHECK_UINT(total_sum(), 3 * sum_below(20000));
	}
}

TEST(workers_fill_each_other_with_the_least_credit)
{
	begin_over(2, 1);
	made.plan.config.credit_bytes = 1;
	add_spout("left", 1, 0, 2000);
	add_spout("right", 1, 1, 2000);
	add_bolt("from_left", 1, 1, 0, DEED_SUM);
	add_bolt("from_right", 1, 0, 1, DEED_SUM);
	start_all(NULL);
	await_all(WORKER_ENDED);
	CHECK_UINT(total(), 4000);
	CHECK_UINT(total_sum(), 2 * sum_below(2000));
}

TEST(nothing_begins_before_all_are_there)
{
	begin_over(2, 1);
	add_spout("numbers", 1, 0, 100);
	add_bolt("here", 1, 0, 0, DEED_SUM)->bolt = &mark_bolt;
	add_bolt("there", 1, 1, 0, DEED_SUM);
	folder_path("");
	CHECK_INT(plan_derive(&made.plan, NULL), 0);
	start(0, NULL);
	usleep(300000);
	CHECK_UINT(shown->seen_count, 0);
	start(1, NULL);
	await_all(WORKER_ENDED);
	CHECK_UINT(shown->seen_count, 100);
	CHECK_UINT(total(), 100);
}

/* A spout on one worker; a bolt on the other, which is killed and comes
 * again. */
TEST(a_worker_that_is_killed_comes_again_and_nothing_is_lost)
{
	const uint64_t numbers = 200000;

	begin_over(2, 1);
	add_spout("numbers", 1, 0, numbers);
	add_bolt("mark", 1, 1, 0, DEED_SUM)->bolt = &mark_bolt;
	shut_gate(numbers / 4);
	start_all(NULL);
	for (uint64_t kills = 1; kills <= 3; kills++) {
		await_marks(kills * numbers / 5);
		kill(shown->workers[1].pid, SIGKILL);
		CHECK(WIFSIGNALED(await(1)));
		shut_gate(kills < 3 ? (kills + 1) * numbers / 4 : 0);
		start(1, NULL);
	}
	await_all(WORKER_ENDED);
	CHECK_UINT(marked(), numbers);
}

TEST(one_that_is_told_to_stop_stops_all)
{
	begin_over(3, 1);
	add_spout("numbers", 3, -1, UINT64_MAX);
	add_bolt("mark", 3, -1, 0, DEED_SUM)->bolt = &mark_bolt;
	start_all(NULL);
	await_begun(2);
	kill(shown->workers[2].pid, SIGTERM);
	await_all(WORKER_STOPPED);
	for (uint32_t i = 0; i < 3; i++)
		CHECK_UINT(shown->workers[i].aborted, 0);
}

/* A bolt whose first call lasts three times as long as silence may. */
static int long_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	int64_t i = gust_value_at(in, 0).as.integer;

	(void)self;
	(void)task;
	if (i == 0)
		usleep(6000000);
	__atomic_fetch_add(&seen.count, 1, __ATOMIC_RELAXED);
	return 0;
}

static const struct gust_bolt long_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(long_bolt),
	.name = "long",
	.execute = long_execute,
};

TEST(one_in_a_long_call_is_not_given_up)
{
	begin_over(2, 1);
	made.plan.config.worker_timeout_ns = 2 * CLOCK_NS_PER_S;
	add_spout("numbers", 1, 0, 1000);
	add_bolt("long", 1, 1, 0, DEED_SUM)->bolt = &long_bolt;
	start_all(NULL);
	await_all(WORKER_ENDED);
	CHECK_UINT(total(), 1000);
}

TEST(a_hoard_in_another_worker_is_found)
{
	struct worker_options options = { .stuck_ns = 500 * CLOCK_NS_PER_MS };

	begin_over(2, 1);
	made.plan.config.memory_max_bytes = MIB;
	add_spout("numbers", 1, 0, UINT64_MAX);
	add_bolt("hoard", 1, 1, 0, DEED_HOLD);
	start_all(&options);
	for (uint32_t i = 0; i < 2; i++)
		CHECK_INT(await(i), 0);
	/* Who finds it first leaves the other alone. */
	CHECK(shown->workers[0].end == WORKER_STUCK ||
	      shown->workers[1].end == WORKER_STUCK);
	plan_fini_derived(&made.plan);
}

/* Stopped for longer than the others wait: what it does then counts for
 * nothing. */
TEST(one_that_was_given_up_has_to_start_anew)
{
	const uint64_t numbers = 300000;
	struct gust_error error = { 0 };

	(void)error;
	begin_over(2, 1);
	made.plan.config.worker_timeout_ns = CLOCK_NS_PER_S;
	add_spout("numbers", 1, 0, numbers);
	add_bolt("mark", 1, 1, 0, DEED_SUM)->bolt = &mark_bolt;
	shut_gate(numbers / 2);
	start_all(NULL);
	await_marks(numbers / 4);
	kill(shown->workers[1].pid, SIGSTOP);
	shut_gate(0);
	usleep(2000000);
	kill(shown->workers[1].pid, SIGCONT);
	CHECK_INT(await(1), 0);
	CHECK_INT(shown->workers[1].end, WORKER_FAILED);
	CHECK_CONTAINS(shown->workers[1].error, "has given this one up");
	start(1, NULL);
	await_all(WORKER_ENDED);
	CHECK_UINT(marked(), numbers);
}
