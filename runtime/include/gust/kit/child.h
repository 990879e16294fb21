/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_CHILD_H
#define GUST_KIT_CHILD_H

/*
 * A program that runs beside a task, with pipes to its standard input and from
 * its standard output. Nothing here waits for it.
 *
 * The command is a list, no shell reads it; a name without a slash is looked
 * for in PATH. The program has the environment and the folder of the worker,
 * no descriptors but the three standard ones, an empty signal mask, default
 * signals (but an ignored SIGHUP stays ignored) and a process group of its own,
 * so that Ctrl-C does not reach it before its work is done. It is killed when
 * the thread that started it ends, however that happens; programs which it has
 * started itself then find their pipes closed. What it writes to its standard
 * error becomes lines of the log.
 *
 * Descriptors are 3 or above, 0 stands for none, and all zero is a child that
 * was never started. The task watches `in` and `out` as it needs them; the end
 * of the child and its standard error are watched here. In the task's
 * callbacks only; it needs Linux 5.3.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gust/error.h>
#include <gust/option.h>
#include <gust/task.h>

#define CHILD_STATUS_SIZE 80u
#define CHILD_ERROR_SIZE 1000u

/* How long after a request to end it is killed. */
#define CHILD_GRACE_NS (UINT64_C(5) * 1000 * 1000 * 1000)

struct child {
	pid_t pid;  /* 0: it does not run */
	int pidfd;  /* private, as are the following two */
	int err;    /* its standard error */
	int in;     /* to its standard input, or 0; does not block */
	int out;    /* from its standard output; does not block */
	int status; /* once it has ended, as of waitpid() */
	size_t error_length;
	char error[CHILD_ERROR_SIZE]; /* a line of its standard error */
};

/*
 * Starts the program; what an earlier one has left must have been released.
 * Without `writes` it finds its standard input empty. -errno, with the name of
 * the program and the reason in `error`, also where it cannot be executed.
 */
int child_start(struct child *child, const struct gust_list *command,
		bool writes, struct gust_task *task, struct gust_error *error);

/*
 * In ready(): takes what is for the child, and returns whether `fd` was. After
 * that, `pid` tells whether it still runs. What it has written is yet in `out`
 * then, up to the first -EAGAIN: those that it has started may keep it open.
 */
bool child_ready(struct child *child, struct gust_task *task, int fd);

/* Ends its standard input. */
void child_end_input(struct child *child, struct gust_task *task);

/* Asks it to end, with SIGTERM, and kills it after CHILD_GRACE_NS, for which
 * timer() calls child_timer(). */
void child_terminate(struct child *child, struct gust_task *task);

/* In timer(): takes what is for the child, and returns whether it was; such
 * cookies have their highest bit set. */
bool child_timer(struct child *child, struct gust_task *task, uint64_t cookie);

/* Kills it and its process group now. */
void child_kill(struct child *child);

/* Closes the pipes of one that has ended. */
void child_release(struct child *child, struct gust_task *task);

/*
 * In the task's close(), at any time: closes the pipes, asks the child to end
 * if it runs, and kills it if it has not after a quarter of a second.
 */
void child_close(struct child *child);

/* How it has ended: "exit status 1", "signal 9, Killed". Returns `text`. */
const char *child_status(const struct child *child,
			 char text[CHILD_STATUS_SIZE]);

/* Whether it has ended with exit status 0. */
bool child_succeeded(const struct child *child);

#endif
