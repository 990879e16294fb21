/* SPDX-License-Identifier: MIT */

#include "host.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "engine/executor.h"

/* Steps after which the spouts are stopped, and after which it is given up. */
#define STEPS_STOP 20000
#define STEPS_MAX 2000000

/* How long a descriptor may take to be ready: at the end, before a spout that
 * waits for the world is stopped, and before the clock jumps. */
#define POLL_MS 5000
#define POLL_STOP_MS 200
#define POLL_JUMP_MS 10

/* Such jumps after which the spouts are stopped, too. */
#define JUMPS_STOP 100

#define WATCHES_MAX 64

/* Something on its way: a batch, or the answer to a letter. */
struct parcel {
	struct parcel *next;
	uint32_t to;
	void *batch; /* NULL: a letter */
	size_t size;
	uint64_t token;
};

struct watch {
	uint32_t task;
	int fd;
	short events;
};

struct host {
	const struct plan *plan;
	struct pulse *pulses;
	struct executor **executors;
	struct seat *seats;
	uint64_t now;
	struct parcel *first, **last;
	struct watch watches[WATCHES_MAX];
	size_t watch_count;
	bool *woken; /* a task */
	unsigned writes;
	bool wrote_unsaid;
};

/* What an executor's callbacks get. */
struct seat {
	struct host *host;
	uint32_t number;
};

static uint64_t host_now(void *self)
{
	struct seat *seat = self;

	return seat->host->now;
}

static int64_t host_wall(void *self)
{
	return (int64_t)host_now(self);
}

static void *host_batch_alloc(void *self, size_t size)
{
	(void)self;
	return aligned_alloc(16, (size + 15) & ~(size_t)15);
}

static void host_batch_free(void *self, void *batch)
{
	(void)self;
	free(batch);
}

static void host_post(struct host *host, struct parcel parcel)
{
	struct parcel *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		abort();
	*copy = parcel;
	copy->next = NULL;
	*host->last = copy;
	host->last = &copy->next;
}

static void host_send(void *self, uint32_t to, void *batch, size_t size)
{
	struct seat *seat = self;

	host_post(seat->host,
		  (struct parcel){ .to = to, .batch = batch, .size = size });
}

static void host_store(void *self, const struct letter *letter)
{
	struct seat *seat = self;

	host_post(seat->host, (struct parcel){ .to = seat->number,
					       .token = letter->token });
}

static void host_position(void *self, uint32_t component, const char *source,
			  uint64_t offset)
{
	(void)self;
	(void)component;
	(void)source;
	(void)offset;
}

static uint64_t host_resume(void *self, uint32_t component, const char *source)
{
	(void)self;
	(void)component;
	(void)source;
	return 0;
}

static int host_watch(void *self, uint32_t task, int fd, short events)
{
	struct host *host = ((struct seat *)self)->host;
	size_t i;

	for (i = 0; i < host->watch_count; i++)
		if (host->watches[i].task == task && host->watches[i].fd == fd)
			break;
	if (events == 0 && i < host->watch_count) {
		host->watches[i] = host->watches[--host->watch_count];
		return 0;
	}
	if (events == 0)
		return -ENOENT;
	if (i == WATCHES_MAX)
		return -ENOMEM;
	host->watches[i] = (struct watch){ task, fd, events };
	if (i == host->watch_count)
		host->watch_count++;
	return 0;
}

static void host_wake(void *self, uint32_t task)
{
	struct seat *seat = self;

	__atomic_store_n(&seat->host->woken[task], true, __ATOMIC_RELEASE);
}

/* Takes all, a part, and nothing in turn. */
static ssize_t host_stdout_write(void *self, uint32_t task, const char *data,
				 size_t size)
{
	struct host *host = ((struct seat *)self)->host;

	uint32_t component = host->plan->tasks[task].component;

	if (!(host->plan->components[component].flags & GUST_STDOUT))
		host->wrote_unsaid = true;
	(void)data;
	switch (host->writes++ % 3) {
	case 0:
		return (ssize_t)(size / 2 + 1);
	case 1:
		return -EAGAIN;
	default:
		return (ssize_t)size;
	}
}

