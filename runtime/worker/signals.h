/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SIGNALS_H
#define WORKER_SIGNALS_H

/*
 * SIGINT and SIGTERM as events of the main thread, and SIGCHLD as it is by
 * default. SIGPIPE and SIGXFSZ are ignored: a reader that has gone and a file
 * that may not grow (`ulimit -f`) are EPIPE and EFBIG to whoever writes. Begin
 * before other threads start: they inherit that the signals are blocked.
 */

#include <signal.h>
#include <stdbool.h>

/* All members are private. */
struct signals {
	int fd;
	sigset_t before;
	struct sigaction pipe_before;
	struct sigaction size_before;
	struct sigaction child_before;
};

/*
 * 0 or -errno; then nothing has changed. In a worker that has a parent they
 * are the parent's: here they stay blocked, and nothing comes of them.
 */
int signals_begin(struct signals *signals, bool parent);

/* Puts back what was before. */
void signals_end(struct signals *signals);

/* Readable when signals_take() has something. */
int signals_fd(const struct signals *signals);

/* The next signal that came, or 0. */
int signals_take(struct signals *signals);

/*
 * After a signal that ends a run: waits a moment for the same one again, which
 * then counts as one with it; timeout(1) sends its signal to the process and
 * then to its group. Returns another one that came instead, or 0.
 */
int signals_settle(struct signals *signals, int number);

/*
 * For a thread that runs plugins: blocks all signals but those of a crash and
 * CRASH_ASK, so that none interrupts what a plugin waits for.
 */
void signals_block(void);

/* "SIGINT" for SIGINT; valid for ever. */
const char *signals_name(int number);

#endif
