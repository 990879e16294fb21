/* SPDX-License-Identifier: MIT */

#include "parent/parent.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "parent/brood.h"
#include "worker/gathering.h"
#include "worker/keeper.h"
#include "worker/reception.h"
#include "worker/signals.h"
#include "worker/verdict.h"

/* After an abort, what workers may take to leave by themselves; they have a
 * grace of their own for callbacks that hang. */
#define PARENT_GRACE_NS (4 * CLOCK_NS_PER_S)

struct parent {
	const struct plan *plan;
	struct worker_options options;
	struct board board;
	struct keeper *keeper;
	struct brood *brood;
	struct signals signals;
	struct worker_result *result;
	bool stopping;
	bool aborting;
	bool commit_failed;    /* it was said */
	uint64_t stop_due_ns;  /* options.for_ns; 0: none */
	uint64_t abort_due_ns; /* a stop must be over by then; 0: none */
	uint64_t kill_due_ns;  /* an abort must; 0: none */
	uint64_t show_due_ns;
	uint64_t commit_due_ns;
};

/* Ends the run for a failure. */
static void parent_fail(struct parent *parent, const struct gust_error *error,
			enum worker_end end, const char *reason)
{
	if (parent->result->error.code == 0)
		parent->result->error = *error;
	verdict_end(parent->result, end, "%s", reason);
}

static void parent_abort(struct parent *parent)
{
	if (parent->aborting)
		return;
	parent->aborting = true;
	parent->abort_due_ns = 0;
	parent->kill_due_ns = clock_now_ns() + PARENT_GRACE_NS;
	brood_abort(parent->brood);
}

static void parent_stop(struct parent *parent)
{
	if (parent->stopping || parent->aborting)
		return;
	parent->stopping = true;
	parent->stop_due_ns = 0;
	parent->abort_due_ns =
		clock_now_ns() + parent->plan->config.drain_timeout_ns;
	brood_stop(parent->brood);
}

static void parent_heard(void *self, const struct control_message *message,
			 const char *text)
{
	struct parent *parent = self;
	struct gust_error error = { 0 };

	if (message->code != 0)
		gust_error_set(&error, message->code, "%s", text);
	switch (message->kind) {
	case CONTROL_FAILED:
		parent_fail(parent, &error, WORKER_FAILED,
			    "a component failed");
		parent_stop(parent);
		break;
	case CONTROL_BROKEN:
		parent_fail(parent, &error, WORKER_FAILED,
			    "a component failed");
		parent_abort(parent);
		break;
	case CONTROL_STUCK:
		parent_fail(parent, &error, WORKER_STUCK, "nothing can go on");
		parent_abort(parent);
		break;
	case CONTROL_NO_READER:
		verdict_end(parent->result, WORKER_NO_READER,
			    "nobody reads standard output any more");
		parent_abort(parent);
		break;
	case CONTROL_ENOUGH:
		verdict_end(parent->result, WORKER_STOPPED,
			    "the spouts have emitted enough tuples");
		parent_stop(parent);
		break;
	default:
		break;
	}
}

static void parent_brood_failed(void *self, const struct gust_error *error)
{
	struct parent *parent = self;

	parent_fail(parent, error, WORKER_FAILED, "a worker failed");
	/* The others wait for it. */
	parent_abort(parent);
}

static void parent_forget(void *self)
{
	struct parent *parent = self;

	close(signals_fd(&parent->signals));
	reception_forget(parent->options.reception);
	brood_forget(parent->brood);
}

int parent_create(const struct plan *plan, const struct worker_options *options,
		  uint32_t first, uint32_t count, struct parent **parent,
		  struct gust_error *error)
{
	struct parent *made = calloc(1, sizeof(*made));
	struct brood_host host = { made, parent_heard, parent_brood_failed,
				   parent_forget };
	int r = -ENOMEM;

