/* SPDX-License-Identifier: MIT */

#include "worker/crash.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/executor.h"

#include "test.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* Stands in for the engine's. */
void executor_describe_calls(const struct executor *x, int fd)
{
	ssize_t n = write(fd, (const char *)x, strlen((const char *)x));

	(void)n;
}

void executor_crashed(struct executor *x)
{
	(void)x;
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
