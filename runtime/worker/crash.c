/* SPDX-License-Identifier: MIT */

#include "worker/crash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* A handler has no other way to know what its thread was doing. */
static _Thread_local struct executor *crash_executor;

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

static void crash_handle(int signal_number)
{
	struct executor *executor = crash_executor;
	int error = errno;

	/* A crash in here, too, ends the process: SA_RESETHAND. */
	crash_executor = NULL;
	/* For the parent, if there is one. */
	if (executor != NULL)
		executor_crashed(executor);
	crash_say("gust: crashed with ");
	crash_say(crash_name(signal_number));
	crash_say(executor != NULL ? ", innermost call first:\n"
				   : ", outside of any component\n");
	if (executor != NULL)
		executor_describe_calls(executor, STDERR_FILENO);
	/* It is blocked until the handler returns, and then ends us. */
	raise(signal_number);
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
	action.sa_flags = SA_ONSTACK | (int)SA_RESETHAND;
	sigemptyset(&action.sa_mask);
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

	crash_executor = NULL;
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
}
