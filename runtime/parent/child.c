/* SPDX-License-Identifier: MIT */

#include "parent/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* Who lives longer does not die young. */
#define CHILD_YOUNG_NS (2 * CLOCK_NS_PER_S)

/* The pause after the second death of those; it doubles with each. */
#define CHILD_PAUSE_NS (50 * CLOCK_NS_PER_MS)
#define CHILD_PAUSE_MAX_NS CLOCK_NS_PER_S

/* Says what went wrong before there was a worker. */
static void child_fail(struct control *control, const struct gust_error *error)
{
	struct control_message message = { .kind = CONTROL_FAILED,
					   .code = error->code,
					   .size = strlen(error->text) };

	(void)control_send(control, &message, error->text);
}

/* The life of the new process; returns how it exits. */
static int child_live(const struct plan *plan,
		      const struct worker_options *options)
{
	struct control_message message = { .kind = CONTROL_RESULT };
	struct worker_result result = { 0 };
	struct gust_error error = { 0 };
	struct worker *worker = NULL;
	int r = 0;

	if (worker_create(plan, options, &worker, &error) < 0) {
		child_fail(options->control, &error);
	} else {
		worker_run(worker, &result);
		r = worker_gather(worker);
	}
	message.number = result.peak_rss;
	if (r == 0)
		r = control_send(options->control, &message, NULL);
	/* Threads that were left behind go with the process. */
	worker_destroy(worker);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void child_become(const struct child *child, pid_t parent)
{
	char name[16];

	/* If it dies before this, its end of the socket says so. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	snprintf(name, sizeof(name), "gust-worker-%u",
		 (unsigned)child->number % 1000);
	(void)prctl(PR_SET_NAME, name);
}

/* Forks; in the new process it does not return. */
static pid_t child_fork(const struct child *child, const struct plan *plan,
			const struct worker_options *options,
			void (*forget)(void *self), void *self)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	child_become(child, parent);
	forget(self);
	close(control_fd(child->control));
	_exit(child_live(plan, options));
}

int child_start(struct child *child, const struct plan *plan,
		const struct worker_options *options,
		void (*forget)(void *self), void *self,
		struct gust_error *error)
{
	struct worker_options own = *options;
	int r = control_pair(&child->control, &own.control);
	pid_t pid = -1;

	if (r < 0)
		return gust_error_set(error, r, "cannot start worker %u: %s",
				      (unsigned)child->number, strerror(-r));
	own.number = child->number;
	own.incarnation = child->incarnation;
	own.debts = child->debts;
	own.debt_count = child->debt_count;
	pid = child_fork(child, plan, &own, forget, self);
	r = -errno;
	control_close(own.control);
	child->pidfd = -1;
	if (pid > 0) {
		child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		r = -errno;
	}
	if (child->pidfd < 0) {
		if (pid > 0 && kill(pid, SIGKILL) == 0)
			(void)waitpid(pid, NULL, 0);
		control_close(child->control);
		child->control = NULL;
		return gust_error_set(error, r, "cannot start worker %u: %s",
				      (unsigned)child->number, strerror(-r));
	}
	child->pid = pid;
	child->opened = child->done = child->result = child->mute = false;
	child->started_ns = clock_now_ns();
	child->restart_ns = 0;
	return 0;
}

void child_forget(const struct child *child)
{
	if (child->pid == 0)
		return;
	close(child->pidfd);
	close(control_fd(child->control));
}

void child_tell(const struct child *child, enum control_kind kind)
{
	struct control_message message = { .kind = kind };

	/* One that has gone is noticed soon. */
	if (child->pid != 0)
		(void)control_send(child->control, &message, NULL);
}

void child_wind_up(struct child *child)
{
	if (child->pid != 0 && !child->opened) {
		child_tell(child, CONTROL_CANCEL);
	} else if (child->pid == 0 && child->restart_ns != 0) {
		child->restart_ns = 0;
		child->left = true;
	}
}

bool child_ended(const struct child *child, int *status)
{
	struct pollfd entry = { .fd = child->pidfd, .events = POLLIN };

	if (child->pid == 0 || poll(&entry, 1, 0) <= 0)
		return false;
	return waitpid(child->pid, status, 0) == child->pid;
}

void child_close(struct child *child)
{
	close(child->pidfd);
	control_close(child->control);
	child->control = NULL;
	child->pid = 0;
}

void child_kill(const struct child *child)
{
	if (child->pid != 0)
		kill(child->pid, SIGKILL);
}

void child_schedule(struct child *child, uint64_t now)
{
	uint64_t pause = 0;

	if (now - child->started_ns >= CHILD_YOUNG_NS)
		child->young = 0;
	if (child->young > 0)
		pause = child->young < 8 ? CHILD_PAUSE_NS << (child->young - 1)
					 : CHILD_PAUSE_MAX_NS;
	if (pause > CHILD_PAUSE_MAX_NS)
		pause = CHILD_PAUSE_MAX_NS;
	child->young++;
	child->restarts++;
	child->restart_ns = now + pause;
}
