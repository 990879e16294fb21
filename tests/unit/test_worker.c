/* SPDX-License-Identifier: MIT */

/*
 * The worker around an engine that is not there: the executor below does what
 * a test's script says, and the engine's own is not linked in.
 */

#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/board.h"
#include "worker/signals.h"

#include "test.h"

/* What all executors of a test do, and what they have seen. */
struct script {
	uint32_t tokens;    /* each sends so many to each, and awaits all */
	uint32_t fail_open; /* the executor whose open fails; or NONE */
	uint32_t fail_step; /* the executor whose component fails */
	bool endless;       /* never done by itself */
	bool drains;        /* done when it was stopped */
	bool stuck;
	uint64_t roots_a_step;
	uint32_t hang_open; /* the executor that hangs in open() */
	uint32_t hang;      /* the executor that hangs in a callback */
	int kill;           /* sends this signal to the process at step... */
	uint32_t kill_at;
	void (*step)(struct executor *x); /* more to do, or NULL */

	/* Seen, atomic. */
	uint32_t created, opened, closed, destroyed;
	uint32_t stopped, aborted;
	uint32_t stepped_before_all_opened;
	uint32_t roots;
};

#define NONE UINT32_MAX

struct executor {
	const struct plan *plan;
	uint32_t number;
	struct executor_host host;
	struct pulse *pulses;
	bool stopped, aborted, done, failed, signalled;
	uint32_t sent;
	uint32_t received;
	uint32_t *next; /* token by sender */
	uint32_t steps;
	uint64_t wait_until;
	uint64_t limit;
	uint32_t ready, woken, stored;
	int stored_result;
	int pipe[2];
	struct gust_error failure;
	struct task_counters counters;
	struct task_counters *shared;
	struct executor_usage usage;
};

static struct script script;
static sem_t release, hanging;

static uint32_t count(uint32_t *counter)
{
	return __atomic_add_fetch(counter, 1, __ATOMIC_ACQ_REL);
}

int executor_create(const struct plan *plan, uint32_t number,
		    const struct executor_host *host,
		    const struct executor_shared *shared, uint64_t seed,
		    struct executor **executor)
{
	struct executor *x = calloc(1, sizeof(*x));

	CHECK(seed != 0);
	x->plan = plan;
	x->number = number;
	x->host = *host;
	x->pulses = shared->pulses;
	x->next = calloc(plan->executor_count, sizeof(*x->next));
	x->counters.state = TASK_EMITTING;
	x->shared = shared->counters;
	count(&script.created);
	*executor = x;
	return 0;
}

int executor_open(struct executor *x, struct gust_error *error)
{
	if (script.hang_open == x->number) {
		sem_post(&hanging);
		while (sem_wait(&release) < 0)
			CHECK_INT(errno, EINTR);
	}
	if (script.fail_open == x->number)
		return gust_error_set(error, -ENOENT, "no such file");
	count(&script.opened);
	return 0;
}

void executor_receive(struct executor *x, void *batch, size_t size)
{
	const uint32_t *token = batch;

	CHECK_UINT(size, 2 * sizeof(*token));
	CHECK_UINT(token[1], x->next[token[0]]);
	x->next[token[0]]++;
	x->received++;
	x->host.batch_free(x->host.self, batch);
}

void executor_ready(struct executor *x, uint32_t task, int fd, short events)
{
	char byte;

	CHECK_UINT(task, x->number);
	CHECK_INT(fd, x->pipe[0]);
	CHECK(events & POLLIN);
	CHECK_INT(read(fd, &byte, 1), 1);
	x->ready++;
}

void executor_woken(struct executor *x, uint32_t task)
{
	CHECK_UINT(task, x->number);
	x->woken++;
}

void executor_lost(struct executor *x, uint32_t worker)
{
	(void)x;
	(void)worker;
}

void executor_charge(struct executor *x, uint64_t root, uint32_t task,
		     const char *reason)
{
	(void)x;
	(void)root;
	(void)task;
	(void)reason;
}

void executor_committed(struct executor *x, uint32_t task, int result,
			const char *trouble)
{
	(void)x;
	FAIL("task %u has no state: %d, %s", task, result, trouble);
}

