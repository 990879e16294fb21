/* SPDX-License-Identifier: MIT */
#ifndef SIM_REALITY_H
#define SIM_REALITY_H

/*
 * What a simulation cannot simulate: descriptors, and threads that plugins
 * start. They are served as they are, while the clock of the simulation
 * stands. Only the files of this room include this.
 *
 * All functions do nothing unless `quiet_ms` of struct sim_config is set.
 */

#include <stdbool.h>
#include <stdint.h>
#include <threads.h>

struct sim;
struct pollfd;

struct reality {
	thrd_t thread;    /* the simulation's own */
	int pipe[2];      /* numbers of tasks that others woke; -1: none */
	bool patient;     /* the world may be about to answer */
	uint64_t owed_ns; /* of real time, to be waited */
	struct pollfd *polls;
	uint32_t room;
};

/* 0 or a negative errno. */
int reality_init(struct sim *sim);
/* Takes a zeroed one, and one whose init failed. */
void reality_fini(struct reality *reality);

/* Whether the caller is a thread of a plugin; it may only wake. */
bool reality_is_foreign(const struct sim *sim);
void reality_wake(struct sim *sim, uint32_t task);

/* Whether a descriptor is watched. */
bool reality_watches(const struct sim *sim);

/* Whether there is a thread that may wake a task. */
bool reality_has_threads(void);

/* How long the world is given before the clock goes to `next`, in ms. */
int reality_patience(struct sim *sim, uint64_t next);

/* Waits for the world at most so long; true: something comes because of it. */
bool reality_look(struct sim *sim, int wait_ms);

#endif