static void host_log(void *self, uint32_t task, enum gust_log_level level,
		     const char *text)
{
	(void)self;
	(void)task;
	(void)level;
	(void)text;
}

static int host_create_executor(struct host *host, uint32_t number)
{
	struct executor_host callbacks = {
		.batch_alloc = host_batch_alloc,
		.batch_free = host_batch_free,
		.log = host_log,
		.now = host_now,
		.wall = host_wall,
		.position = host_position,
		.resume = host_resume,
		.send = host_send,
		.stdout_write = host_stdout_write,
		.store = host_store,
		.wake = host_wake,
		.watch = host_watch,
	};

	const struct executor_shared shared = { .pulses = host->pulses };

	host->seats[number].host = host;
	host->seats[number].number = number;
	callbacks.self = &host->seats[number];
	return executor_create(host->plan, number, &callbacks, &shared,
			       number + 1, &host->executors[number]);
}

int host_create(const struct plan *plan, struct host **host)
{
	struct host *made = calloc(1, sizeof(*made));
	uint32_t count = plan->executor_count, i;
	int r = 0;

	if (made == NULL)
		return -ENOMEM;
	made->plan = plan;
	made->now = 1000000000;
	made->last = &made->first;
	made->pulses = aligned_alloc(64, count * sizeof(*made->pulses));
	made->executors = calloc(count, sizeof(*made->executors));
	made->seats = calloc(count, sizeof(*made->seats));
	made->woken = calloc(plan->task_count, sizeof(*made->woken));
	if (made->pulses == NULL || made->executors == NULL ||
	    made->seats == NULL || made->woken == NULL)
		r = -ENOMEM;
	else
		memset(made->pulses, 0, count * sizeof(*made->pulses));
	for (i = 0; r == 0 && i < count; i++)
		r = host_create_executor(made, i);
	if (r < 0)
		host_destroy(made);
	else
		*host = made;
	return r;
}

void host_destroy(struct host *host)
{
	uint32_t i;
	struct parcel *parcel;

	if (host == NULL)
		return;
	for (i = 0; host->executors != NULL && i < host->plan->executor_count;
	     i++) {
		if (host->executors[i] != NULL)
			executor_close(host->executors[i]);
		executor_destroy(host->executors[i]);
	}
	while ((parcel = host->first) != NULL) {
		host->first = parcel->next;
		free(parcel->batch);
		free(parcel);
	}
	free(host->woken);
	free(host->seats);
	free(host->executors);
	free(host->pulses);
	free(host);
}

int host_open(struct host *host, struct gust_error *error)
{
	uint32_t i;
	int r = 0;

	for (i = 0; r == 0 && i < host->plan->executor_count; i++)
		r = executor_open(host->executors[i], error);
	return r;
}

/* Delivers what is on its way; whether there was something. */
static bool host_deliver(struct host *host)
{
	struct parcel *parcel = host->first, *next;
	bool any = parcel != NULL;
	uint32_t task;

	host->first = NULL;
	host->last = &host->first;
	for (; parcel != NULL; parcel = next) {
		next = parcel->next;
		if (parcel->batch != NULL)
			executor_receive(host->executors[parcel->to],
					 parcel->batch, parcel->size);
		else
			executor_stored(host->executors[parcel->to],
					parcel->token, 0);
		free(parcel);
	}
	for (task = 0; task < host->plan->task_count; task++) {
		if (!__atomic_exchange_n(&host->woken[task], false,
					 __ATOMIC_ACQUIRE))
			continue;
		executor_woken(
			host->executors[host->plan->tasks[task].executor],
			task);
		any = true;
	}
	return any;
}

