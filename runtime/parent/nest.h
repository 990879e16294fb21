/* SPDX-License-Identifier: MIT */
#ifndef PARENT_NEST_H
#define PARENT_NEST_H

/*
 * The folder in which the sockets of a run's workers are, for this user alone:
 * in $XDG_RUNTIME_DIR or /tmp. Its path is short, as sockets' paths have to be.
 */

#include <stdint.h>

#include <gust/error.h>

#define NEST_PATH_SIZE 64

struct nest {
	char path[NEST_PATH_SIZE]; /* "": there is none */
};

/* Makes it. -errno with `error`. */
int nest_make(struct nest *nest, struct gust_error *error);

/* Removes what a worker that has died has left there, if anything. */
void nest_clear(const struct nest *nest, uint32_t worker);

/* Removes it with all that is in it. Takes one that was not made. */
void nest_remove(struct nest *nest);

#endif
