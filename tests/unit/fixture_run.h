/* SPDX-License-Identifier: MIT */
#ifndef FIXTURE_RUN_H
#define FIXTURE_RUN_H

/*
 * Topologies that need no file and no plugins: parts of this program, put
 * together by begin(), add_spout() and add_bolt(), and run by a worker.
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "worker/board.h"
#include "worker/worker.h"

#define MIB (UINT64_C(1) << 20)

/* What the bolts of a run have seen; atomic. */
static struct {
	uint64_t count;
	uint64_t sum;
	uint64_t closed;
} seen;

/* Called by each next(), if not NULL: the run has begun. */
static void (*started)(void);

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

	if (started != NULL)
		started();
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

static inline struct counter *add_spout(const char *id, uint32_t tasks,
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

static inline struct plan_component *add_bolt(const char *id, uint32_t tasks,
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
		&worker_board(worker)->tasks[task];

	made.spouts.roots += counters->roots;
	made.spouts.attempts += counters->attempts;
	made.spouts.trees_acked += counters->trees_acked;
	made.spouts.trees_failed += counters->trees_failed;
	made.spouts.dead_lettered += counters->dead_lettered;
	made.spouts.aborted += counters->aborted;
}

/* Adds up what was counted, and frees the worker and the plan. */
static void finish(struct worker *worker)
{
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

static inline void run_with(const struct worker_options *options)
{
	struct gust_error error = { 0 };
	struct worker *worker;

	CHECK_INT(plan_derive(&made.plan, &error), 0);
	CHECK_INT(worker_create(&made.plan, options, &worker, &error), 0);
	worker_run(worker, &made.result);
	finish(worker);
}

static inline void run(void)
{
	run_with(NULL);
	CHECK_STR(made.result.error.text, "");
	CHECK_INT(made.result.end, WORKER_ENDED);
	CHECK_UINT(made.spouts.aborted, 0);
}

static inline uint64_t sum_below(uint64_t n)
{
	return n * (n - 1) / 2;
}

#endif
