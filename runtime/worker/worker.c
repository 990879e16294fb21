/* SPDX-License-Identifier: MIT */

#include "worker/conduct.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "channel/message.h"
#include "worker/control.h"
#include "worker/crash.h"
#include "worker/gathering.h"
#include "worker/keeper.h"
#include "worker/reception.h"
#include "worker/seat.h"
#include "worker/showing.h"
#include "worker/verdict.h"

/* Takes what was given, and makes the rest. */
static int worker_equip(struct worker *worker, struct gust_error *error)
{
	const struct worker_options *options = &worker->options;
	int r = 0;

	worker->board = options->board;
	worker->keeper = options->keeper;
	if (worker->board == NULL) {
		worker->board = &worker->own_board;
		r = board_init(worker->board, worker->plan,
			       options->max_tuples);
	}
	if (r == 0 && worker->keeper == NULL) {
		r = keeper_create(worker->plan, false, &worker->own_keeper,
				  error);
		worker->keeper = worker->own_keeper;
	}
	return r;
}

int worker_create(const struct plan *plan, const struct worker_options *options,
		  struct worker **worker, struct gust_error *error)
{
	struct worker *made = calloc(1, sizeof(*made));
	int r = -ENOMEM;

	if (made == NULL)
		goto fail;
	made->plan = plan;
	if (options != NULL)
		made->options = *options;
	r = worker_equip(made, error);
	if (r < 0)
		goto fail;
	message_keep_memory();
	r = crew_init(&made->crew, plan, &made->options, made->board,
		      made->keeper, STDOUT_FILENO, error);
	if (r < 0)
		goto fail;
	made->crew.charges = made->options.charges;
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
	keeper_destroy(worker->own_keeper);
	board_fini(&worker->own_board);
	free(worker);
}

int worker_gather(const struct worker *worker)
{
	return gathering_send(&worker->crew, worker->options.control);
}

const struct executor *worker_executor(const struct worker *worker,
				       uint32_t number)
{
	const struct crew *crew = &worker->crew;
	uint32_t place = number - crew->first;

	assert(number < worker->plan->executor_count);
	return place < crew->count ? seat_executor(&crew->seats[place]) : NULL;
}

const struct executor *worker_executor_of(const struct worker *worker,
					  uint32_t task)
{
	assert(task < worker->plan->task_count);
	return worker_executor(worker, worker->plan->tasks[task].executor);
}

const struct board *worker_board(const struct worker *worker)
{
	return worker->board;
}

static uint64_t worker_earlier(uint64_t a, uint64_t b)
{
	return b != 0 && b < a ? b : a;
}

/* Until something is due, or a signal, a thread or the parent calls. */
static void worker_wait(struct worker *worker, uint64_t now)
{
	const struct control *control = worker->options.control;
	struct pollfd fds[4] = {
		{ .fd = signals_fd(&worker->signals), .events = POLLIN },
		{ .fd = worker->crew.bell, .events = POLLIN },
		{ .fd = control != NULL ? control_fd(control) : -1,
		  .events = POLLIN },
		{ .fd = reception_fd(worker->options.reception),
		  .events = POLLIN },
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
	(void)ppoll(fds, 4, due == UINT64_MAX - now ? NULL : &timeout, NULL);
	crew_hear(&worker->crew);
	reception_look(worker->options.reception);
}

/* Until all threads are at their end, or those that are not are given up. */
static void worker_attend(struct worker *worker)
{
	struct crew *crew = &worker->crew;

	while (!crew_left(crew)) {
		uint64_t now = clock_now_ns();
		int number;

		if (worker->leave_due_ns != 0 && now >= worker->leave_due_ns)
			break;
		worker_wait(worker, now);
		now = clock_now_ns();
		while ((number = signals_take(&worker->signals)) != 0)
			conduct_signal(worker, number, now);
		conduct_control(worker, now);
		conduct_crew(worker, now);
		conduct_clock(worker, now);
	}
	worker->result->left_behind = crew_join(crew);
	worker->left_behind = worker->result->left_behind > 0;
}

static void worker_close(struct worker *worker)
{
	struct worker_result *result = worker->result;
	struct board *board = worker->board;
	uint64_t now = clock_now_ns();

	if (worker->options.control == NULL)
		*board->ended_ns = now;
	conduct_crew(worker, now);
	conduct_commit(worker);
	showing_update(board, &worker->crew);
	result->started_ns = *board->started_ns;
	result->run_ns = board_elapsed_ns(board);
	result->peak_rss = showing_peak_rss();
	verdict_close(result, board);
}

void worker_run(struct worker *worker, struct worker_result *result)
{
	struct crash_handlers handlers;
	struct crash_stack stack;
	int r;

	memset(result, 0, sizeof(*result));
	worker->result = result;
	r = signals_begin(&worker->signals, worker->options.control != NULL);
	if (r < 0) {
		gust_error_set(&result->error, r, "signalfd: %s", strerror(-r));
		verdict_end(result, WORKER_FAILED, "it could not start");
		verdict_close(result, worker->board);
		return;
	}
	(void)crash_enter(&stack);
	crash_install(&handlers);
	r = crew_start(&worker->crew, &result->error);
	if (r < 0) {
		verdict_end(result, WORKER_FAILED, "it could not start");
		conduct_release(worker, false, clock_now_ns());
	}
	worker_attend(worker);
	worker_close(worker);
	crash_uninstall(&handlers);
	crash_leave(&stack);
	signals_end(&worker->signals);
	worker->result = NULL;
}