void executor_stored(struct executor *x, uint64_t token, int result)
{
	CHECK_UINT(token, 42);
	x->stored++;
	x->stored_result = result;
}

static void send_tokens(struct executor *x)
{
	uint32_t executors = x->plan->executor_count;

	for (uint32_t to = 0; to < executors; to++) {
		uint32_t *token = x->host.batch_alloc(x->host.self, 16384);

		token[0] = x->number;
		token[1] = x->sent;
		x->host.send(x->host.self, to, token, 2 * sizeof(*token));
	}
	x->sent++;
}

static void hang(struct executor *x)
{
	__atomic_store_n(&x->pulses[x->number].calling_since,
			 x->host.now(x->host.self), __ATOMIC_RELAXED);
	while (sem_wait(&release) < 0)
		CHECK_INT(errno, EINTR);
}

uint64_t executor_step(struct executor *x)
{
	uint32_t executors = x->plan->executor_count;

	if (__atomic_load_n(&script.opened, __ATOMIC_ACQUIRE) != executors)
		count(&script.stepped_before_all_opened);
	CHECK(!x->aborted);
	x->steps++;
	x->wait_until = UINT64_MAX;
	if (script.kill != 0 && x->number == 0 && x->steps == script.kill_at)
		kill(getpid(), script.kill);
	if (script.hang == x->number && x->steps == 1)
		hang(x);
	if (script.stuck)
		__atomic_store_n(&x->pulses[x->number].stuck, 1,
				 __ATOMIC_RELAXED);
	if (script.fail_step == x->number && x->steps == 3 && !x->failed) {
		x->failed = true;
		gust_error_set(&x->failure, -EIO, "it broke");
	}
	if (script.step != NULL)
		script.step(x);
	for (uint64_t i = 0; i < script.roots_a_step && !x->stopped; i++) {
		if (x->counters.roots == x->limit)
			break;
		__atomic_store_n(&x->counters.roots, x->counters.roots + 1,
				 __ATOMIC_RELAXED);
		count(&script.roots);
		x->wait_until = 0;
	}
	if (x->sent < script.tokens) {
		send_tokens(x);
		return 0;
	}
	if (!script.endless && x->received == script.tokens * executors)
		x->done = true;
	if (x->stopped && script.drains)
		x->done = true;
	return x->wait_until;
}

void executor_stop(struct executor *x)
{
	x->stopped = true;
	count(&script.stopped);
}

void executor_limit(struct executor *x, uint64_t emitted)
{
	x->limit = emitted;
}

void executor_abort(struct executor *x)
{
	x->aborted = true;
	count(&script.aborted);
}

bool executor_done(const struct executor *x)
{
	return x->done;
}

const struct gust_error *executor_failure(const struct executor *x)
{
	return x->failed ? &x->failure : NULL;
}

void executor_close(struct executor *x)
{
	x->shared[x->number] = x->counters;
	count(&script.closed);
}

void executor_destroy(struct executor *x)
{
	if (x == NULL)
		return;
	count(&script.destroyed);
	free(x->next);
	free(x);
}

const struct task_counters *executor_counters(const struct executor *x,
					      uint32_t task)
{
	CHECK_UINT(task, x->number);
	return &x->counters;
}

const struct executor_usage *executor_usage(const struct executor *x)
{
	return &x->usage;
}

const struct gust_histogram *executor_latency(const struct executor *x,
					      uint32_t task)
{
	(void)x;
	(void)task;
	return NULL;
}

const struct metric_set *executor_metrics(const struct executor *x,
					  uint32_t task)
{
	(void)x;
	(void)task;
	return NULL;
}

uint32_t executor_innermost(const struct executor *x)
{
	(void)x;
	return UINT32_MAX;
}

struct executing *executor_executing(const struct executor *x)
{
	(void)x;
	return NULL;
}

const char *executor_reason(const struct executor *x, uint32_t task)
{
	(void)x;
	(void)task;
	return "";
}

