/* SPDX-License-Identifier: MIT */

/*
 * delay: passes tuples on later.
 *
 * Every tuple is passed on `by` after it came, in the order they came. It is
 * held meanwhile: its tree does not time out, and it does not count against
 * topology.max.spout.pending. What is held is kept in memory, within
 * topology.memory.max.bytes; when that is full, spouts wait.
 *
 * When the inputs have come to an end, the last tuples still get their time,
 * and the run ends after them. A run that is stopped waits as long as
 * topology.drain.timeout.secs says; what was not passed on then is not acked.
 *
 * The input is acked when what was passed on has been processed. What fails
 * after this bolt is emitted again by it, without another delay.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the fields of the input
 *
 * Example:
 *	bolts:
 *	  - {id: later, plugin: delay, options: {by: 5s}}
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>
#include <gust/kit/forward.h>

#define DELAY_QUEUE_MIN ((size_t)64)

/* How soon it goes on where there was no room. */
#define DELAY_PAUSE_NS UINT64_C(1000000)

/* A tuple that waits. */
struct delay_item {
	const struct gust_tuple *kept;
	uint64_t due;
};

struct delay {
	uint64_t by; /* option */

	struct forward forward;
	struct delay_item *queue; /* a ring, the oldest at `first` */
	size_t size, first, count;
	bool waiting; /* a timer is to come */
};

static const struct gust_option delay_options[] = {
	{ .name = "by",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct delay, by),
	  .help = "how much later tuples are passed on",
	  .flags = GUST_REQUIRED,
	  .min = 1e3,
	  .max = 30 * 86400e9 },
	{ .name = NULL },
};

static int delay_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	(void)self;
	return forward_declare(about, error);
}

static int delay_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct delay *delay = self;

	return forward_open(&delay->forward, task, error);
}

static int delay_grow(struct delay *delay)
{
	size_t size = delay->size == 0 ? DELAY_QUEUE_MIN : 2 * delay->size, i;
	struct delay_item *queue;

	if (delay->count < delay->size)
		return 0;
	queue = calloc(size, sizeof(*queue));
	if (queue == NULL)
		return -ENOMEM;
	for (i = 0; i < delay->count; i++)
		queue[i] = delay->queue[(delay->first + i) % delay->size];
	free(delay->queue);
	delay->queue = queue;
	delay->size = size;
	delay->first = 0;
	return 0;
}

/* One timer at a time: that of the oldest. */
static int delay_wait(struct delay *delay, struct gust_task *task, uint64_t now)
{
	const uint64_t due = delay->queue[delay->first].due;
	int r;

	if (delay->waiting)
		return 0;
	r = gust_timer(task, due > now ? due - now : DELAY_PAUSE_NS, 0);
	delay->waiting = r == 0;
	return r;
}

static int delay_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct delay *delay = self;
	const uint64_t now = gust_now(task);
	struct delay_item item = { .due = now + delay->by };
	int r = delay_grow(delay);

	/* The timer first: without it the tuple would be kept for ever. */
	if (r == 0 && delay->count == 0) {
		delay->queue[delay->first] = item;
		r = delay_wait(delay, task, now);
	}
	if (r < 0)
		return r;
	item.kept = gust_hold(task, in);
	if (item.kept == NULL)
		return -ENOMEM;
	delay->queue[(delay->first + delay->count) % delay->size] = item;
	delay->count++;
	return 0;
}

/* Passes the oldest one on. It fails if it cannot be emitted. */
static void delay_pass(struct delay *delay, struct gust_task *task)
{
	const struct gust_tuple *kept = delay->queue[delay->first].kept;

	delay->first = (delay->first + 1) % delay->size;
	delay->count--;
	if (forward_emit_kept(&delay->forward, task, kept) == 0)
		gust_ack(task, kept);
	else
		gust_fail(task, kept, "it could not be passed on");
}

/* Passes on what is due, as long as there is room, and waits for the rest. */
static int delay_run(struct delay *delay, struct gust_task *task)
{
	const uint64_t now = gust_now(task);

	while (delay->count > 0 && delay->queue[delay->first].due <= now &&
	       gust_room(task) > 0)
		delay_pass(delay, task);
	return delay->count > 0 ? delay_wait(delay, task, now) : 0;
}

static int delay_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct delay *delay = self;

	(void)cookie;
	delay->waiting = false;
	return delay_run(delay, task);
}

static int delay_flush(void *self, struct gust_task *task)
{
	struct delay *delay = self;
	int r = delay_run(delay, task);

	if (r < 0 || delay->count == 0)
		return r;
	return gust_not_now(task, "the last tuples are not due");
}

static void delay_close(void *self)
{
	struct delay *delay = self;

	forward_close(&delay->forward);
	free(delay->queue);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "delay",
	.summary = "passes tuples on later",
	.options = delay_options,
	.instance_size = sizeof(struct delay),
	.flags = GUST_DETERMINISTIC,
	.declare = delay_declare,
	.open = delay_open,
	.execute = delay_execute,
	.timer = delay_timer,
	.flush = delay_flush,
	.close = delay_close,
};
