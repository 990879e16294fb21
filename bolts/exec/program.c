/* SPDX-License-Identifier: MIT */

#include "program.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"

/* A program that has ended so often without any answer never gives one: more
 * often than a tuple is tried that ends it. */
#define PROGRAM_VAIN_MAX 10u
#define PROGRAM_MS UINT64_C(1000000)
#define PROGRAM_PAUSE_LEAST_NS (100 * PROGRAM_MS)
#define PROGRAM_PAUSE_MOST_NS (30000 * PROGRAM_MS)
/* Longer than a failed tuple takes to come again. */
#define PROGRAM_CAREFUL_NS (2000 * PROGRAM_MS)
#define PROGRAM_REASON_MAX 400

/* What a timer is for; above it stands the generation that it is of. */
enum program_cookie {
	PROGRAM_START,  /* start it again */
	PROGRAM_CLOSED, /* it has closed a pipe and goes on */
	PROGRAM_CHECK,  /* look for progress */
	PROGRAM_RESUME, /* there may be room again */
	PROGRAM_FINISH, /* it may have had the time to end */
	PROGRAM_COOKIES
};

static int program_later(struct exec *exec, struct gust_task *task,
			 uint64_t delay_ns, enum program_cookie cookie)
{
	return gust_timer(task, delay_ns,
			  (uint64_t)exec->generation * PROGRAM_COOKIES +
				  cookie);
}

static int program_start(struct exec *exec, struct gust_task *task,
			 struct gust_error *error)
{
	int r = child_start(&exec->child, &exec->command, true, task, error);

	exec->generation++;
	exec->broken = false;
	exec->closed = NULL;
	exec->paused = false;
	exec->checking = false;
	exec->answers.bytes.used = 0;
	exec->answers.start = 0;
	exec->answers.searched = 0;
	exec->answers.skips = false;
	if (r < 0)
		return r;
	return gust_watch(task, exec->child.out, POLLIN);
}

int program_open(struct exec *exec, struct gust_task *task,
		 struct gust_error *error)
{
	exec->backoff.least_ns = PROGRAM_PAUSE_LEAST_NS;
	exec->backoff.most_ns = PROGRAM_PAUSE_MOST_NS;
	exec->restarts = gust_counter(task, "restarts");
	exec->window = exec->pending.size;
	return program_start(exec, task, error);
}

bool program_listens(const struct exec *exec)
{
	return exec->child.pid > 0 && exec->child.in > 0 && !exec->broken &&
	       exec->closed == NULL;
}

/* All that it had fails. */
static void program_fail(struct exec *exec, struct gust_task *task,
			 const char *reason)
{
	const struct gust_tuple *kept;

	while ((kept = pending_take_oldest(&exec->pending)) != NULL)
		gust_fail(task, kept, "%s", reason);
	exec->unsent.used = 0;
	exec->sent = 0;
	exec->window = 1;
	exec->answered = 0;
	exec->careful_ns = gust_now(task) + PROGRAM_CAREFUL_NS;
}

