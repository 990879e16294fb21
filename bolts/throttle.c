/* SPDX-License-Identifier: MIT */

/*
 * throttle: lets tuples through at no more than a rate.
 *
 * `rate` is tuples a second of all tasks together: each task has its share.
 * After a quiet time up to `burst` tuples pass a task at once; without that
 * option as many as a hundredth of a second brings, at least one.
 *
 * A tuple that is too early waits, with all that come behind it, and the
 * components before feel it as they feel a slow one: nothing is lost and
 * nothing fails. But no tree may take longer than
 * topology.message.timeout.max.secs (600), waiting included: where the rate is
 * so low that more tuples can wait than pass in that time, set
 * topology.max.spout.pending. The state of a throttle that waits reads
 * "waiting: the rate is reached".
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the fields of the input
 *
 * Example:
 *	bolts:
 *	  - {id: slowly, plugin: throttle, options: {rate: 100, burst: 10}}
 */

#include <errno.h>

#include <gust/bolt.h>
#include <gust/kit/forward.h>

/*
 * What has gathered beyond a burst makes up for tuples that were let through
 * late, because timers are; it never lets one more through at once.
 */
#define THROTTLE_SLACK 0.999

/* Rounding must not make a tuple wait for another timer. */
#define THROTTLE_WHOLE 0.999999999

struct throttle {
	double rate; /* options */
	int64_t burst;

	struct forward forward;
	double per_ns; /* of this task */
	double most;   /* that can gather */
	double tokens; /* each lets a tuple through */
	uint64_t last; /* when they were counted */
	bool waiting;  /* a timer is to come */
};

static const struct gust_option throttle_options[] = {
	{ .name = "rate",
	  .type = GUST_OPTION_FLOAT,
	  .offset = offsetof(struct throttle, rate),
	  .help = "tuples a second, of all tasks together",
	  .flags = GUST_REQUIRED,
	  .min = 0.01,
	  .max = 1e9 },
	{ .name = "burst",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct throttle, burst),
	  .fallback = "0",
	  .help = "how many may pass at once; 0: those of 10 ms",
	  .min = 0,
	  .max = 1e9 },
	{ .name = NULL },
};

static int throttle_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	(void)self;
	return forward_declare(about, error);
}

static int throttle_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct throttle *throttle = self;
	double rate = throttle->rate / gust_task_count(task);
	double burst = (double)throttle->burst;

	if (throttle->burst == 0)
		burst = rate > 100 ? rate / 100 : 1;
	throttle->per_ns = rate / 1e9;
	throttle->most = burst + THROTTLE_SLACK;
	throttle->tokens = burst;
	throttle->last = gust_now(task);
	return forward_open(&throttle->forward, task, error);
}

/* Counts what has gathered since the last time. */
static void throttle_count(struct throttle *throttle, uint64_t now)
{
	throttle->tokens += (double)(now - throttle->last) * throttle->per_ns;
	if (throttle->tokens > throttle->most)
		throttle->tokens = throttle->most;
	throttle->last = now;
}

/* The timer ends the waiting in time; without one the runtime tries again. */
static int throttle_wait(struct throttle *throttle, struct gust_task *task)
{
	const double ns = (1 - throttle->tokens) / throttle->per_ns;

	if (!throttle->waiting)
		throttle->waiting = gust_timer(task, (uint64_t)ns + 1, 0) == 0;
	return gust_not_now(task, "the rate is reached");
}

static int throttle_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	struct throttle *throttle = self;
	int r;

	throttle_count(throttle, gust_now(task));
	if (throttle->tokens < THROTTLE_WHOLE)
		return throttle_wait(throttle, task);
	r = forward_emit(&throttle->forward, task, in);
	if (r == 0)
		throttle->tokens -= 1;
	return r;
}

/* The runtime calls again, now that something may pass. */
static int throttle_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct throttle *throttle = self;

	(void)task;
	(void)cookie;
	throttle->waiting = false;
	return 0;
}

static void throttle_close(void *self)
{
	struct throttle *throttle = self;

	forward_close(&throttle->forward);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "throttle",
	.summary = "lets tuples through at no more than a rate",
	.options = throttle_options,
	.instance_size = sizeof(struct throttle),
	.flags = GUST_DETERMINISTIC,
	.declare = throttle_declare,
	.open = throttle_open,
	.execute = throttle_execute,
	.timer = throttle_timer,
	.close = throttle_close,
};