	if (made == NULL)
		goto fail;
	made->plan = plan;
	made->options = *options;
	r = board_init(&made->board, plan, options->max_tuples);
	if (r == 0)
		r = keeper_create(plan, true, &made->keeper, error);
	made->options.board = &made->board;
	made->options.keeper = made->keeper;
	/* The parent has the clock. */
	made->options.for_ns = 0;
	made->options.progress = NULL;
	made->options.reception = NULL;
	if (r == 0)
		r = brood_create(plan, &made->options, first, count, &host,
				 &made->brood, error);
	made->options = *options;
	if (r < 0)
		goto fail;
	*parent = made;
	return 0;
fail:
	parent_destroy(made);
	return gust_error_set(error, r, "cannot set up the run: %s",
			      strerror(-r));
}

void parent_destroy(struct parent *parent)
{
	if (parent == NULL)
		return;
	brood_destroy(parent->brood);
	keeper_destroy(parent->keeper);
	board_fini(&parent->board);
	free(parent);
}

const struct board *parent_board(const struct parent *parent)
{
	return &parent->board;
}

const struct gust_histogram *parent_latency(const struct parent *parent,
					    uint32_t task)
{
	return gathering_latency(brood_gathering(parent->brood), task);
}

const struct metric_set *parent_metrics(const struct parent *parent,
					uint32_t task)
{
	return gathering_metrics(brood_gathering(parent->brood), task);
}

static void parent_take_signal(struct parent *parent, int number)
{
	const char *name = signals_name(number);
	int other;

	if (parent->result->signal == 0)
		parent->result->signal = number;
	if (parent->aborting) {
		/* Whoever hangs is not waited for any longer. */
		parent->kill_due_ns = clock_now_ns();
	} else if (parent->stopping) {
		parent->result->signal = number;
		verdict_end(parent->result, WORKER_ABORTED,
			    "aborted by a second %s", name);
		parent_abort(parent);
	} else {
		verdict_end(parent->result, WORKER_STOPPED, "stopped by %s",
			    name);
		parent_stop(parent);
		other = signals_settle(&parent->signals, number);
		log_write(LOG_LEVEL_INFO,
			  "%s: what is open will be completed; another signal "
			  "aborts",
			  name);
		if (other != 0)
			parent_take_signal(parent, other);
	}
}

static void parent_commit(struct parent *parent)
{
	struct gust_error error = { 0 };

	if (keeper_commit(parent->keeper, &error) >= 0) {
		parent->commit_failed = false;
		return;
	}
	if (!parent->commit_failed)
		log_write(LOG_LEVEL_ERROR, "cannot store positions: %s",
			  error.text);
	parent->commit_failed = true;
}

/* Whether something is due that comes every `period_ns` once the run is on. */
static bool parent_due(const struct parent *parent, uint64_t *due_ns,
		       uint64_t period_ns, uint64_t now)
{
	if (period_ns == 0 || !brood_running(parent->brood))
		return false;
	if (*due_ns > now)
		return false;
	/* The first one only sets the time. */
	if (*due_ns == 0) {
		*due_ns = now + period_ns;
		return false;
	}
	*due_ns = now + period_ns;
	return true;
}

static void parent_look_at_clock(struct parent *parent, uint64_t now)
{
	const struct worker_options *options = &parent->options;
	const struct plan_config *config = &parent->plan->config;

	if (parent->stop_due_ns == 0 && options->for_ns > 0 &&
	    !parent->stopping && brood_running(parent->brood))
		parent->stop_due_ns = now + options->for_ns;
	if (parent->stop_due_ns != 0 && now >= parent->stop_due_ns) {
		verdict_end(parent->result, WORKER_STOPPED,
			    "the time given has passed");
		parent_stop(parent);
	}
	if (parent->abort_due_ns != 0 && now >= parent->abort_due_ns) {
		verdict_end(parent->result, WORKER_OVERDUE,
			    "not drained within %.3g s",
			    (double)config->drain_timeout_ns / CLOCK_NS_PER_S);
		parent_abort(parent);
	}
	if (parent->kill_due_ns != 0 && now >= parent->kill_due_ns) {
		parent->kill_due_ns = now + PARENT_GRACE_NS;
		brood_kill(parent->brood);
	}
	if (options->progress != NULL &&
	    parent_due(parent, &parent->show_due_ns, options->progress_ns, now))
		options->progress(options->self, &parent->board);
	if (config->state_dir != NULL &&
	    parent_due(parent, &parent->commit_due_ns, config->state_commit_ns,
		       now))
		parent_commit(parent);
}