void executor_describe_calls(const struct executor *x, int fd)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "in numbers[%u] hang()\n",
			 (unsigned)x->number);

	/* In two parts, as the engine does it. */
	CHECK_INT(write(fd, text, 3), 3);
	CHECK_INT(write(fd, text + 3, (size_t)n - 3), n - 3);
}

/* A plan of one spout with a task on each executor. */
static struct plan_component spouts = { .id = "numbers", .kind = PLAN_SPOUT };
static struct plan_task tasks[200];
static struct plan_worker only;
static struct plan plan;

static void begin(uint32_t executors)
{
	memset(&script, 0, sizeof(script));
	script.fail_open = NONE;
	script.fail_step = NONE;
	script.hang = NONE;
	script.hang_open = NONE;
	memset(&plan, 0, sizeof(plan));
	plan.name = "test";
	plan.config.drain_timeout_ns = 20 * CLOCK_NS_PER_S;
	plan.config.memory_max_bytes = 1000000;
	plan.components = &spouts;
	plan.component_count = 1;
	spouts.task_count = executors;
	plan.tasks = tasks;
	plan.task_count = executors;
	plan.executor_count = executors;
	plan.workers = &only;
	plan.worker_count = 1;
	only.executor_count = executors;
	for (uint32_t i = 0; i < executors; i++) {
		tasks[i].index = i;
		tasks[i].executor = i;
	}
}

static struct worker_result run_with(const struct worker_options *options)
{
	struct gust_error error = { 0 };
	struct worker_result result;
	struct worker *worker;

	CHECK_INT(worker_create(&plan, options, &worker, &error), 0);
	worker_run(worker, &result);
	CHECK_UINT(result.left_behind, 0);
	CHECK_UINT(board_elapsed_ns(worker_board(worker)), result.run_ns);
	for (uint32_t i = 0; i < plan.executor_count; i++)
		CHECK_PTR(worker_executor_of(worker, i),
			  worker_executor(worker, i));
	CHECK_UINT(script.closed, script.created);
	CHECK_UINT(script.stepped_before_all_opened, 0);
	worker_destroy(worker);
	CHECK_UINT(script.destroyed, script.created);
	CHECK_UINT(script.created, plan.executor_count);
	return result;
}

static struct worker_result run(void)
{
	return run_with(NULL);
}

static void check_mesh(uint32_t executors, uint32_t tokens)
{
	struct worker_result result;

	begin(executors);
	script.tokens = tokens;
	result = run();
	CHECK_INT(result.end, WORKER_ENDED);
	CHECK_INT(result.exit_code, 0);
	CHECK_STR(result.reason, "");
	CHECK_INT(result.error.code, 0);
	CHECK(result.run_ns > 0);
	CHECK(result.peak_rss > 1000000);
	CHECK_UINT(script.aborted, 0);
}

TEST(one_executor)
{
	check_mesh(1, 1000);
}

TEST(two_executors_fill_each_other)
{
	check_mesh(2, 10000);
}

TEST(sixty_four_executors)
{
	check_mesh(64, 20);
}

TEST(a_hundred_and_twenty_eight_executors)
{
	check_mesh(128, 4);
}

TEST(too_many_executors_are_refused)
{
	struct gust_error error = { 0 };
	struct worker *worker = NULL;

	begin(200);
	plan.executor_count = 500;
	only.executor_count = 500;
	CHECK_INT(worker_create(&plan, NULL, &worker, &error), -E2BIG);
	CHECK_CONTAINS(error.text, "500 executors are too many");
	CHECK_PTR(worker, NULL);
	worker_destroy(NULL);
}

TEST(a_failed_open_closes_all)
{
	struct worker_result result;

	begin(4);
	script.fail_open = 2;
	result = run();
	CHECK_INT(result.end, WORKER_FAILED);
	CHECK_INT(result.exit_code, 1);
	CHECK_INT(result.error.code, -ENOENT);
	CHECK_STR(result.error.text, "no such file");
	CHECK_UINT(script.opened, 3);
}

TEST(a_failed_component_stops_all_others)
{
	struct worker_result result;

	begin(3);
	script.fail_step = 1;
	script.endless = true;
	script.drains = true;
	script.tokens = 10;
	result = run();
	CHECK_INT(result.end, WORKER_FAILED);
	CHECK_INT(result.exit_code, 1);
	CHECK_STR(result.error.text, "it broke");
	CHECK_UINT(script.stopped, 3);
	CHECK_UINT(script.aborted, 0);
}

