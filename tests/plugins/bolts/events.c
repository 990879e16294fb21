/* SPDX-License-Identifier: MIT */

/*
 * events: emits what it got when something happens: a tick, a timer five
 * seconds after the input, a pipe that becomes readable, or a thread that
 * wakes it.
 *
 * Input:
 *	n: int
 * Output:
 *	default: n: int, what all inputs since the last event add up to
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include <gust/bolt.h>

enum { BY_TICK, BY_TIMER, BY_PIPE, BY_THREAD };

struct events {
	int by; /* option */

	struct gust_field n;
	struct gust_task *task;
	int64_t sum;
	bool any;
	int pipe[2]; /* 0 until it is open */
	pthread_t thread;
	bool started;
};

static const char *const events_choices[] = { "tick", "timer", "pipe", "thread",
					      NULL };

static const struct gust_option events_options[] = {
	{ .name = "by",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct events, by),
	  .help = "what makes it emit",
	  .flags = GUST_REQUIRED,
	  .choices = events_choices },
	{ .name = NULL },
};

static const struct gust_column events_columns[] = { { "n", GUST_INT },
						     { NULL, GUST_NULL } };
static const struct gust_stream events_streams[] = {
	{ "default", events_columns }, { NULL, NULL }
};

static int events_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct events *events = self;
	int r = gust_field(task, "n", GUST_INT, &events->n, error);

	events->task = task;
	if (r < 0 || events->by != BY_PIPE)
		return r;
	if (pipe2(events->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return gust_error_set(error, -errno, "no pipe");
	return gust_watch(task, events->pipe[0], POLLIN);
}

static void *events_thread(void *self)
{
	struct events *events = self;

	gust_wake(events->task);
	return NULL;
}

static int events_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct events *events = self;

	events->sum += gust_integer(in, events->n);
	events->any = true;
	if (events->by == BY_TIMER)
		return gust_timer(task, 5000000000, 7);
	if (events->by == BY_PIPE)
		return write(events->pipe[1], "x", 1) == 1 ? 0 : -EIO;
	if (events->by != BY_THREAD || events->started)
		return 0;
	events->started = true;
	return -pthread_create(&events->thread, NULL, events_thread, events);
}

static int events_emit(struct events *events, struct gust_task *task)
{
	int64_t sum = events->sum;

	if (!events->any)
		return 0;
	events->any = false;
	events->sum = 0;
	return gust_emit(task, gust_int(sum));
}

static int events_tick(void *self, struct gust_task *task)
{
	return events_emit(self, task);
}

static int events_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	return cookie == 7 ? events_emit(self, task) : -EINVAL;
}

static int events_ready(void *self, struct gust_task *task, int fd,
			short events)
{
	char buffer[64];

	(void)events;
	while (fd >= 0 && read(fd, buffer, sizeof(buffer)) > 0)
		continue;
	return events_emit(self, task);
}

static void events_close(void *self)
{
	struct events *events = self;

	if (events->started)
		pthread_join(events->thread, NULL);
	if (events->pipe[1] > 0) {
		close(events->pipe[0]);
		close(events->pipe[1]);
	}
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "events",
	.summary = "emits when something happens",
	.options = events_options,
	.streams = events_streams,
	.instance_size = sizeof(struct events),
	.open = events_open,
	.execute = events_execute,
	.tick = events_tick,
	.timer = events_timer,
	.ready = events_ready,
	.close = events_close,
};
