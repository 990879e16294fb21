/* SPDX-License-Identifier: MIT */

#include "worker/conduct.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/control.h"
#include "worker/keeper.h"
#include "worker/post.h"
#include "worker/seat.h"
#include "worker/showing.h"
#include "worker/verdict.h"

/* After an abort, what a callback that still runs may take to return. */
#define CONDUCT_GRACE_NS (2 * CLOCK_NS_PER_S)

/* How often a worker tells its parent positions, and shows all the rest. */
#define CONDUCT_TELL_NS (10 * CLOCK_NS_PER_MS)
#define CONDUCT_SHOW_NS (250 * CLOCK_NS_PER_MS)

/* Tells the parent, where there is one, what it can hear once. */
static void conduct_tell(struct worker *worker, enum control_kind kind,
			 const struct gust_error *error)
{
	const char *text = error != NULL ? error->text : "";
	struct control_message message = {
		.kind = kind,
		.code = error != NULL ? error->code : 0,
		.size = strlen(text),
	};

	if (worker->options.control == NULL || (worker->told & 1u << kind) != 0)
		return;
	worker->told |= 1u << kind;
	/* If it has gone, its end of the socket says so, too. */
	(void)control_send(worker->options.control, &message, text);
}

static void conduct_timer_start(struct worker_timer *timer, uint64_t period_ns,
				uint64_t now)
{
	timer->period_ns = period_ns;
	timer->due_ns = period_ns != 0 ? now + period_ns : 0;
}

/* Shows the worker as a parent would. */
static void conduct_note(struct worker *worker, enum board_state state)
{
	struct board_worker *shown =
		&worker->board->workers[worker->options.number];

	shown->pid = (int32_t)getpid();
	shown->since_ns = *worker->board->started_ns;
	shown->state = state;
}

/* Has the threads begin, or close what they opened. */
void conduct_release(struct worker *worker, bool run, uint64_t now)
{
	const struct worker_options *options = &worker->options;
	const struct plan_config *config = &worker->plan->config;

	worker->released = true;
	worker->running = run;
	if (run) {
		/* One that came later goes on with the time of the others. */
		if (*worker->board->started_ns == 0)
			*worker->board->started_ns = now;
		if (options->control == NULL)
			conduct_note(worker, BOARD_RUNNING);
		if (options->progress != NULL)
			conduct_timer_start(&worker->progress,
					    options->progress_ns, now);
		if (options->control != NULL) {
			conduct_timer_start(&worker->progress, CONDUCT_SHOW_NS,
					    now);
			conduct_timer_start(&worker->commit, CONDUCT_TELL_NS,
					    now);
		} else if (config->state_dir != NULL) {
			conduct_timer_start(&worker->commit,
					    config->state_commit_ns, now);
		}
		conduct_timer_start(&worker->watch, WATCHDOG_PERIOD_NS, now);
		if (options->for_ns > 0)
			worker->stop_due_ns = now + options->for_ns;
	}
	crew_release(&worker->crew, run ? CREW_RUNNING : CREW_CANCELLED);
}

static void conduct_abort(struct worker *worker, uint64_t now)
{
	if (worker->aborting)
		return;
	worker->aborting = true;
	worker->abort_due_ns = 0;
	worker->leave_due_ns = now + CONDUCT_GRACE_NS;
	if (!worker->released)
		conduct_release(worker, false, now);
	crew_abort(&worker->crew);
}

static void conduct_stop(struct worker *worker, uint64_t now)
{
	if (worker->stopping || worker->aborting)
		return;
	worker->stopping = true;
	worker->stop_due_ns = 0;
	/* A parent has a clock of its own. */
	if (worker->options.control == NULL)
		worker->abort_due_ns =
			now + worker->plan->config.drain_timeout_ns;
	crew_stop(&worker->crew);
}

/* Ends it for a failure. What is in flight may still complete. */
static void conduct_fail(struct worker *worker, const struct gust_error *error)
{
	if (worker->result->error.code == 0)
		worker->result->error = *error;
	verdict_end(worker->result, WORKER_FAILED, "a component failed");
	conduct_tell(worker, CONTROL_FAILED, error);
}

void conduct_signal(struct worker *worker, int number, uint64_t now)
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
		conduct_abort(worker, now);
	} else {
		verdict_end(worker->result, WORKER_STOPPED, "stopped by %s",
			    name);
		if (worker->running)
			conduct_stop(worker, now);
		other = signals_settle(&worker->signals, number);
		log_write(LOG_LEVEL_INFO,
			  "%s: what is open will be completed; another signal "
			  "aborts",
			  name);
		if (other != 0)
			conduct_signal(worker, other, now);
	}
}

/* Begins the run when all have opened, if all could and nobody objects. */
static void conduct_opening(struct worker *worker, uint64_t now)
{
	struct crew *crew = &worker->crew;
	const struct gust_error *error;
	bool stop;

	if (crew_load(&crew->opened) < crew->started)
		return;
	error = crew_error(crew);
	if (error != NULL)
		conduct_fail(worker, error);
	if (error == NULL && worker->options.control != NULL) {
		if (crew_met(crew))
			conduct_tell(worker, CONTROL_OPENED, NULL);
		return;
	}
	if (error == NULL && !crew_met(crew) &&
	    worker->result->end == WORKER_ENDED)
		return;
	/* Others may have begun, so it cannot just go away. */
	stop = worker->result->end == WORKER_STOPPED && crew->post != NULL &&
	       crew_met(crew);
	conduct_release(worker, stop || worker->result->end == WORKER_ENDED,
			now);
	if (stop)
		conduct_stop(worker, now);
}

