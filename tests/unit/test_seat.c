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

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

#define MIB (UINT64_C(1) << 20)

/* What the bolts of a run have seen; atomic. */
static struct {
	uint64_t count;
	uint64_t sum;
	uint64_t closed;
} seen;

/* A spout that counts, in its own way. */
struct counter {
	uint64_t next;
	uint64_t end;
	int fd;     /* reads numbers from there instead, or -1 */
	bool woken; /* waits for another thread once */
	pthread_t waker;
	struct gust_task *task;
};

static void *counter_wake(void *data)
{
	struct counter *counter = data;

	gust_wake(counter->task);
	return NULL;
}

static int counter_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct counter *counter = self;

	(void)error;
	counter->task = task;
	if (counter->fd >= 0)
		return gust_watch(task, counter->fd, POLLIN);
	if (counter->woken)
		return -pthread_create(&counter->waker, NULL, counter_wake,
				       counter);
	return 0;
}

static int counter_read(struct counter *counter, struct gust_task *task)
{
	struct pollfd ready = { .fd = counter->fd, .events = POLLIN };
	int64_t number;

	if (poll(&ready, 1, 0) == 0)
		return GUST_WAIT;
	if (read(counter->fd, &number, sizeof(number)) != sizeof(number)) {
		gust_watch(task, counter->fd, 0);
		return GUST_DONE;
	}
	gust_emit(task, gust_int(number));
	return GUST_EMITTED;
}

static int counter_next(void *self, struct gust_task *task)
{
	struct counter *counter = self;

	if (counter->fd >= 0)
		return counter_read(counter, task);
	if (counter->woken)
		return GUST_WAIT;
	if (counter->next == counter->end)
		return GUST_DONE;
	gust_emit(task, gust_int((int64_t)counter->next++));
	return GUST_EMITTED;
}

static int counter_ready(void *self, struct gust_task *task, int fd,
			 short events)
{
	struct counter *counter = self;

	(void)task;
	(void)events;
	if (fd >= 0)
		return 0;
	CHECK_INT(pthread_join(counter->waker, NULL), 0);
	counter->woken = false;
	return 0;
}

static const struct gust_spout counter_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(counter_spout),
	.name = "counter",
	.open = counter_open,
	.next = counter_next,
	.ready = counter_ready,
};

/* What a bolt does with each of its inputs. */
enum deed {
	DEED_SUM,
	DEED_PASS,
	DEED_HOLD,
	DEED_RETAIN,
	DEED_CRASH,
	DEED_FAIL
};

struct worker_bolt {
	enum deed deed;
	bool printed;
};

static void add(const struct gust_tuple *in)
{
	__atomic_fetch_add(&seen.count, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&seen.sum, (uint64_t)gust_value_at(in, 0).as.integer,
			   __ATOMIC_RELAXED);
}

static int bolt_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	const struct worker_bolt *bolt = self;
	volatile int *nowhere = NULL;

	switch (bolt->deed) {
	case DEED_SUM:
		add(in);
		return 0;
	case DEED_PASS:
		return gust_emit(task, gust_value_at(in, 0));
	case DEED_HOLD:
		return gust_hold(task, in) != NULL ? 0 : -ENOMEM;
	case DEED_RETAIN:
		return gust_retain(task, in) != NULL ? 0 : -ENOMEM;
	case DEED_CRASH:
		*nowhere = 1;
		return 0;
	case DEED_FAIL:
		if (gust_value_at(in, 0).as.integer % 10 == 3)
			return gust_dead_letter(task, in, "unlucky");
		add(in);
		return 0;
	}
	return -EINVAL;
}

static void bolt_close(void *self)
{
	(void)self;
	__atomic_fetch_add(&seen.closed, 1, __ATOMIC_RELAXED);
}

static const struct gust_bolt any_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(any_bolt),
	.name = "bolt",
	.execute = bolt_execute,
	.close = bolt_close,
};

/* A topology that is put together by the functions below. */
#define PARTS 4
static const struct gust_column number[] = { { "number", GUST_INT },
					     { NULL, GUST_NULL } };
static struct {
	struct plan plan;
	struct plan_component components[PARTS];
	struct plan_stream streams[PARTS];
	struct plan_edge edges[PARTS];
	struct counter counters[PARTS];
	struct worker_bolt bolts[PARTS];
	struct worker_result result;
	struct task_counters spouts; /* the sum over them, after the run */
} made;

