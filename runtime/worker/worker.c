/* SPDX-License-Identifier: MIT */

#include "worker/worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/crash.h"
#include "worker/crew.h"
#include "worker/keeper.h"
#include "worker/seat.h"
#include "worker/signals.h"
#include "worker/verdict.h"
#include "worker/watchdog.h"

/* After an abort, what a callback that still runs may take to return. */
#define WORKER_GRACE_NS (2 * CLOCK_NS_PER_S)

/* Within this, the same signal twice is one. */
#define WORKER_SETTLE_MS 100

/* What is due again and again; never while both are 0. */
struct worker_timer {
	uint64_t period_ns;
	uint64_t due_ns;
};

struct worker {
	const struct plan *plan;
	struct worker_options options;
	struct crew crew;
	struct signals signals;
	struct watchdog watchdog;
	struct worker_result *result; /* during worker_run() */

	bool released; /* the threads were told to run or to close again */
	bool running;
	bool stopping;
	bool aborting;
	bool commit_failed; /* it was said */
	bool left_behind;
	uint64_t stop_due_ns;  /* options.for_ns; 0: none */
	uint64_t abort_due_ns; /* a stop must be over by then; 0: none */
	uint64_t leave_due_ns; /* an abort must; 0: none */
	uint64_t started_ns;
	uint64_t ended_ns;
	struct worker_timer progress, commit, watch;
};

int worker_create(const struct plan *plan, const struct worker_options *options,
		  struct worker **worker, struct gust_error *error)
{
	struct worker *made = calloc(1, sizeof(*made));
	uint64_t roots_max = options != NULL ? options->max_tuples : 0;
	int r = -ENOMEM;

	if (made == NULL)
		goto fail;
	made->plan = plan;
	if (options != NULL)
		made->options = *options;
	r = crew_init(&made->crew, plan, roots_max, STDOUT_FILENO, error);
	if (r < 0)
		goto fail;
	r = watchdog_init(&made->watchdog, &made->crew, made->options.stuck_ns);
	if (r < 0)
		goto fail;
	*worker = made;
	return 0;
fail:
	worker_destroy(made);
	return gust_error_set(error, r, "cannot set up the run: %s",
			      strerror(-r));
}

void worker_destroy(struct worker *worker)
{
	/* Threads that were left behind go on using all of it. */
	if (worker == NULL || worker->left_behind)
		return;
	watchdog_fini(&worker->watchdog);
	crew_fini(&worker->crew);
	free(worker);
}

const struct plan *worker_plan(const struct worker *worker)
{
	return worker->plan;
}

const struct executor *worker_executor(const struct worker *worker,
				       uint32_t number)
{
	assert(number < worker->crew.count);
	return seat_executor(&worker->crew.seats[number]);
}

const struct executor *worker_executor_of(const struct worker *worker,
					  uint32_t task)
{
	assert(task < worker->plan->task_count);
	return worker_executor(worker, worker->plan->tasks[task].executor);
}

uint64_t worker_elapsed_ns(const struct worker *worker)
{
	if (worker->started_ns == 0)
		return 0;
	if (worker->ended_ns != 0)
		return worker->ended_ns - worker->started_ns;
	return clock_now_ns() - worker->started_ns;
}

static void worker_timer_start(struct worker_timer *timer, uint64_t period_ns,
			       uint64_t now)
{
	timer->period_ns = period_ns;
	timer->due_ns = period_ns != 0 ? now + period_ns : 0;
}

/* Has the threads begin, or close what they opened. */
static void worker_release(struct worker *worker, bool run, uint64_t now)
{
	const struct worker_options *options = &worker->options;
	const struct plan_config *config = &worker->plan->config;

	worker->released = true;
	worker->running = run;
	if (run) {
		worker->started_ns = now;
		if (options->progress != NULL)
			worker_timer_start(&worker->progress,
					   options->progress_ns, now);
		if (config->state_dir != NULL)
			worker_timer_start(&worker->commit,
					   config->state_commit_ns, now);
		worker_timer_start(&worker->watch, WATCHDOG_PERIOD_NS, now);
		if (options->for_ns > 0)
			worker->stop_due_ns = now + options->for_ns;
	}
	crew_release(&worker->crew, run ? CREW_RUNNING : CREW_CANCELLED);
}

static void worker_abort(struct worker *worker, uint64_t now)
{
	if (worker->aborting)
		return;
	worker->aborting = true;
	worker->abort_due_ns = 0;
	worker->leave_due_ns = now + WORKER_GRACE_NS;
	if (!worker->released)
		worker_release(worker, false, now);
	crew_abort(&worker->crew);
}