void program_break(struct exec *exec, struct gust_task *task,
		   const char *format, ...)
{
	char why[PROGRAM_REASON_MAX], reason[2 * PROGRAM_REASON_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	snprintf(reason, sizeof(reason), "'%.200s' was ended: %s",
		 exec->command.items[0], why);
	gust_log(task, GUST_LOG_ERROR, "%s", reason);
	exec->broken = true;
	snprintf(exec->away, sizeof(exec->away), "'%.100s' was ended",
		 exec->command.items[0]);
	program_fail(exec, task, reason);
	child_end_input(&exec->child, task);
	gust_watch(task, exec->child.out, 0);
	child_terminate(&exec->child, task);
}

void program_closed(struct exec *exec, struct gust_task *task, const char *name)
{
	if (exec->closed != NULL || exec->child.pid == 0)
		return;
	/* As a rule it ends now, and its exit status tells more. */
	exec->closed = name;
	snprintf(exec->away, sizeof(exec->away), "'%.100s' has closed its %s",
		 exec->command.items[0], name);
	gust_watch(task, exec->child.in, 0);
	if (strcmp(name, "standard output") == 0)
		gust_watch(task, exec->child.out, 0);
	program_later(exec, task, CHILD_GRACE_NS, PROGRAM_CLOSED);
}

/* The pipe is full. */
static void program_wait(struct exec *exec, struct gust_task *task)
{
	gust_watch(task, exec->child.in, POLLOUT);
	if (exec->sent <= exec->unsent.used / 2)
		return;
	buffer_take(&exec->unsent, exec->sent);
	exec->sent = 0;
}

void program_write(struct exec *exec, struct gust_task *task)
{
	ssize_t n;

	while (exec->sent < exec->unsent.used && program_listens(exec)) {
		n = write(exec->child.in, exec->unsent.data + exec->sent,
			  exec->unsent.used - exec->sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			program_wait(exec, task);
			return;
		}
		if (n < 0) {
			program_closed(exec, task, "standard input");
			return;
		}
		exec->sent += (size_t)n;
	}
	if (exec->sent < exec->unsent.used)
		return;
	exec->unsent.used = 0;
	exec->sent = 0;
}

/* It has ended. Fails when it has never done anything else. */
static int program_ended(struct exec *exec, struct gust_task *task)
{
	char status[CHILD_STATUS_SIZE];
	uint64_t pause;
	size_t held;

	answer_read(exec, task, true);
	held = exec->pending.count;
	snprintf(exec->away, sizeof(exec->away), "'%.100s' has ended with %s",
		 exec->command.items[0], child_status(&exec->child, status));
	child_release(&exec->child, task);
	if (exec->finishing) {
		gust_log(task,
			 child_succeeded(&exec->child) ? GUST_LOG_DEBUG
						       : GUST_LOG_WARN,
			 "%s", exec->away);
		return 0;
	}
	program_fail(exec, task, exec->away);
	if (exec->vain != PROGRAM_WORKS && ++exec->vain == PROGRAM_VAIN_MAX)
		return gust_give_up(task, -EIO,
				    "%s, for the %uth time and without a "
				    "single answer",
				    exec->away, exec->vain);
	pause = backoff_next(&exec->backoff);
	gust_log(task, GUST_LOG_WARN,
		 "%s, with %zu tuple%s that fail%s, again in %.1f s",
		 exec->away, held, held == 1 ? "" : "s", held == 1 ? "s" : "",
		 (double)pause / 1e9);
	program_later(exec, task, pause, PROGRAM_START);
	return 0;
}

int program_ready(struct exec *exec, struct gust_task *task, int fd)
{
	const bool ran = exec->child.pid > 0;

	if (child_ready(&exec->child, task, fd)) {
		return ran && exec->child.pid == 0 ? program_ended(exec, task)
						   : 0;
	}
	if (fd > 0 && fd == exec->child.in) {
		gust_watch(task, fd, 0);
		program_write(exec, task);
	} else if (fd > 0 && fd == exec->child.out) {
		answer_read(exec, task, false);
	}
	return 0;
}

void program_check(struct exec *exec, struct gust_task *task)
{
	if (exec->checking || exec->timeout_ns == 0)
		return;
	exec->checking = true;
	exec->progress_ns = gust_now(task);
	program_later(exec, task, exec->timeout_ns, PROGRAM_CHECK);
}

/* The time that one has is counted from the answer before. */
static void program_look(struct exec *exec, struct gust_task *task)
{
	const uint64_t now = gust_now(task);
	const uint64_t due = exec->progress_ns + exec->timeout_ns;

	exec->checking = false;
	if (exec->pending.count == 0 || exec->broken || exec->child.pid == 0)
		return;
	/* What stands in the way is behind this bolt. */
	if (exec->paused)
		exec->progress_ns = now;
	else if (now >= due)
		program_break(exec, task,
			      "it has not answered for %.1f s; it must write "
			      "each answer out at once",
			      (double)exec->timeout_ns / 1e9);
	if (exec->broken)
		return;
	exec->checking = true;
	program_later(exec, task, now >= due ? exec->timeout_ns : due - now,
		      PROGRAM_CHECK);
}

void program_pause(struct exec *exec, struct gust_task *task)
{
	if (exec->paused)
		return;
	exec->paused = true;
	gust_watch(task, exec->child.out, 0);
	program_later(exec, task, 1, PROGRAM_RESUME);
}

static void program_resume(struct exec *exec, struct gust_task *task)
{
	exec->paused = false;
	exec->progress_ns = gust_now(task);
	if (exec->broken || exec->child.out == 0)
		return;
	if (exec->closed == NULL ||
	    strcmp(exec->closed, "standard output") != 0)
		gust_watch(task, exec->child.out, POLLIN);
	answer_read(exec, task, false);
}

static void program_again(struct exec *exec, struct gust_task *task)
{
	struct gust_error error = { 0 };
	uint64_t pause;

	if (exec->finishing)
		return;
	gust_counter_add(exec->restarts, 1);
	if (program_start(exec, task, &error) == 0)
		return;
	child_close(&exec->child);
	pause = backoff_next(&exec->backoff);
	gust_log(task, GUST_LOG_ERROR, "%s, again in %.1f s", error.text,
		 (double)pause / 1e9);
	snprintf(exec->away, sizeof(exec->away), "%.200s", error.text);
	program_later(exec, task, pause, PROGRAM_START);
}

int program_timer(struct exec *exec, struct gust_task *task, uint64_t cookie)
{
	if (child_timer(&exec->child, task, cookie) ||
	    cookie / PROGRAM_COOKIES != exec->generation)
		return 0;
	switch ((enum program_cookie)(cookie % PROGRAM_COOKIES)) {
	case PROGRAM_START:
		program_again(exec, task);
		break;
	case PROGRAM_CLOSED:
		if (exec->child.pid > 0 && !exec->broken)
			program_break(exec, task, "it has closed its %s",
				      exec->closed);
		break;
	case PROGRAM_CHECK:
		program_look(exec, task);
		break;
	case PROGRAM_RESUME:
		program_resume(exec, task);
		break;
	case PROGRAM_FINISH:
		child_terminate(&exec->child, task);
		break;
	case PROGRAM_COOKIES:
		break;
	}
	return 0;
}

int program_finish(struct exec *exec, struct gust_task *task)
{
	const struct gust_tuple *kept;

	if (!exec->finishing) {
		exec->finishing = true;
		/* Their trees have ended without an answer. */
		while ((kept = pending_take_oldest(&exec->pending)) != NULL)
			gust_fail(task, kept, "the run has ended");
		child_end_input(&exec->child, task);
		if (exec->child.pid > 0)
			program_later(exec, task, CHILD_GRACE_NS,
				      PROGRAM_FINISH);
	}
	if (exec->child.pid == 0)
		return 0;
	return gust_not_now(task, "'%s' has not ended yet",
			    exec->command.items[0]);
}
