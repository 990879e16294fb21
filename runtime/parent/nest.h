/* SPDX-License-Identifier: MIT */
#ifndef PARENT_NEST_H
#define PARENT_NEST_H

/*
 * The folder in which the sockets of a run's workers are, for this user alone:
 * in $XDG_RUNTIME_DIR or /tmp. Its path is short, as sockets' paths have to be.
 *
 * It is locked (flock(2)) as long as any process of the run lives, since
 * workers inherit the descriptor. What runs have left whose processes were all
 * killed is removed by whoever makes a nest in the same place next.
 */

#include <stdint.h>

#include <gust/error.h>

#define NEST_PATH_SIZE 64

struct nest {
	char path[NEST_PATH_SIZE]; /* "": there is none */
	int fd;                    /* of the folder; it holds the lock */
};

/* Makes it. -errno with `error`. */
int nest_make(struct nest *nest, struct gust_error *error);

/* Removes what a worker that has died has left there, if anything. */
void nest_clear(const struct nest *nest, uint32_t worker);

/* Removes it with all sockets that are in it. Takes one that was not made. */
void nest_remove(struct nest *nest);

#endif