static void worker_stop(struct worker *worker, uint64_t now)
{
	if (worker->stopping || worker->aborting)
		return;
	worker->stopping = true;
	worker->stop_due_ns = 0;
	worker->abort_due_ns = now + worker->plan->config.drain_timeout_ns;
	crew_stop(&worker->crew);
}

/* Ends it for a failure. What is in flight may still complete. */
static void worker_fail(struct worker *worker, const struct gust_error *error)
{
	if (worker->result->error.code == 0)
		worker->result->error = *error;
	verdict_end(worker->result, WORKER_FAILED, "a component failed");
}

/*
 * timeout(1) sends its signal to the process and then to its group: what comes
 * at once a second time is not meant to abort.
 */
static int worker_settle(struct worker *worker, int number)
{
	struct pollfd entry = { .fd = signals_fd(&worker->signals),
				.events = POLLIN };
	int again = poll(&entry, 1, WORKER_SETTLE_MS) > 0
			    ? signals_take(&worker->signals)
			    : 0;

	return again == number ? 0 : again;
}

static void worker_take_signal(struct worker *worker, int number, uint64_t now)
{
	const char *name = signals_name(number);
	int other;

	if (worker->result->signal == 0)
		worker->result->signal = number;
	if (worker->aborting) {
		/* Whoever hangs is not waited for any longer. */
		worker->leave_due_ns = now;
	} else if (worker->stopping || worker->result->end == WORKER_STOPPED) {
		worker->result->signal = number;
		verdict_end(worker->result, WORKER_ABORTED,
			    "aborted by a second %s", name);
		worker_abort(worker, now);
	} else {
		verdict_end(worker->result, WORKER_STOPPED, "stopped by %s",
			    name);
		if (worker->running)
			worker_stop(worker, now);
		other = worker_settle(worker, number);
		log_write(LOG_LEVEL_INFO,
			  "%s: what is open will be completed; another signal "
			  "aborts",
			  name);
		if (other != 0)
			worker_take_signal(worker, other, now);
	}
}

/* Begins the run when all have opened, if all could and nobody objects. */
static void worker_look_at_opening(struct worker *worker, uint64_t now)
{
	struct crew *crew = &worker->crew;
	const struct gust_error *error;

	if (crew_load(&crew->opened) < crew->started)
		return;
	error = crew_error(crew);
	if (error != NULL)
		worker_fail(worker, error);
	worker_release(worker, worker->result->end == WORKER_ENDED, now);
}

/* What the threads have rung the bell for. */
static void worker_look_at_crew(struct worker *worker, uint64_t now)
{
	struct crew *crew = &worker->crew;

	if (!worker->released) {
		worker_look_at_opening(worker, now);
		return;
	}
	if (crew_load(&crew->no_reader) > 0 && !worker->aborting) {
		verdict_end(worker->result, WORKER_NO_READER,
			    "nobody reads standard output any more");
		worker_abort(worker, now);
	}
	if (crew_load(&crew->broken) > 0 && !worker->aborting) {
		worker_fail(worker, crew_error(crew));
		worker_abort(worker, now);
	}
	if (crew_load(&crew->failed) > 0 && worker->running) {
		worker_fail(worker, crew_error(crew));
		worker_stop(worker, now);
	}
	if (crew_load(&crew->enough) > 0 && !worker->stopping) {
		verdict_end(worker->result, WORKER_STOPPED,
			    "the spouts have emitted enough tuples");
		worker_stop(worker, now);
	}
}

static bool worker_timer_due(struct worker_timer *timer, uint64_t now)
{
	if (timer->due_ns == 0 || now < timer->due_ns)
		return false;
	timer->due_ns = now + timer->period_ns;
	return true;
}

static void worker_commit(struct worker *worker)
{
	struct gust_error error;

	memset(&error, 0, sizeof(error));
	if (keeper_commit(worker->crew.keeper, &error) >= 0) {
		worker->commit_failed = false;
		return;
	}
	/* The next one may succeed, so a line is enough, but not ten a
	 * second. */
	if (!worker->commit_failed)
		log_write(LOG_LEVEL_ERROR, "cannot store positions: %s",
			  error.text);
	worker->commit_failed = true;
}

static void worker_watch(struct worker *worker, uint64_t now)
{
	struct gust_error error;
	int r;

	memset(&error, 0, sizeof(error));
	r = watchdog_look(&worker->watchdog, &worker->crew, now, &error);
	if (r == 0 || worker->aborting)
		return;
	if (worker->result->error.code == 0)
		worker->result->error = error;
	verdict_end(worker->result, WORKER_STUCK, "nothing can go on");
	worker_abort(worker, now);
}