/* The others have declared this worker dead: whatever it does counts for
 * nothing, until it is started anew. */
static void conduct_fence(struct worker *worker, uint64_t now)
{
	struct gust_error error;

	if (worker->options.control != NULL)
		_exit(EXIT_FAILURE);
	memset(&error, 0, sizeof(error));
	gust_error_set(&error, -ESTALE, "another worker has given this one up");
	conduct_fail(worker, &error);
	conduct_abort(worker, now);
}

/* What the threads have rung the bell for. */
void conduct_crew(struct worker *worker, uint64_t now)
{
	struct crew *crew = &worker->crew;

	if (!worker->released) {
		conduct_opening(worker, now);
		return;
	}
	if (crew_load(&crew->fenced) > 0 && !worker->aborting)
		conduct_fence(worker, now);
	if (crew_load(&crew->peer_stops) > 0 && !worker->stopping) {
		verdict_end(worker->result, WORKER_STOPPED,
			    "another worker was told to stop");
		conduct_stop(worker, now);
	}
	if (crew_load(&crew->no_reader) > 0 && !worker->aborting) {
		verdict_end(worker->result, WORKER_NO_READER,
			    "nobody reads standard output any more");
		conduct_tell(worker, CONTROL_NO_READER, NULL);
		conduct_abort(worker, now);
	}
	if (crew_load(&crew->broken) > 0 && !worker->aborting) {
		conduct_tell(worker, CONTROL_BROKEN, crew_error(crew));
		conduct_fail(worker, crew_error(crew));
		conduct_abort(worker, now);
	}
	if (crew_load(&crew->failed) > 0 && worker->running) {
		conduct_fail(worker, crew_error(crew));
		conduct_stop(worker, now);
	}
	if (crew_load(&worker->board->limit->enough) > 0 && !worker->stopping) {
		verdict_end(worker->result, WORKER_STOPPED,
			    "the spouts have emitted enough tuples");
		conduct_tell(worker, CONTROL_ENOUGH, NULL);
		conduct_stop(worker, now);
	}
	if (worker->running && crew_load(&crew->done) == crew->count)
		conduct_tell(worker, CONTROL_DONE, NULL);
}

static bool conduct_timer_due(struct worker_timer *timer, uint64_t now)
{
	if (timer->due_ns == 0 || now < timer->due_ns)
		return false;
	timer->due_ns = now + timer->period_ns;
	return true;
}

void conduct_commit(struct worker *worker)
{
	struct gust_error error;
	int r;

	memset(&error, 0, sizeof(error));
	if (worker->options.control != NULL)
		r = keeper_tell(worker->keeper, worker->options.control,
				&error);
	else
		r = keeper_commit(worker->keeper, &error);
	if (r >= 0) {
		worker->commit_failed = false;
		return;
	}
	/* The next one may succeed, so a line is enough, but not ten a
	 * second. */
	if (!worker->commit_failed)
		log_write(LOG_LEVEL_ERROR, "cannot store positions: %s",
			  error.code != 0 ? error.text : strerror(-r));
	worker->commit_failed = true;
}

static void conduct_watch(struct worker *worker, uint64_t now)
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
	conduct_tell(worker, CONTROL_STUCK, &error);
	conduct_abort(worker, now);
}

/* What the time has come for. */
void conduct_clock(struct worker *worker, uint64_t now)
{
	if (worker->stop_due_ns != 0 && now >= worker->stop_due_ns) {
		verdict_end(worker->result, WORKER_STOPPED,
			    "the time given has passed");
		conduct_stop(worker, now);
	}
	if (worker->abort_due_ns != 0 && now >= worker->abort_due_ns) {
		verdict_end(worker->result, WORKER_OVERDUE,
			    "not drained within %.3g s",
			    (double)worker->plan->config.drain_timeout_ns /
				    CLOCK_NS_PER_S);
		conduct_abort(worker, now);
	}
	if (conduct_timer_due(&worker->progress, now)) {
		showing_update(worker->board, &worker->crew);
		if (worker->options.control != NULL)
			(void)worker_gather(worker);
		if (worker->options.progress != NULL)
			worker->options.progress(worker->options.self,
						 worker->board);
	}
	if (conduct_timer_due(&worker->commit, now))
		conduct_commit(worker);
	if (conduct_timer_due(&worker->watch, now))
		conduct_watch(worker, now);
}

/* Does what the parent says. */
static void conduct_obey(struct worker *worker,
			 const struct control_message *message,
			 const char *text, uint64_t now)
{
	struct post *post = worker->crew.post;

	switch (message->kind) {
	case CONTROL_RUN:
	case CONTROL_CANCEL:
		if (!worker->released)
			conduct_release(worker, message->kind == CONTROL_RUN,
					now);
		break;
	case CONTROL_STOP:
		conduct_stop(worker, now);
		break;
	case CONTROL_ABORT:
		conduct_abort(worker, now);
		break;
	case CONTROL_CHARGE:
		post_charge(post, message->root, message->task, text);
		break;
	case CONTROL_LOST:
		post_lost(post, message->worker, message->incarnation, text);
		break;
	default:
		break;
	}
}

void conduct_control(struct worker *worker, uint64_t now)
{
	struct control *control = worker->options.control;
	struct control_message message;
	const char *text;
	int r;

	if (control == NULL)
		return;
	while ((r = control_receive(control, &message, &text)) > 0)
		conduct_obey(worker, &message, text, now);
	/* Nobody would ever start it anew, or end it. */
	if (r < 0)
		_exit(EXIT_FAILURE);
}
