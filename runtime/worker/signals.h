/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SIGNALS_H
#define WORKER_SIGNALS_H

/*
 * SIGINT and SIGTERM as events of the main thread, SIGPIPE ignored, and SIGCHLD
 * as it is by default. Begin before other threads start: they inherit that the
 * signals are blocked.
 */

#include <signal.h>

/* All members are private. */
struct signals {
	int fd;
	sigset_t before;
	struct sigaction pipe_before;
	struct sigaction child_before;
};

/* 0 or -errno; then nothing has changed. */
int signals_begin(struct signals *signals);

/* Puts back what was before. */
void signals_end(struct signals *signals);

/* Readable when signals_take() has something. */
int signals_fd(const struct signals *signals);

/* The next signal that came, or 0. */
int signals_take(struct signals *signals);

/*
 * For a thread that runs plugins: blocks all signals but those of a crash and
 * CRASH_ASK, so that none interrupts what a plugin waits for.
 */
void signals_block(void);

/* "SIGINT" for SIGINT; valid for ever. */
const char *signals_name(int number);

#endif