/* What the time has come for. */
static void worker_look_at_clock(struct worker *worker, uint64_t now)
{
	if (worker->stop_due_ns != 0 && now >= worker->stop_due_ns) {
		verdict_end(worker->result, WORKER_STOPPED,
			    "the time given has passed");
		worker_stop(worker, now);
	}
	if (worker->abort_due_ns != 0 && now >= worker->abort_due_ns) {
		verdict_end(worker->result, WORKER_OVERDUE,
			    "not drained within %.3g s",
			    (double)worker->plan->config.drain_timeout_ns /
				    CLOCK_NS_PER_S);
		worker_abort(worker, now);
	}
	if (worker_timer_due(&worker->progress, now))
		worker->options.progress(worker->options.self, worker);
	if (worker_timer_due(&worker->commit, now))
		worker_commit(worker);
	if (worker_timer_due(&worker->watch, now))
		worker_watch(worker, now);
}

static uint64_t worker_earlier(uint64_t a, uint64_t b)
{
	return b != 0 && b < a ? b : a;
}

/* Until something is due, or a signal or a thread calls. */
static void worker_wait(struct worker *worker, uint64_t now)
{
	struct pollfd fds[2] = {
		{ .fd = signals_fd(&worker->signals), .events = POLLIN },
		{ .fd = worker->crew.bell, .events = POLLIN },
	};
	uint64_t due = UINT64_MAX;
	struct timespec timeout;

	due = worker_earlier(due, worker->stop_due_ns);
	due = worker_earlier(due, worker->abort_due_ns);
	due = worker_earlier(due, worker->leave_due_ns);
	due = worker_earlier(due, worker->progress.due_ns);
	due = worker_earlier(due, worker->commit.due_ns);
	due = worker_earlier(due, worker->watch.due_ns);
	due = due > now ? due - now : 0;
	timeout.tv_sec = (time_t)(due / CLOCK_NS_PER_S);
	timeout.tv_nsec = (long)(due % CLOCK_NS_PER_S);
	(void)ppoll(fds, 2, due == UINT64_MAX - now ? NULL : &timeout, NULL);
	crew_hear(&worker->crew);
}

/* Until all threads are at their end, or those that are not are given up. */
static void worker_attend(struct worker *worker)
{
	struct crew *crew = &worker->crew;

	while (crew_load(&crew->left) < crew->started) {
		uint64_t now = clock_now_ns();
		int number;

		if (worker->leave_due_ns != 0 && now >= worker->leave_due_ns)
			break;
		worker_wait(worker, now);
		now = clock_now_ns();
		while ((number = signals_take(&worker->signals)) != 0)
			worker_take_signal(worker, number, now);
		worker_look_at_crew(worker, now);
		worker_look_at_clock(worker, now);
	}
	worker->result->left_behind = crew_join(crew);
	worker->left_behind = worker->result->left_behind > 0;
}

/*
 * The peak of resident memory, in bytes; 0 if nobody knows. Not getrusage():
 * its peak survives an exec, so it may be that of whoever started this program.
 */
static uint64_t worker_peak_rss(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long kib = 0;
	char line[256];

	if (status == NULL)
		return 0;
	while (fgets(line, sizeof(line), status) != NULL &&
	       sscanf(line, "VmHWM: %lu", &kib) != 1)
		;
	fclose(status);
	return (uint64_t)kib * 1024;
}

static void worker_close(struct worker *worker)
{
	struct worker_result *result = worker->result;

	worker->ended_ns = clock_now_ns();
	worker_look_at_crew(worker, worker->ended_ns);
	worker_commit(worker);
	if (worker->started_ns == 0)
		worker->started_ns = worker->ended_ns;
	result->started_ns = worker->started_ns;
	result->run_ns = worker->ended_ns - worker->started_ns;
	result->peak_rss = worker_peak_rss();
	verdict_close(result, &worker->crew);
}

void worker_run(struct worker *worker, struct worker_result *result)
{
	struct crash_handlers handlers;
	struct crash_stack stack;
	int r;

	memset(result, 0, sizeof(*result));
	worker->result = result;
	r = signals_begin(&worker->signals);
	if (r < 0) {
		gust_error_set(&result->error, r, "signalfd: %s", strerror(-r));
		verdict_end(result, WORKER_FAILED, "it could not start");
		verdict_close(result, &worker->crew);
		return;
	}
	(void)crash_enter(&stack);
	crash_install(&handlers);
	r = crew_start(&worker->crew, &result->error);
	if (r < 0) {
		verdict_end(result, WORKER_FAILED, "it could not start");
		worker_release(worker, false, clock_now_ns());
	}
	worker_attend(worker);
	worker_close(worker);
	crash_uninstall(&handlers);
	crash_leave(&stack);
	signals_end(&worker->signals);
	worker->result = NULL;
}
