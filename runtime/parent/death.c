/* SPDX-License-Identifier: MIT */

#include "parent/death.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const char *death_signal_name(int number)
{
	switch (number) {
	case SIGKILL:
		return "SIGKILL";
	case SIGSEGV:
		return "SIGSEGV";
	case SIGABRT:
		return "SIGABRT";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	case SIGILL:
		return "SIGILL";
	case SIGTERM:
		return "SIGTERM";
	case SIGXCPU:
		return "SIGXCPU";
	default:
		return NULL;
	}
}

void death_describe(struct death *death, int status)
{
	const char *name = WIFSIGNALED(status)
				   ? death_signal_name(WTERMSIG(status))
				   : NULL;
	unsigned worker = death->worker;

	if (name != NULL)
		snprintf(death->how, sizeof(death->how),
			 "worker %u was killed by %s", worker, name);
	else if (WIFSIGNALED(status))
		snprintf(death->how, sizeof(death->how),
			 "worker %u was killed by signal %d", worker,
			 WTERMSIG(status));
	else
		snprintf(death->how, sizeof(death->how),
			 "worker %u exited with code %d", worker,
			 WEXITSTATUS(status));
}

static const struct plan_worker *death_place(const struct death *death,
					     const struct board *board)
{
	return &board->plan->workers[death->worker];
}

uint32_t death_charge(const struct death *death, const struct board *board,
		      uint32_t number,
		      struct executing_charge charges[EXECUTING_CHARGES_MAX],
		      char *text)
{
	const struct plan_worker *place = death_place(death, board);
	struct executor_shared shared = board_shared(board, NULL);
	const struct plan *plan = board->plan;
	bool crashed = executing_crashed(&shared, place->first_executor,
					 place->executor_count);
	uint32_t count =
		executing_find(plan, &shared, number, crashed, charges);

	if (count > 0)
		snprintf(text, DEATH_TEXT_SIZE,
			 "%.60s while '%.60s' executed it", death->how,
			 plan->components[plan->tasks[charges->task].component]
				 .id);
	return count;
}

/* A run that was aborted loses nothing: it counts what was open. */
static void death_abort(struct task_counters *counters)
{
	counters->aborted += counters->open_trees;
	counters->open_trees = 0;
	counters->held_trees = 0;
	counters->window_tuples = 0;
	counters->window_bytes = 0;
	counters->input_bytes = 0;
}

/* What an executor may still emit of the limit, and what it did emit. */
static void death_settle_share(const struct board *board, uint32_t number)
{
	struct board_share *share = &board->shares[number];
	const struct plan *plan = board->plan;
	uint64_t roots = 0, again;

	if (board->limit->max == 0)
		return;
	for (uint32_t i = 0; i < plan->task_count; i++)
		if (plan->tasks[i].executor == number &&
		    plan->components[plan->tasks[i].component].kind ==
			    PLAN_SPOUT)
			roots += board->tasks[i].roots +
				 board->tasks[i].untracked;
	/* Trees that come again count again; counters may lag behind. */
	again = share->roots - roots;
	__atomic_fetch_add(&board->limit->free,
			   share->reserved + (int64_t)again, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&board->limit->roots, again, __ATOMIC_RELAXED);
	share->reserved = 0;
	share->roots = roots;
}

static bool death_bereaves(const struct board *board, uint32_t task)
{
	const struct plan_component *component =
		&board->plan->components[board->plan->tasks[task].component];

	return *board->started_ns != 0 && component->kind == PLAN_SPOUT &&
	       component->replay != GUST_REPLAY_POSITION &&
	       board->tasks[task].state != TASK_DONE;
}

void death_settle(struct death *death, const struct board *board, bool aborted)
{
	const struct plan_worker *place = death_place(death, board);
	struct executor_shared shared = board_shared(board, NULL);
	const struct plan *plan = board->plan;

	death->lost = 0;
	death->bereft = UINT32_MAX;
	for (uint32_t i = 0; i < plan->task_count; i++) {
		if (plan->worker_of[plan->tasks[i].executor] != death->worker)
			continue;
		if (aborted) {
			death_abort(&board->tasks[i]);
			continue;
		}
		if (death_bereaves(board, i))
			death->bereft = plan->tasks[i].component;
		death->lost += executor_bury(plan, i, &board->tasks[i]);
	}
	if (death->bereft != UINT32_MAX)
		board->bereavements[death->bereft]++;
	for (uint32_t i = 0; i < place->executor_count; i++)
		death_settle_share(board, place->first_executor + i);
	/* It may have died in the middle of a line. */
	if (__atomic_load_n(board->output, __ATOMIC_ACQUIRE) ==
	    death->worker + 1)
		__atomic_store_n(board->output, 0, __ATOMIC_RELEASE);
	executing_clear(&shared, place->first_executor, place->executor_count);
}
