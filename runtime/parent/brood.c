/* SPDX-License-Identifier: MIT */

#include "parent/brood.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "engine/charges.h"
#include "parent/blame.h"
#include "parent/child.h"
#include "parent/death.h"
#include "parent/nest.h"
#include "parent/parent.h"
#include "worker/keeper.h"

struct brood {
	const struct plan *plan;
	struct worker_options options;
	struct brood_host host;
	struct board *board;
	struct charges *charges;
	struct gathering *gathering;
	struct child *children;
	uint32_t count;
	uint64_t incarnations; /* the last one that was given away */
	struct nest nest;      /* unless the workers are on hosts */
	uint32_t deaths;       /* before the run began */
	bool running;
	bool stopping;
	bool aborting;
	bool ended; /* one has ended well, so all were done */
};

/*
 * Incarnations grow with each run on a state directory and with each process;
 * without one, they are taken from where no other run's should be.
 */
static int brood_choose_incarnations(struct brood *brood,
				     struct gust_error *error)
{
	uint64_t run = keeper_incarnation(brood->options.keeper);
	struct random random;
	int r = random_seed_os(&random);

	if (r < 0)
		return gust_error_set(error, r, "getrandom: %s", strerror(-r));
	brood->incarnations =
		run << 32 | (random_next(&random) & UINT64_C(0x7fff0000));
	return 0;
}

static int brood_equip(struct brood *brood, uint32_t first,
		       struct gust_error *error)
{
	int r;

	brood->charges = charges_create();
	brood->gathering = gathering_create(brood->plan);
	brood->children = calloc(brood->count, sizeof(*brood->children));
	if (brood->charges == NULL || brood->gathering == NULL ||
	    brood->children == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	brood->options.charges = brood->charges;
	for (uint32_t i = 0; i < brood->count; i++)
		brood->children[i].number = first + i;
	r = brood_choose_incarnations(brood, error);
	if (r < 0 || brood->plan->host_count > 0)
		return r;
	brood->options.folder = brood->nest.path;
	return nest_make(&brood->nest, error);
}

int brood_create(const struct plan *plan, const struct worker_options *options,
		 uint32_t first, uint32_t count, const struct brood_host *host,
		 struct brood **brood, struct gust_error *error)
{
	struct brood *made = calloc(1, sizeof(*made));
	int r;

	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	assert(first + count <= plan->worker_count);
	made->plan = plan;
	made->options = *options;
	made->host = *host;
	made->board = options->board;
	made->count = count;
	r = brood_equip(made, first, error);
	if (r < 0) {
		brood_destroy(made);
		return r;
	}
	*brood = made;
	return 0;
}

void brood_destroy(struct brood *brood)
{
	if (brood == NULL)
		return;
	for (uint32_t i = 0; brood->children != NULL && i < brood->count; i++) {
		struct child *child = &brood->children[i];

		if (child->pid == 0)
			continue;
		child_kill(child);
		(void)waitpid(child->pid, NULL, 0);
		child_close(child);
	}
	nest_remove(&brood->nest);
	free(brood->children);
	gathering_destroy(brood->gathering);
	charges_destroy(brood->charges);
	free(brood);
}

void brood_forget(const struct brood *brood)
{
	for (uint32_t i = 0; i < brood->count; i++)
		child_forget(&brood->children[i]);
}

static void brood_note(const struct brood *brood, const struct child *child,
		       enum board_state state)
{
	struct board_worker *worker = &brood->board->workers[child->number];

	__atomic_store_n(&worker->state, state, __ATOMIC_RELAXED);
	__atomic_store_n(&worker->pid, (int32_t)child->pid, __ATOMIC_RELAXED);
	__atomic_store_n(&worker->incarnation, child->incarnation,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&worker->since_ns, child->started_ns,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&worker->restarts, child->restarts, __ATOMIC_RELAXED);
}

static int brood_start_child(struct brood *brood, struct child *child,
			     struct gust_error *error)
{
	int r;

