/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gust/kit/child.h>

#define CHILD_COOKIE (UINT64_C(1) << 63)

/* No status that waitpid() gives. */
#define CHILD_UNKNOWN (-1)

/* What close() waits for a child that was asked to end. */
#define CHILD_CLOSE_MS 250

/* So many reads of its standard error in a call. */
#define CHILD_ERROR_READS 16

/* What the new process needs, made before it is there. */
struct child_plan {
	char **arguments;
	int input, output, errors; /* its ends of the pipes */
	int report;                /* takes the errno of a failed exec */
	pid_t parent;
};

/* Moves a descriptor away from the three standard ones. Takes it over. */
static int child_lift(int fd)
{
	int lifted, saved;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	lifted = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	saved = errno;
	close(fd);
	errno = saved;
	return lifted;
}

/* Closes descriptors that are there, and sets them to none. */
static void child_drop(int *fd)
{
	if (*fd > 0)
		close(*fd);
	*fd = 0;
}

/* A pipe; 0 or -errno. */
static int child_pipe(int *from, int *to)
{
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*from = child_lift(ends[0]);
	r = *from < 0 ? -errno : 0;
	*to = child_lift(ends[1]);
	if (*to < 0 && r == 0)
		r = -errno;
	if (r == 0)
		return 0;
	*from = *from < 0 ? 0 : *from;
	*to = *to < 0 ? 0 : *to;
	child_drop(from);
	child_drop(to);
	return r;
}

static int child_unblock(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Makes all pipes. 0 or -errno, and then some of them may be there. */
static int child_connect(struct child *child, struct child_plan *plan,
			 bool writes, int *report)
{
	int r = child_pipe(&child->out, &plan->output);

	if (r == 0)
		r = child_pipe(&child->err, &plan->errors);
	if (r == 0)
		r = child_pipe(report, &plan->report);
	if (r == 0 && writes)
		r = child_pipe(&plan->input, &child->in);
	if (r == 0 && !writes) {
		plan->input =
			child_lift(open("/dev/null", O_RDONLY | O_CLOEXEC));
		r = plan->input < 0 ? -errno : 0;
	}
	if (r == 0)
		r = child_unblock(child->out);
	if (r == 0)
		r = child_unblock(child->err);
	if (r == 0 && writes)
		r = child_unblock(child->in);
	return r;
}

/*
 * In the new process, which has the memory of its parent until exec: a handler
 * of the parent must not run here, so signals are blocked until none is left.
 */
static int child_become(const struct child_plan *plan)
{
	struct sigaction action;
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &action) < 0 ||
		    (i == SIGHUP && action.sa_handler == SIG_IGN))
			continue;
		memset(&action, 0, sizeof(action));
		action.sa_handler = SIG_DFL;
		(void)sigaction(i, &action, NULL);
	}
	if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return errno;
	/* It may have died before that. */
	if (getppid() != plan->parent)
		return ESRCH;
	if (dup2(plan->input, STDIN_FILENO) < 0 ||
	    dup2(plan->output, STDOUT_FILENO) < 0 ||
	    dup2(plan->errors, STDERR_FILENO) < 0)
		return errno;
#if defined(SYS_close_range) && defined(CLOSE_RANGE_CLOEXEC)
	/* What the worker has from its own parent. */
	(void)syscall(SYS_close_range, STDERR_FILENO + 1, ~0U,
		      CLOSE_RANGE_CLOEXEC);
#endif
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(plan->arguments[0], plan->arguments);
	return errno;
}

/* A process that has executed the program, or -1 with errno. */
static pid_t child_fork(const struct child_plan *plan)
{
	sigset_t all, before;
	ssize_t n;
	pid_t pid;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = vfork();
	if (pid == 0) {
		code = child_become(plan);
		n = write(plan->report, &code, sizeof(code));
		_exit(n == sizeof(code) ? 127 : 126);
	}
	code = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = code;
	return pid;
}

/* Whether it has ended. Where SIGCHLD is ignored nobody knows how. */
static bool child_reap(pid_t pid, int *status, int flags)
{
	pid_t r;

	do
		r = waitpid(pid, status, flags);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		*status = CHILD_UNKNOWN;
	return r != 0;
}

