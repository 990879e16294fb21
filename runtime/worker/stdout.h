/* SPDX-License-Identifier: MIT */
#ifndef WORKER_STDOUT_H
#define WORKER_STDOUT_H

/*
 * Standard output, shared by the tasks that write lines to it.
 *
 * A task that was told that only a part of its lines was taken owns the
 * output until the rest is written, so lines of different tasks never mix; nor
 * do those of tasks in other processes, with a word that they share.
 * Writing does not block: pipes, terminals and sockets take what they have
 * room for. Any thread may call stdout_write().
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* All members are private. */
struct stdout_gate {
	pthread_mutex_t lock;
	int fd;
	bool regular; /* it never makes anyone wait */
	bool socket;
	bool owned;
	uint32_t owner; /* a task */
	bool broken;
	uint32_t *holder; /* the process that owns it, or 0 */
	uint32_t self;
};

/* Writes go to `fd`, which is borrowed. */
void stdout_init(struct stdout_gate *gate, int fd);

/*
 * Shares the output with other processes: `holder` is in memory of all, 0 at
 * first, and `self`, which is not 0, this one's own. Who dies as the holder
 * must be taken out by others.
 */
void stdout_share(struct stdout_gate *gate, uint32_t *holder, uint32_t self);
void stdout_fini(struct stdout_gate *gate);

/*
 * Writes whole lines, or the rest of them after a short count. Returns how
 * many bytes were taken, which is more than 0. -EAGAIN: there is no room now,
 * or another task is in the middle of its lines; -EPIPE: the reader has gone;
 * other negative errnos as write(2).
 */
ssize_t stdout_write(struct stdout_gate *gate, uint32_t task, const char *data,
		     size_t size);

/* Whether -EPIPE was returned once. */
bool stdout_broken(const struct stdout_gate *gate);

#endif