	child->incarnation = ++brood->incarnations;
	r = child_start(child, brood->plan, &brood->options, brood->host.forget,
			brood->host.self, error);
	if (r == 0)
		brood_note(brood, child, BOARD_OPENING);
	return r;
}

int brood_start(struct brood *brood, struct gust_error *error)
{
	for (uint32_t i = 0; i < brood->count; i++) {
		int r = brood_start_child(brood, &brood->children[i], error);

		if (r < 0)
			return r;
	}
	return 0;
}

bool brood_running(const struct brood *brood)
{
	return brood->running;
}

static void brood_tell(const struct brood *brood, enum control_kind kind)
{
	for (uint32_t i = 0; i < brood->count; i++)
		child_tell(&brood->children[i], kind);
}

void brood_stop(struct brood *brood)
{
	if (brood->stopping)
		return;
	brood->stopping = true;
	brood_tell(brood, brood->running ? CONTROL_STOP : CONTROL_CANCEL);
}

void brood_abort(struct brood *brood)
{
	brood->stopping = true;
	brood->aborting = true;
	brood_tell(brood, CONTROL_ABORT);
	for (uint32_t i = 0; i < brood->count; i++)
		if (brood->children[i].pid == 0)
			brood->children[i].left = true;
}

void brood_kill(struct brood *brood)
{
	brood_abort(brood);
	for (uint32_t i = 0; i < brood->count; i++)
		child_kill(&brood->children[i]);
}

bool brood_over(const struct brood *brood)
{
	for (uint32_t i = 0; i < brood->count; i++)
		if (!brood->children[i].left)
			return false;
	return true;
}

nfds_t brood_poll(const struct brood *brood, struct pollfd *fds)
{
	nfds_t n = 0;

	for (uint32_t i = 0; i < brood->count; i++) {
		const struct child *child = &brood->children[i];

		if (child->pid == 0)
			continue;
		fds[n].fd = child->pidfd;
		fds[n++].events = POLLIN;
		/* Of one that has closed its end the other tells the rest. */
		fds[n].fd = child->mute ? -1 : control_fd(child->control);
		fds[n++].events = control_events(child->control);
	}
	return n;
}

struct gathering *brood_gathering(const struct brood *brood)
{
	return brood->gathering;
}

static void brood_release(struct brood *brood, struct child *child)
{
	child_tell(child, CONTROL_RUN);
	if (brood->stopping)
		child_tell(child, CONTROL_STOP);
	brood_note(brood, child, BOARD_RUNNING);
}

/* Has the run begin once all have opened. */
static void brood_opened(struct brood *brood, struct child *child, uint64_t now)
{
	child->opened = true;
	brood_note(brood, child, BOARD_OPENED);
	if (brood->running) {
		brood_release(brood, child);
		return;
	}
	for (uint32_t i = 0; i < brood->count; i++)
		if (!brood->children[i].opened)
			return;
	if (brood->stopping)
		return;
	brood->running = true;
	__atomic_store_n(brood->board->started_ns, now, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < brood->count; i++)
		brood_release(brood, &brood->children[i]);
}

static void brood_hear(struct brood *brood, struct child *child,
		       const struct control_message *message, const char *text,
		       uint64_t now)
{
	switch (message->kind) {
	case CONTROL_OPENED:
		brood_opened(brood, child, now);
		break;
	case CONTROL_DONE:
		child->done = true;
		brood_note(brood, child, BOARD_DONE);
		break;
	case CONTROL_POSITION:
		if (message->task < brood->plan->component_count)
			keeper_position(brood->options.keeper, message->task,
					text, message->number);
		break;
	case CONTROL_LATENCY:
	case CONTROL_METRIC:
		/* What is short of memory lacks in the report. */
		(void)gathering_take(brood->gathering, message, text);
		break;
	case CONTROL_RESULT:
		child->result = true;
		brood->board->workers[child->number].rss = message->number;
		break;
	default:
		brood->host.heard(brood->host.self, message, text);
		break;
	}
}

static void brood_listen(struct brood *brood, struct child *child, uint64_t now)
{
	struct control_message message;
	const char *text;
	int r;

	if (child->mute)
		return;
	(void)control_flush(child->control);
	while ((r = control_receive(child->control, &message, &text)) > 0)
		brood_hear(brood, child, &message, text, now);
	/* It is at its end, or of no use any more. */
	child->mute = r < 0;
	if (r < 0 && !child->result)
		child_kill(child);
}

static void brood_mourn(struct brood *brood, struct child *dead,
			const struct death *death)
{
	struct control_message message = { .kind = CONTROL_LOST,
					   .worker = dead->number,
					   .incarnation = dead->incarnation,
					   .size = strlen(death->how) };
	const struct blame blame = { .plan = brood->plan,
				     .board = brood->board,
				     .charges = brood->charges,
				     .children = brood->children,
				     .count = brood->count };
	char reason[DEATH_TEXT_SIZE] = "";

	blame_death(&blame, dead, death, reason);
	for (uint32_t i = 0; i < brood->count; i++) {
		const struct child *child = &brood->children[i];

		if (child != dead && child->pid != 0)
			(void)control_send(child->control, &message,
					   death->how);
	}
	log_write(LOG_LEVEL_WARN, "%s%s",
		  reason[0] != '\0' ? reason : death->how,
		  brood->ended      ? " when all was done"
		  : brood->aborting ? ""
				    : "; it is started again");
}

/* Says what is lost with a worker, if something is. */
static void brood_count_losses(struct brood *brood, const struct death *death)
{
	if (death->bereft == UINT32_MAX)
		return;
	log_write(LOG_LEVEL_ERROR,
		  "'%s' has no positions: what it had read is lost with its "
		  "worker; %llu tuples were open",
		  brood->plan->components[death->bereft].id,
		  (unsigned long long)death->lost);
}

static void brood_give_up(struct brood *brood, struct child *child,
			  const struct death *death, const char *why)
{
	struct gust_error error = { 0 };

	child->left = true;
	gust_error_set(&error, -ECHILD, "%s%s", death->how, why);
	brood->host.failed(brood->host.self, &error);
}

/* A process has ended without having said so before. */
static void brood_bury(struct brood *brood, struct child *child, int status,
		       uint64_t now)
{
	struct death death = { .worker = child->number,
			       .incarnation = child->incarnation };

	death_describe(&death, status);
	brood_mourn(brood, child, &death);
	death_settle(&death, brood->board, brood->aborting);
	brood_count_losses(brood, &death);
	brood_note(brood, child, BOARD_DEAD);
	nest_clear(&brood->nest, child->number);
	if (brood->aborting || (brood->stopping && !brood->running))
		child->left = true;
	else if (brood->ended && WIFSIGNALED(status) &&
		 WTERMSIG(status) == SIGKILL)
		/* Its tasks had finished; only a crash would be a failure. */
		child->left = true;
	else if (brood->ended)
		brood_give_up(brood, child, &death, " when all was done");
	else if (!brood->running && ++brood->deaths >= PARENT_DEATHS_MAX)
		brood_give_up(brood, child, &death,
			      ", once more before the run has begun");
	else
		child_schedule(child, now);
}

static void brood_end(struct brood *brood, struct child *child, int status,
		      uint64_t now)
{
	bool well = child->result && WIFEXITED(status) &&
		    WEXITSTATUS(status) == EXIT_SUCCESS;

	for (uint32_t i = 0; i < brood->plan->task_count; i++)
		if (brood->plan->worker_of[brood->plan->tasks[i].executor] ==
		    child->number)
			gathering_settle(brood->gathering, i);
	child_close(child);
	if (well) {
		child->left = true;
		brood->ended = true;
		brood_note(brood, child, BOARD_LEFT);
		for (uint32_t i = 0; i < brood->count; i++)
			child_wind_up(&brood->children[i]);
	} else {
		brood_bury(brood, child, status, now);
	}
}

static void brood_restart(struct brood *brood, struct child *child)
{
	struct gust_error error = { 0 };

	child->restart_ns = 0;
	if (brood_start_child(brood, child, &error) == 0)
		return;
	child->left = true;
	brood->host.failed(brood->host.self, &error);
}

uint64_t brood_look(struct brood *brood, uint64_t now)
{
	uint64_t due = UINT64_MAX;

	for (uint32_t i = 0; i < brood->count; i++) {
		struct child *child = &brood->children[i];
		int status;

		if (child->pid != 0) {
			bool ended = child_ended(child, &status);

			/* What it said last is there by now. */
			brood_listen(brood, child, now);
			if (ended)
				brood_end(brood, child, status, now);
		}
		if (child->left || child->restart_ns == 0)
			continue;
		if (now >= child->restart_ns)
			brood_restart(brood, child);
		else if (child->restart_ns < due)
			due = child->restart_ns;
	}
	return due;
}