static void check_signal(int number, const char *reason)
{
	struct worker_result result;

	begin(2);
	script.endless = true;
	script.drains = true;
	script.kill = number;
	script.kill_at = 1;
	result = run();
	CHECK_INT(result.end, WORKER_STOPPED);
	CHECK_INT(result.exit_code, 0);
	CHECK_INT(result.signal, number);
	CHECK_STR(result.reason, reason);
	CHECK_UINT(script.stopped, 2);
	CHECK_UINT(script.aborted, 0);
}

TEST(a_signal_drains)
{
	check_signal(SIGINT, "stopped by SIGINT");
	check_signal(SIGTERM, "stopped by SIGTERM");
}

static void signal_again(struct executor *x)
{
	/* Whoever has been told to stop gets it once more. */
	if (x->stopped && x->number == 1 && !x->signalled) {
		x->signalled = true;
		kill(getpid(), SIGTERM);
	}
}

TEST(a_second_signal_aborts)
{
	struct worker_result result;

	begin(2);
	script.endless = true;
	script.kill = SIGINT;
	script.kill_at = 1;
	script.step = signal_again;
	result = run();
	CHECK_INT(result.end, WORKER_ABORTED);
	CHECK_INT(result.exit_code, 128 + SIGTERM);
	CHECK_STR(result.reason, "aborted by a second SIGTERM");
	CHECK(script.stopped >= 1);
	CHECK_UINT(script.aborted, 2);
}

TEST(what_does_not_drain_is_aborted)
{
	struct worker_options options = { .for_ns = 5 * CLOCK_NS_PER_MS };
	struct worker_result result;

	begin(2);
	script.endless = true;
	plan.config.drain_timeout_ns = 10 * CLOCK_NS_PER_MS;
	result = run_with(&options);
	CHECK_INT(result.end, WORKER_OVERDUE);
	CHECK_INT(result.exit_code, 128 + SIGTERM);
	CHECK_STR(result.reason, "not drained within 0.01 s");
	CHECK_UINT(script.aborted, 2);
	CHECK(result.run_ns >= 15 * CLOCK_NS_PER_MS);
}

TEST(a_run_for_some_time_ends)
{
	struct worker_options options = { .for_ns = 5 * CLOCK_NS_PER_MS };
	struct worker_result result;

	begin(2);
	script.endless = true;
	script.drains = true;
	result = run_with(&options);
	CHECK_INT(result.end, WORKER_STOPPED);
	CHECK_INT(result.exit_code, 0);
	CHECK(result.run_ns >= 5 * CLOCK_NS_PER_MS);
}

static uint64_t processor_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * CLOCK_NS_PER_S + (uint64_t)time.tv_nsec;
}

TEST(who_waits_uses_no_processor)
{
	struct worker_options options = { .for_ns = 200 * CLOCK_NS_PER_MS };
	uint64_t before;

	begin(4);
	script.endless = true;
	script.drains = true;
	before = processor_ns();
	CHECK_INT(run_with(&options).end, WORKER_STOPPED);
	CHECK(processor_ns() - before < 100 * CLOCK_NS_PER_MS);
}

static void check_tuples(uint64_t max, uint64_t a_step)
{
	struct worker_options options = { .max_tuples = max };
	struct worker_result result;

	begin(4);
	script.endless = true;
	script.drains = true;
	script.roots_a_step = a_step;
	result = run_with(&options);
	CHECK_INT(result.end, WORKER_STOPPED);
	CHECK_INT(result.exit_code, 0);
	CHECK_STR(result.reason, "the spouts have emitted enough tuples");
	CHECK_UINT(script.stopped, 4);
	CHECK_UINT(script.roots, max);
}

TEST(a_run_of_some_tuples_ends)
{
	check_tuples(1, 1000);
	check_tuples(10, 3);
	check_tuples(1000, 3);
	check_tuples(100000, 10000);
}

