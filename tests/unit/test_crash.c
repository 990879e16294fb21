/* SPDX-License-Identifier: MIT */

#include "worker/crash.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/executing.h"
#include "engine/executor.h"

#include "test.h"

#include "sanitized.h"

/* Stands in for the engine's. */
void executor_describe_calls(const struct executor *x, int fd)
{
	ssize_t n = write(fd, (const char *)x, strlen((const char *)x));

	(void)n;
}

/* What happens when the handler asks the engine. */
enum damage { NOWHERE, SEGFAULT, BUS_ERROR, ABORT, ANOTHER };
static enum damage damage;

static void *crash_too(void *unused)
{
	(void)unused;
	abort();
}

/* Of a file that is empty. */
static volatile int *behind_the_end(void)
{
	int fd = memfd_create("nothing", MFD_CLOEXEC);

	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

/* Another thread crashes, and has time to end the process, if it may. */
static void crash_elsewhere(void)
{
	const struct timespec wait = { .tv_nsec = 20000000 };
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, crash_too, NULL), 0);
	nanosleep(&wait, NULL);
}

uint32_t executor_innermost(const struct executor *x)
{
	volatile int *nowhere = NULL;

	(void)x;
	if (damage == SEGFAULT)
		*nowhere = 1;
	else if (damage == BUS_ERROR)
		*behind_the_end() = 1;
	else if (damage == ABORT)
		abort();
	else if (damage == ANOTHER)
		crash_elsewhere();
	return 7;
}

/* Outlives the child. */
static struct executing *noted;

struct executing *executor_executing(const struct executor *x)
{
	(void)x;
	return noted;
}

static int overflow(volatile int depth)
{
	volatile char space[4096];

	space[0] = (char)depth;
	return depth == 0 ? 0 : overflow(depth - 1) + space[0];
}

static void crash(int how)
{
	volatile int *nowhere = NULL;

	switch (how) {
	case SIGSEGV:
		*nowhere = 1;
		break;
	case SIGABRT:
		abort();
	case SIGUSR1: /* stands for a stack that overflows */
		overflow(1 << 30);
		break;
	default:
		raise(how);
	}
}

/* Crashes in a child; returns its status and what it said. */
static int status_of(int how, const char *watched, char *said, size_t size)
{
	static const struct rlimit no_core = { 0, 0 };
	struct crash_handlers handlers;
	struct crash_stack stack;
	size_t n = 0;
	int fds[2], status;
	ssize_t r;
	pid_t child;

	CHECK_INT(pipe(fds), 0);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		dup2(fds[1], STDERR_FILENO);
		crash_enter(&stack);
		crash_install(&handlers);
		crash_watch((void *)(uintptr_t)watched);
		crash(how);
		_exit(0);
	}
	close(fds[1]);
	while ((r = read(fds[0], said + n, size - 1 - n)) > 0)
		n += (size_t)r;
	said[n] = '\0';
	close(fds[0]);
	CHECK_INT(waitpid(child, &status, 0), child);
	return status;
}

static void check_crash(int how, int expected)
{
	char said[4096];
	int status;

	if (SANITIZED && how != SIGABRT)
		return;
	status = status_of(how, "count[3] in execute\n", said, sizeof(said));
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), expected);
	CHECK_CONTAINS(said, "gust: crashed with SIG");
	CHECK_CONTAINS(said, "innermost call first:\ncount[3] in execute\n");
}

TEST(a_bad_access_is_described)
{
	check_crash(SIGSEGV, SIGSEGV);
}

TEST(an_abort_is_described)
{
	check_crash(SIGABRT, SIGABRT);
}

TEST(a_stack_that_overflows_is_described)
{
	check_crash(SIGUSR1, SIGSEGV);
}

TEST(signals_that_were_sent_are_described)
{
	check_crash(SIGBUS, SIGBUS);
	check_crash(SIGFPE, SIGFPE);
	check_crash(SIGILL, SIGILL);
}

TEST(a_crash_outside_of_components_says_so)
{
	char said[4096];
	int status;

	if (SANITIZED)
		return;
	status = status_of(SIGSEGV, NULL, said, sizeof(said));
	CHECK(WIFSIGNALED(status));
	CHECK_STR(said, "gust: crashed with SIGSEGV (bad memory access), "
			"outside of any component\n");
}

static void note_calls(void)
{
	noted = mmap(NULL, sizeof(*noted), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(noted != MAP_FAILED);
	noted->state = EXECUTING_ROOT;
	noted->root = 99;
	noted->task = 3;
}

static void forget_calls(void)
{
	munmap(noted, sizeof(*noted));
	noted = NULL;
	damage = NOWHERE;
}

TEST(who_outlives_the_process_is_told_where_it_was)
{
	note_calls();
	check_crash(SIGABRT, SIGABRT);
	CHECK_UINT(noted->state, EXECUTING_CRASHED);
	CHECK_UINT(noted->root, 99);
	CHECK_UINT(noted->task, 7);
	forget_calls();
}

/* Its end comes at once, and after the first message and the note. */
static void check_damage(enum damage how, int expected)
{
	char said[4096];
	int status;

	damage = how;
	note_calls();
	status = status_of(SIGABRT, "calls\n", said, sizeof(said));
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), expected);
	CHECK_STR(said, "gust: crashed with SIGABRT (abort or failed "
			"assertion), innermost call first:\n");
	CHECK_UINT(noted->state, EXECUTING_CRASHED);
	CHECK_UINT(noted->task, 3);
	forget_calls();
}

TEST(a_crash_within_the_handler_takes_nothing_away)
{
	check_damage(ABORT, SIGABRT);
	if (SANITIZED)
		return;
	check_damage(SEGFAULT, SIGSEGV);
	check_damage(BUS_ERROR, SIGBUS);
}

TEST(a_second_thread_that_crashes_does_not_cut_the_first_one_short)
{
	/* A thread that is begun in a handler is too much for a sanitizer. */
	if (SANITIZED)
		return;
	damage = ANOTHER;
	check_crash(SIGABRT, SIGABRT);
	damage = NOWHERE;
}

TEST(what_was_before_comes_back)
{
	struct crash_handlers handlers;
	struct sigaction action;

	signal(SIGABRT, SIG_IGN);
	crash_install(&handlers);
	crash_uninstall(&handlers);
	sigaction(SIGABRT, NULL, &action);
	CHECK(action.sa_handler == SIG_IGN);
	signal(SIGABRT, SIG_DFL);
}