/* Looks at the descriptors, for `timeout_ms`; whether one was ready. */
static bool host_poll(struct host *host, int timeout_ms)
{
	struct pollfd polls[WATCHES_MAX];
	struct watch watches[WATCHES_MAX];
	size_t count = host->watch_count, i;
	bool any = false;
	uint32_t to;

	memcpy(watches, host->watches, sizeof(watches));
	for (i = 0; i < count; i++) {
		polls[i].fd = watches[i].fd;
		polls[i].events = watches[i].events;
	}
	if (poll(polls, count, timeout_ms) <= 0)
		return false;
	for (i = 0; i < count; i++) {
		if (polls[i].revents == 0)
			continue;
		to = host->plan->tasks[watches[i].task].executor;
		executor_ready(host->executors[to], watches[i].task,
			       watches[i].fd, polls[i].revents);
		any = true;
	}
	return any;
}

/* Steps all; returns when the next one is due, as executor_step() does. */
static uint64_t host_step(struct host *host)
{
	uint64_t due = UINT64_MAX, wish;
	uint32_t i;

	for (i = 0; i < host->plan->executor_count; i++) {
		wish = executor_step(host->executors[i]);
		due = wish < due ? wish : due;
	}
	host->now += 1000;
	return due;
}

static bool host_done(const struct host *host)
{
	uint32_t i;

	for (i = 0; i < host->plan->executor_count; i++)
		if (!executor_done(host->executors[i]))
			return false;
	return true;
}

static void host_stop(struct host *host)
{
	uint32_t i;

	for (i = 0; i < host->plan->executor_count; i++)
		executor_stop(host->executors[i]);
}

bool host_run(struct host *host)
{
	unsigned long steps, jumps = 0;
	uint64_t due;

	for (steps = 0; steps < STEPS_MAX; steps++) {
		if (steps == STEPS_STOP)
			host_stop(host);
		due = host_step(host);
		if (host_deliver(host) || host_poll(host, 0) || due == 0)
			continue;
		if (host_done(host))
			return true;
		/* Servers and children need real time. */
		if (host->watch_count > 0 && due != UINT64_MAX) {
			if (host_poll(host, POLL_JUMP_MS))
				continue;
			if (++jumps == JUMPS_STOP && steps < STEPS_STOP)
				steps = STEPS_STOP - 1;
		}
		if (due == UINT64_MAX && steps < STEPS_STOP) {
			if (!host_poll(host, POLL_STOP_MS))
				steps = STEPS_STOP - 1;
			continue;
		}
		if (due == UINT64_MAX && !host_poll(host, POLL_MS))
			return false;
		if (due != UINT64_MAX && due > host->now)
			host->now = due;
	}
	return false;
}

const struct gust_error *host_failure(const struct host *host)
{
	const struct gust_error *failure = NULL;
	uint32_t i;

	for (i = 0; failure == NULL && i < host->plan->executor_count; i++)
		failure = executor_failure(host->executors[i]);
	return failure;
}

static const struct task_counters *host_counters(const struct host *host,
						 uint32_t task)
{
	uint32_t number = host->plan->tasks[task].executor;

	return executor_counters(host->executors[number], task);
}

uint64_t host_mistakes(const struct host *host, uint32_t component)
{
	uint64_t mistakes = 0;
	uint32_t task;

	for (task = 0; task < host->plan->task_count; task++)
		if (host->plan->tasks[task].component == component)
			mistakes += host_counters(host, task)->mistakes;
	return mistakes;
}

bool host_wrote_unsaid(const struct host *host)
{
	return host->wrote_unsaid;
}

bool host_balances(const struct host *host)
{
	const struct task_counters *c;
	uint32_t task;

	for (task = 0; task < host->plan->task_count; task++) {
		c = host_counters(host, task);
		if (c->attempts != c->trees_acked + c->trees_failed ||
		    c->roots != c->trees_acked + c->dead_lettered +
					c->rejected + c->lost + c->aborted)
			return false;
	}
	return true;
}