static void count_progress(void *self, const struct board *board)
{
	unsigned *calls = self;

	CHECK_PTR(board->plan, &plan);
	CHECK(board_elapsed_ns(board) > 0);
	if (++*calls == 3)
		kill(getpid(), SIGINT);
}

TEST(progress_is_shown)
{
	unsigned calls = 0;
	struct worker_options options = { .progress = count_progress,
					  .self = &calls,
					  .progress_ns = CLOCK_NS_PER_MS };

	begin(2);
	script.endless = true;
	script.drains = true;
	CHECK_INT(run_with(&options).end, WORKER_STOPPED);
	CHECK(calls >= 3);
}

TEST(a_run_that_is_stuck_ends)
{
	struct worker_options options = { .stuck_ns = CLOCK_NS_PER_MS };
	struct worker_result result;

	begin(2);
	script.endless = true;
	script.stuck = true;
	result = run_with(&options);
	CHECK_INT(result.end, WORKER_STUCK);
	CHECK_INT(result.exit_code, 1);
	CHECK_CONTAINS(result.error.text, "stuck: all that is left are tuples");
	CHECK_CONTAINS(result.error.text,
		       "topology.memory.max.bytes (1000000)");
}

static void use_events(struct executor *x)
{
	static const struct letter letter = { .token = 42, .reason = "none" };

	if (x->steps == 1) {
		CHECK_INT(pipe(x->pipe), 0);
		CHECK_INT(x->host.watch(x->host.self, x->number, x->pipe[0],
					POLLIN),
			  0);
		x->wait_until = x->host.now(x->host.self) + CLOCK_NS_PER_MS;
		return;
	}
	if (x->steps == 2)
		CHECK_INT(write(x->pipe[1], "x", 1), 1);
	if (x->ready == 1 && x->woken == 0)
		x->host.wake(x->host.self, x->number);
	if (x->woken == 1 && x->stored == 0)
		x->host.store(x->host.self, &letter);
	if (x->stored == 0)
		return;
	CHECK_INT(x->stored_result, 0);
	CHECK_UINT(x->stored, 1);
	CHECK_UINT(x->woken, 1);
	CHECK_UINT(x->ready, 1);
	CHECK_UINT(x->host.resume(x->host.self, 0, "file"), 0);
	x->host.position(x->host.self, 0, "file", 10);
	x->host.watch(x->host.self, x->number, x->pipe[0], 0);
	close(x->pipe[0]);
	close(x->pipe[1]);
	script.step = NULL;
	script.endless = false;
}

TEST(events_reach_the_executor)
{
	begin(1);
	script.endless = true;
	script.step = use_events;
	CHECK_INT(run().end, WORKER_ENDED);
}

static void write_to_stdout(struct executor *x)
{
	CHECK_INT(x->host.stdout_write(x->host.self, 0, "x\n", 2), -EPIPE);
}

TEST(a_closed_stdout_ends_the_run)
{
	struct worker_result result;
	int before = dup(STDOUT_FILENO);
	int fds[2];

	fflush(stdout);
	CHECK_INT(pipe(fds), 0);
	close(fds[0]);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	begin(1);
	script.endless = true;
	script.step = write_to_stdout;
	result = run();
	dup2(before, STDOUT_FILENO);
	close(before);
	CHECK_INT(result.end, WORKER_NO_READER);
	CHECK_INT(result.exit_code, 141);
	CHECK_UINT(script.aborted, 1);
	CHECK_UINT(script.stopped, 0);
}

static void count_loss(struct executor *x)
{
	x->counters.dead_lettered = 1;
	x->counters.lost = script.kill_at;
}

TEST(what_was_counted_decides_the_exit_code)
{
	begin(2);
	script.step = count_loss;
	CHECK_INT(run().exit_code, 3);
	begin(2);
	script.step = count_loss;
	script.kill_at = 1;
	CHECK_INT(run().exit_code, 1);
}

static void *interrupt_and_release(void *data)
{
	(void)data;
	/* The signals are not for this thread. */
	signals_block();
	CHECK_INT(sem_wait(&hanging), 0);
	kill(getpid(), SIGINT);
	sem_post(&release);
	return NULL;
}

