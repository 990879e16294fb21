/* SPDX-License-Identifier: MIT */

/*
 * outside: emits n: int for every event from outside of its thread: a wake-up
 * or a byte in a pipe by a thread of its own, or a timer. Between events it
 * says GUST_WAIT and nothing else can end that.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <gust/spout.h>

enum outside_how { OUTSIDE_WAKE, OUTSIDE_WATCH, OUTSIDE_TIMER };

/* Shared with the thread; the instance itself belongs to the runtime. */
struct outside_world {
	struct gust_task *task;
	int64_t count;
	enum outside_how how;
	pthread_t thread;
	int ends[2];
	atomic_llong happened;
};

struct outside {
	int64_t count; /* options */
	int how;

	struct outside_world *world;
	bool running;
	int64_t emitted;
};

static const char *const outside_hows[] = { "wake", "watch", "timer", NULL };

static const struct gust_option outside_options[] = {
	{ .name = "count",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct outside, count),
	  .help = "how many events",
	  .flags = GUST_REQUIRED,
	  .min = 0,
	  .max = 1e9 },
	{ .name = "how",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct outside, how),
	  .fallback = "wake",
	  .help = "what tells of an event",
	  .choices = outside_hows },
	{ .name = NULL },
};

static const struct gust_column outside_columns[] = { { "n", GUST_INT },
						      { NULL, GUST_NULL } };
static const struct gust_stream outside_streams[] = {
	{ "default", outside_columns },
	{ NULL, NULL },
};

static void *outside_run(void *self)
{
	struct outside_world *world = self;
	int64_t i;

	for (i = 0; i < world->count; i++) {
		if (world->how == OUTSIDE_WATCH) {
			if (write(world->ends[1], "", 1) != 1)
				abort();
			continue;
		}
		atomic_fetch_add(&world->happened, 1);
		gust_wake(world->task);
	}
	return NULL;
}

static int outside_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct outside *outside = self;
	struct outside_world *world = calloc(1, sizeof(*world));

	(void)error;
	outside->world = world;
	if (world == NULL)
		return -ENOMEM;
	world->task = task;
	world->count = outside->count;
	world->how = (enum outside_how)outside->how;
	if (pipe2(world->ends, O_CLOEXEC) < 0)
		return -errno;
	if (fcntl(world->ends[0], F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	if (outside->how == OUTSIDE_TIMER)
		return outside->count > 0 ? gust_timer(task, 1000000, 7) : 0;
	if (outside->how == OUTSIDE_WATCH &&
	    gust_watch(task, world->ends[0], POLLIN) < 0)
		return -EIO;
	if (pthread_create(&world->thread, NULL, outside_run, world) != 0)
		return -EAGAIN;
	outside->running = true;
	return 0;
}

static int outside_next(void *self, struct gust_task *task)
{
	struct outside *outside = self;

	if (outside->emitted == outside->count)
		return GUST_DONE;
	if (outside->emitted >= atomic_load(&outside->world->happened))
		return GUST_WAIT;
	return gust_emit(task, gust_int(outside->emitted++));
}

static int outside_ready(void *self, struct gust_task *task, int fd,
			 short events)
{
	struct outside *outside = self;
	ssize_t n;
	char bytes[16];

	if (fd < 0)
		return 0;
	n = read(fd, bytes, sizeof(bytes));
	if (n < 0 || (events & POLLIN) == 0)
		return -EIO;
	if (atomic_fetch_add(&outside->world->happened, n) + n ==
	    outside->count)
		return gust_watch(task, fd, 0);
	return 0;
}

static int outside_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct outside *outside = self;

	if (cookie != 7)
		return -EINVAL;
	if (atomic_fetch_add(&outside->world->happened, 1) + 1 < outside->count)
		return gust_timer(task, 1000000, 7);
	return 0;
}

static void outside_close(void *self)
{
	struct outside *outside = self;

	if (outside->world == NULL)
		return;
	if (outside->running)
		pthread_join(outside->world->thread, NULL);
	if (outside->world->ends[0] > 0) {
		close(outside->world->ends[0]);
		close(outside->world->ends[1]);
	}
	free(outside->world);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "outside",
	.summary = "emits a number for every event from outside",
	.options = outside_options,
	.streams = outside_streams,
	.instance_size = sizeof(struct outside),
	.replay = GUST_REPLAY_RECORD,
	.open = outside_open,
	.next = outside_next,
	.ready = outside_ready,
	.timer = outside_timer,
	.close = outside_close,
};
