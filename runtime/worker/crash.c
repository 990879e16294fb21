/* SPDX-License-Identifier: MIT */

#include "worker/crash.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/executing.h"
#include "engine/executor.h"

#define CRASH_STACK_BYTES ((size_t)64 * 1024)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CRASH_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CRASH_SANITIZED 1
#endif
#endif
#ifndef CRASH_SANITIZED
#define CRASH_SANITIZED 0
#endif

static const int crash_signals[CRASH_SIGNALS] = { SIGABRT, SIGSEGV, SIGBUS,
						  SIGFPE, SIGILL };

/* How many of them are ours. */
#define CRASH_OURS (CRASH_SANITIZED ? 1 : CRASH_SIGNALS)

/* A handler has no other way to know what its thread was doing; and what the
 * executor says of itself may be damaged. */
static _Thread_local struct executor *crash_executor;
static _Thread_local struct executing *crash_executing;

/* What a thread that crashes as well leaves to the one that was first. */
#define CRASH_WAIT_S 1

/* Threads that have crashed, and whether this one has. */
static uint32_t crash_count;
static _Thread_local bool crash_inside;

static void crash_say(const char *text)
{
	ssize_t n = write(STDERR_FILENO, text, strlen(text));

	/* There is nobody to tell. */
	(void)n;
}

static const char *crash_name(int signal_number)
{
	switch (signal_number) {
	case SIGSEGV:
		return "SIGSEGV (bad memory access)";
	case SIGBUS:
		return "SIGBUS (bad memory access)";
	case SIGFPE:
		return "SIGFPE (arithmetic error)";
	case SIGILL:
		return "SIGILL (illegal instruction)";
	default:
		return "SIGABRT (abort or failed assertion)";
	}
}

/* The first thread that crashes says so; others give it the time to. */
static void crash_take_turn(void)
{
	const struct timespec wait = { .tv_sec = CRASH_WAIT_S };

	if (__atomic_fetch_add(&crash_count, 1, __ATOMIC_RELAXED) > 0)
		(void)nanosleep(&wait, NULL);
}

/* Has the signal take its course as soon as the handler returns. */
static void crash_end(int signal_number)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	sigaction(signal_number, &action, NULL);
	raise(signal_number);
}

/*
 * What may be damaged comes last: the signal, the note to the parent, and only
 * then what the executor has. A bad access in here finds its signal blocked, so
 * that the kernel ends the process at once.
 */
static void crash_handle(int signal_number)
{
	struct executor *executor = crash_executor;
	struct executing *executing = crash_executing;
	int error = errno;

	if (crash_inside) {
		crash_end(signal_number);
		return;
	}
	crash_inside = true;
	crash_take_turn();
	crash_say("gust: crashed with ");
	crash_say(crash_name(signal_number));
	crash_say(executor != NULL ? ", innermost call first:\n"
				   : ", outside of any component\n");
	executing_crash(executing, UINT32_MAX);
	if (executor != NULL) {
		executing_crash(executing, executor_innermost(executor));
		executor_describe_calls(executor, STDERR_FILENO);
	}
	crash_end(signal_number);
	errno = error;
}

static void crash_answer(int signal_number, siginfo_t *info, void *context)
{
	int error = errno;

	(void)signal_number;
	(void)context;
	/* Anybody may send the signal; only crash_ask() passes a value. */
	if (info->si_code == SI_QUEUE && crash_executor != NULL)
		executor_describe_calls(crash_executor,
					info->si_value.sival_int);
	errno = error;
}

void crash_ask(pthread_t thread, int fd)
{
	union sigval value;

	memset(&value, 0, sizeof(value));
	value.sival_int = fd;
	(void)pthread_sigqueue(thread, CRASH_ASK, value);
}

static void crash_install_answer(struct crash_handlers *handlers)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = crash_answer;
	action.sa_flags = SA_SIGINFO | SA_RESTART;
	sigemptyset(&action.sa_mask);
	sigaction(CRASH_ASK, &action, &handlers->ask_before);
}

void crash_install(struct crash_handlers *handlers)
{
	struct sigaction action;

	crash_install_answer(handlers);
	memset(&action, 0, sizeof(action));
	action.sa_handler = crash_handle;
	action.sa_flags = SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < CRASH_OURS; i++)
		sigaddset(&action.sa_mask, crash_signals[i]);
	for (size_t i = 0; i < CRASH_OURS; i++)
		sigaction(crash_signals[i], &action, &handlers->before[i]);
}

void crash_uninstall(const struct crash_handlers *handlers)
{
	sigaction(CRASH_ASK, &handlers->ask_before, NULL);
	for (size_t i = 0; i < CRASH_OURS; i++)
		sigaction(crash_signals[i], &handlers->before[i], NULL);
}

int crash_enter(struct crash_stack *stack)
{
	stack_t alternate;

	stack->memory = NULL;
	if (CRASH_SANITIZED)
		return 0;
	memset(&alternate, 0, sizeof(alternate));
	alternate.ss_sp = malloc(CRASH_STACK_BYTES);
	alternate.ss_size = CRASH_STACK_BYTES;
	if (alternate.ss_sp == NULL)
		return -ENOMEM;
	if (sigaltstack(&alternate, NULL) < 0) {
		free(alternate.ss_sp);
		return -ENOMEM;
	}
	stack->memory = alternate.ss_sp;
	return 0;
}

void crash_leave(struct crash_stack *stack)
{
	stack_t none;

	crash_watch(NULL);
	if (stack->memory == NULL)
		return;
	memset(&none, 0, sizeof(none));
	none.ss_flags = SS_DISABLE;
	sigaltstack(&none, NULL);
	free(stack->memory);
	stack->memory = NULL;
}

void crash_watch(struct executor *executor)
{
	crash_executor = executor;
	crash_executing =
		executor != NULL ? executor_executing(executor) : NULL;
}