TEST(a_signal_before_the_start_ends_it)
{
	struct worker_result result;
	pthread_t thread;

	sem_init(&release, 0, 0);
	sem_init(&hanging, 0, 0);
	begin(3);
	script.hang_open = 1;
	script.endless = true;
	script.drains = true;
	CHECK_INT(pthread_create(&thread, NULL, interrupt_and_release, NULL),
		  0);
	result = run();
	CHECK_INT(pthread_join(thread, NULL), 0);
	CHECK_INT(result.end, WORKER_STOPPED);
	CHECK_INT(result.exit_code, 0);
}

/* What follows leaves threads behind, which wait for `release` for ever. */

static char warning[512];

static void keep_warning(void *data, const char *line, size_t n)
{
	(void)data;
	if (memmem(line, n, " warn ", 6) != NULL)
		snprintf(warning, sizeof(warning), "%.*s", (int)n, line);
}

/* Once it was said that a thread hangs, asks for an end, twice. */
static void ask_twice(void *self, const struct board *board)
{
	int *asked = self;

	(void)board;
	if (warning[0] != '\0' && ++*asked <= 2)
		kill(getpid(), SIGINT);
}

TEST(a_thread_that_hangs_is_named_and_left_behind)
{
	static struct worker *worker; /* stays: its thread uses it */
	int asked = 0;
	struct worker_options options = { .progress = ask_twice,
					  .self = &asked,
					  .progress_ns = CLOCK_NS_PER_MS };
	struct worker_result result;
	double seconds;

	sem_init(&release, 0, 0);
	begin(2);
	script.hang = 1;
	script.endless = true;
	log_set_hook(keep_warning, NULL);
	CHECK_INT(worker_create(&plan, &options, &worker, NULL), 0);
	worker_run(worker, &result);
	log_set_hook(NULL, NULL);
	CHECK_CONTAINS(warning, "executor 1 has spent ");
	CHECK_INT(sscanf(strstr(warning, "spent "), "spent %lf", &seconds), 1);
	CHECK(seconds >= 1);
	CHECK_CONTAINS(warning, " s in numbers[1] hang(); a component");
	CHECK_INT(result.end, WORKER_ABORTED);
	CHECK_INT(result.exit_code, 128 + SIGINT);
	CHECK_UINT(result.left_behind, 1);
	CHECK_UINT(executor_counters(worker_executor(worker, 1), 1)->roots, 0);
	worker_destroy(worker);
}

static void *interrupt(void *data)
{
	(void)data;
	/* The signals are not for this thread. */
	signals_block();
	CHECK_INT(sem_wait(&hanging), 0);
	kill(getpid(), SIGINT);
	/* Of one kind, two that wait are one. */
	kill(getpid(), SIGTERM);
	return NULL;
}

TEST(an_open_that_hangs_can_be_interrupted)
{
	static struct worker *worker; /* stays: its thread uses it */
	struct worker_result result;
	pthread_t thread;

	sem_init(&release, 0, 0);
	sem_init(&hanging, 0, 0);
	begin(3);
	script.hang_open = 1;
	CHECK_INT(worker_create(&plan, NULL, &worker, NULL), 0);
	CHECK_INT(pthread_create(&thread, NULL, interrupt, NULL), 0);
	worker_run(worker, &result);
	CHECK_INT(pthread_join(thread, NULL), 0);
	CHECK_INT(result.end, WORKER_ABORTED);
	CHECK_UINT(result.left_behind, 1);
	CHECK_UINT(script.closed, 2);
	CHECK_UINT(script.stepped_before_all_opened, 0);
	CHECK_UINT(board_elapsed_ns(worker_board(worker)), 0);
	worker_destroy(worker);
}

TEST(signals_are_as_before)
{
	struct sigaction action;
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	CHECK(!sigismember(&blocked, SIGINT));
	CHECK(!sigismember(&blocked, SIGTERM));
	sigaction(SIGPIPE, NULL, &action);
	CHECK(action.sa_handler == SIG_DFL);
	sigaction(SIGXFSZ, NULL, &action);
	CHECK(action.sa_handler == SIG_DFL);
}