/* Runs the program; 0, or -errno of whatever failed. */
static int child_run(struct child *child, struct child_plan *plan, int report)
{
	int code = 0;
	ssize_t n;
	pid_t pid;

	plan->parent = getpid();
	pid = child_fork(plan);
	if (pid < 0)
		return -errno;
	child_drop(&plan->report);
	/* Exec closes the other end. */
	do
		n = read(report, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		child->pidfd = child_lift((int)syscall(SYS_pidfd_open, pid, 0));
	if (n == 0 && child->pidfd > 0) {
		child->pid = pid;
		return 0;
	}
	code = n == sizeof(code) ? code : errno;
	child->pidfd = 0;
	kill(pid, SIGKILL);
	child_reap(pid, &child->status, 0);
	return -code;
}

static int child_watch(struct child *child, struct gust_task *task)
{
	int r = gust_watch(task, child->pidfd, POLLIN);

	return r < 0 ? r : gust_watch(task, child->err, POLLIN);
}

int child_start(struct child *child, const struct gust_list *command,
		bool writes, struct gust_task *task, struct gust_error *error)
{
	struct child_plan plan = { 0 };
	int report = 0, r;
	size_t i;

	assert(child->pid == 0 && child->out == 0 && command->count > 0);
	memset(child, 0, sizeof(*child));
	plan.arguments = calloc(command->count + 1, sizeof(char *));
	if (plan.arguments == NULL)
		return -ENOMEM;
	for (i = 0; i < command->count; i++)
		plan.arguments[i] = (char *)(uintptr_t)command->items[i];
	r = child_connect(child, &plan, writes, &report);
	if (r == 0)
		r = child_run(child, &plan, report);
	if (r == 0)
		r = child_watch(child, task);
	free(plan.arguments);
	child_drop(&plan.input);
	child_drop(&plan.output);
	child_drop(&plan.errors);
	child_drop(&plan.report);
	child_drop(&report);
	if (r == 0)
		return 0;
	child_kill(child);
	child_close(child);
	return gust_error_set(error, r, "cannot run '%s': %s%s",
			      command->items[0], strerror(-r),
			      r == -ENOENT && strchr(command->items[0], ' ')
				      ? ", expected its arguments as further "
					"items of the list"
				      : "");
}

static void child_log(struct child *child, struct gust_task *task)
{
	if (child->error_length > 0)
		gust_log(task, GUST_LOG_WARN, "%.*s", (int)child->error_length,
			 child->error);
	child->error_length = 0;
}

/* Logs whole lines, and pieces of those that are longer than the buffer. */
static void child_log_bytes(struct child *child, struct gust_task *task,
			    const char *data, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (data[i] == '\n' || child->error_length == CHILD_ERROR_SIZE)
			child_log(child, task);
		if (data[i] != '\n')
			child->error[child->error_length++] = data[i];
	}
}

/* Reads its standard error; `most` bounds what one that never stops costs. */
static void child_read_errors(struct child *child, struct gust_task *task,
			      int most)
{
	char data[4096];
	ssize_t n = -1;
	int i;

	for (i = 0; i < most && child->err > 0; i++) {
		n = read(child->err, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n > 0) {
			child_log_bytes(child, task, data, (size_t)n);
			continue;
		}
		child_log(child, task);
		gust_watch(task, child->err, 0);
		child_drop(&child->err);
	}
}

static void child_ended(struct child *child, struct gust_task *task)
{
	if (!child_reap(child->pid, &child->status, WNOHANG))
		return;
	child->pid = 0;
	child_read_errors(child, task, CHILD_ERROR_READS);
	child_log(child, task);
	gust_watch(task, child->pidfd, 0);
	child_drop(&child->pidfd);
	if (child->err > 0)
		gust_watch(task, child->err, 0);
	child_drop(&child->err);
}

bool child_ready(struct child *child, struct gust_task *task, int fd)
{
	if (fd <= 0)
		return false;
	if (fd == child->pidfd) {
		child_ended(child, task);
		return true;
	}
	if (fd != child->err)
		return false;
	child_read_errors(child, task, CHILD_ERROR_READS);
	return true;
}

void child_end_input(struct child *child, struct gust_task *task)
{
	if (child->in > 0)
		gust_watch(task, child->in, 0);
	child_drop(&child->in);
}

void child_terminate(struct child *child, struct gust_task *task)
{
	if (child->pid == 0)
		return;
	kill(-child->pid, SIGTERM);
	/* Without a timer, there is no grace. */
	if (gust_timer(task, CHILD_GRACE_NS,
		       CHILD_COOKIE | (uint64_t)child->pid) < 0)
		child_kill(child);
}

bool child_timer(struct child *child, struct gust_task *task, uint64_t cookie)
{
	(void)task;
	if ((cookie & CHILD_COOKIE) == 0)
		return false;
	if (child->pid > 0 && (cookie ^ CHILD_COOKIE) == (uint64_t)child->pid)
		child_kill(child);
	return true;
}

void child_kill(struct child *child)
{
	if (child->pid > 0)
		kill(-child->pid, SIGKILL);
}

void child_release(struct child *child, struct gust_task *task)
{
	assert(child->pid == 0);
	child_end_input(child, task);
	if (child->out > 0)
		gust_watch(task, child->out, 0);
	child_drop(&child->out);
}

void child_close(struct child *child)
{
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };

	child_drop(&child->in);
	child_drop(&child->out);
	child_drop(&child->err);
	if (child->pid > 0) {
		kill(-child->pid, SIGTERM);
		(void)poll(&end, 1, CHILD_CLOSE_MS);
		child_kill(child);
		child_reap(child->pid, &child->status, 0);
	}
	child->pid = 0;
	child_drop(&child->pidfd);
}

const char *child_status(const struct child *child,
			 char text[CHILD_STATUS_SIZE])
{
	if (child->status == CHILD_UNKNOWN)
		snprintf(text, CHILD_STATUS_SIZE, "an unknown status");
	else if (WIFSIGNALED(child->status))
		snprintf(text, CHILD_STATUS_SIZE, "signal %d, %s",
			 WTERMSIG(child->status),
			 strsignal(WTERMSIG(child->status)));
	else
		snprintf(text, CHILD_STATUS_SIZE, "exit status %d",
			 WEXITSTATUS(child->status));
	return text;
}

bool child_succeeded(const struct child *child)
{
	return child->status != CHILD_UNKNOWN && WIFEXITED(child->status) &&
	       WEXITSTATUS(child->status) == 0;
}