static void begin(uint32_t executors)
{
	struct plan_config *config = &made.plan.config;

	memset(&made, 0, sizeof(made));
	memset(&seen, 0, sizeof(seen));
	made.plan.name = "test";
	made.plan.components = made.components;
	made.plan.streams = made.streams;
	made.plan.edges = made.edges;
	config->executors = executors;
	config->acking = true;
	config->memory_max_bytes = 64 * MIB;
	config->tuple_max_bytes = MIB;
	config->message_timeout_ns = 30 * CLOCK_NS_PER_S;
	config->message_timeout_max_ns = 600 * CLOCK_NS_PER_S;
	config->replay_max_attempts = 3;
	config->replay_backoff_ns = CLOCK_NS_PER_MS;
	config->retry_max_ns = 60 * CLOCK_NS_PER_S;
	config->drain_timeout_ns = 30 * CLOCK_NS_PER_S;
	config->state_commit_ns = 100 * CLOCK_NS_PER_MS;
}

/* Adds a component with one output; on executor -1 tasks are dealt out. */
static uint32_t add_part(const char *id, uint32_t tasks, int32_t executor)
{
	uint32_t at = made.plan.component_count++;
	struct plan_component *part = &made.components[at];

	part->id = id;
	part->task_count = tasks;
	part->executor = executor;
	part->message_timeout_ns = made.plan.config.message_timeout_ns;
	part->first_stream = at;
	part->stream_count = 1;
	made.streams[at].name = "default";
	made.streams[at].component = at;
	made.streams[at].columns = number;
	made.streams[at].column_count = 1;
	made.plan.stream_count++;
	return at;
}

static struct counter *add_spout(const char *id, uint32_t tasks,
				 int32_t executor, uint64_t end)
{
	uint32_t at = add_part(id, tasks, executor);
	struct plan_component *part = &made.components[at];

	part->kind = PLAN_SPOUT;
	part->spout = &counter_spout;
	part->replay = GUST_REPLAY_RECORD;
	part->instance = &made.counters[at];
	part->instance_size = sizeof(made.counters[at]);
	made.counters[at].end = end;
	made.counters[at].fd = -1;
	return &made.counters[at];
}

static struct plan_component *add_bolt(const char *id, uint32_t tasks,
				       int32_t executor, uint32_t from,
				       enum deed deed)
{
	uint32_t at = add_part(id, tasks, executor);
	struct plan_component *part = &made.components[at];
	struct plan_edge *edge = &made.edges[made.plan.edge_count++];

	part->kind = PLAN_BOLT;
	part->bolt = &any_bolt;
	part->instance = &made.bolts[at];
	part->instance_size = sizeof(made.bolts[at]);
	made.bolts[at].deed = deed;
	edge->stream = from;
	edge->from = from;
	edge->to = at;
	edge->grouping = PLAN_SHUFFLE;
	return part;
}

static void add_counters(const struct worker *worker, uint32_t task)
{
	const struct task_counters *counters =
		executor_counters(worker_executor_of(worker, task), task);

	made.spouts.roots += counters->roots;
	made.spouts.attempts += counters->attempts;
	made.spouts.trees_acked += counters->trees_acked;
	made.spouts.trees_failed += counters->trees_failed;
	made.spouts.dead_lettered += counters->dead_lettered;
	made.spouts.aborted += counters->aborted;
}

static void run_with(const struct worker_options *options)
{
	struct gust_error error = { 0 };
	struct worker *worker;

	CHECK_INT(plan_derive(&made.plan, &error), 0);
	CHECK_INT(worker_create(&made.plan, options, &worker, &error), 0);
	worker_run(worker, &made.result);
	for (uint32_t i = 0; i < made.plan.task_count; i++)
		add_counters(worker, i);
	worker_destroy(worker);
	plan_fini_derived(&made.plan);
	/* The two equations that hold at every end. */
	CHECK_UINT(made.spouts.roots, made.spouts.trees_acked +
					      made.spouts.dead_lettered +
					      made.spouts.aborted);
	CHECK_UINT(made.spouts.attempts,
		   made.spouts.trees_acked + made.spouts.trees_failed);
}

static void run(void)
{
	run_with(NULL);
	CHECK_STR(made.result.error.text, "");
	CHECK_INT(made.result.end, WORKER_ENDED);
	CHECK_UINT(made.spouts.aborted, 0);
}

static uint64_t sum_below(uint64_t n)
{
	return n * (n - 1) / 2;
}

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
	uint64_t deadline = clock_now_ns() + 20 * CLOCK_NS_PER_S;

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
	begin(2);
	made.plan.config.memory_max_bytes = MIB;
	add_spout("numbers", 2, -1, UINT64_MAX);
	add_bolt("pass", 2, -1, 0, DEED_PASS);
	add_bolt("hoard", 1, -1, 1, DEED_HOLD);
	run_with(NULL);
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