static uint64_t parent_earlier(uint64_t a, uint64_t b)
{
	return b != 0 && b < a ? b : a;
}

/* Until `due`, or something else is due, or a worker or a signal calls. */
static void parent_wait(struct parent *parent, struct pollfd *fds, uint64_t due)
{
	uint64_t now = clock_now_ns();
	struct timespec timeout;
	nfds_t count = 2;

	due = parent_earlier(due, parent->stop_due_ns);
	due = parent_earlier(due, parent->abort_due_ns);
	due = parent_earlier(due, parent->kill_due_ns);
	due = parent_earlier(due, parent->show_due_ns);
	due = parent_earlier(due, parent->commit_due_ns);
	due = due > now ? due - now : 0;
	timeout.tv_sec = (time_t)(due / CLOCK_NS_PER_S);
	timeout.tv_nsec = (long)(due % CLOCK_NS_PER_S);
	fds[0].fd = signals_fd(&parent->signals);
	fds[0].events = POLLIN;
	fds[1].fd = reception_fd(parent->options.reception);
	fds[1].events = POLLIN;
	count += brood_poll(parent->brood, fds + 2);
	(void)ppoll(fds, count, &timeout, NULL);
	reception_look(parent->options.reception);
}

static void parent_attend(struct parent *parent, struct pollfd *fds)
{
	uint64_t due = 0;

	while (!brood_over(parent->brood)) {
		uint64_t now;
		int number;

		parent_wait(parent, fds, due);
		while ((number = signals_take(&parent->signals)) != 0)
			parent_take_signal(parent, number);
		now = clock_now_ns();
		due = brood_look(parent->brood, now);
		parent_look_at_clock(parent, now);
	}
}

/* The peaks of all processes together. */
static uint64_t parent_rss(const struct parent *parent)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < parent->board.worker_count; i++)
		sum += parent->board.workers[i].rss;
	return sum;
}

static void parent_close(struct parent *parent)
{
	struct worker_result *result = parent->result;
	struct board *board = &parent->board;

	*board->ended_ns = clock_now_ns();
	parent_commit(parent);
	result->started_ns = *board->started_ns;
	result->run_ns = board_elapsed_ns(board);
	result->peak_rss = parent_rss(parent);
	verdict_close(result, board);
}

void parent_run(struct parent *parent, struct worker_result *result)
{
	struct pollfd *fds = calloc(2 * (size_t)parent->plan->worker_count + 2,
				    sizeof(*fds));
	struct gust_error error = { 0 };
	int r = fds != NULL ? signals_begin(&parent->signals, false) : -ENOMEM;

	memset(result, 0, sizeof(*result));
	parent->result = result;
	if (r < 0) {
		gust_error_set(&error, r, "signalfd: %s", strerror(-r));
		parent_fail(parent, &error, WORKER_FAILED,
			    "it could not start");
		verdict_close(result, &parent->board);
		free(fds);
		return;
	}
	r = brood_start(parent->brood, &error);
	if (r < 0) {
		parent_fail(parent, &error, WORKER_FAILED,
			    "it could not start");
		parent_abort(parent);
	}
	parent_attend(parent, fds);
	parent_close(parent);
	signals_end(&parent->signals);
	parent->result = NULL;
	free(fds);
}
