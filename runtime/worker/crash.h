/* SPDX-License-Identifier: MIT */
#ifndef WORKER_CRASH_H
#define WORKER_CRASH_H

/*
 * What a crash says before the process dies: the signal, and which task was in
 * which callback with which tuple, on the thread that crashed. The signal then
 * takes its course, with a core where cores are allowed. The same can be asked
 * of a thread that seems to hang.
 */

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct executor;

/* SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT. */
#define CRASH_SIGNALS 5

/* Asks a thread; ignored by default, and by all who do not expect it. */
#define CRASH_ASK SIGURG

/* What the process did at these signals before. */
struct crash_handlers {
	struct sigaction before[CRASH_SIGNALS];
	struct sigaction ask_before;
};

/*
 * Installs the handlers for all threads, and puts back what was before. A
 * program built with the address or the thread sanitizer keeps their handlers,
 * which say more; they have none for SIGABRT.
 */
void crash_install(struct crash_handlers *handlers);
void crash_uninstall(const struct crash_handlers *handlers);

/* A stack for the handler, since a full stack is a common reason to crash. */
struct crash_stack {
	void *memory;
};

/*
 * Prepares the calling thread, and undoes that before it ends. -ENOMEM: the
 * thread goes without a stack of its own for the handler.
 */
int crash_enter(struct crash_stack *stack);
void crash_leave(struct crash_stack *stack);

/* What the calling thread runs from now on; NULL for nothing. */
void crash_watch(struct executor *executor);

/*
 * Has a thread, which must not have been joined, write its calls to `fd` as
 * executor_describe_calls() does. It does so in a signal handler: soon, late,
 * or never; system calls that cannot be restarted return EINTR.
 */
void crash_ask(pthread_t thread, int fd);

#endif
