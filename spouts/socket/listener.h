/* SPDX-License-Identifier: MIT */
#ifndef SOCKET_LISTENER_H
#define SOCKET_LISTENER_H

/*
 * The socket that others send to: bound, and its path in order.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <gust/kit/address.h>
#include <gust/task.h>

/* All zero is one that is not open. */
struct listener {
	int fd; /* 0: none */
	const char *path;
	dev_t device; /* the file at `path`, while it is ours */
	ino_t inode;
	uint32_t drops; /* as the system counts them */
};

/*
 * Binds, and listens where that is a stream. `shared`: other tasks bind the
 * same. 0, or -errno with the address and the reason.
 */
int listener_open(struct listener *listener, const struct address *address,
		  bool shared, struct gust_task *task,
		  struct gust_error *error);

/* How many datagrams were lost for want of room since this was last asked; 0
 * where the system does not tell. */
uint32_t listener_drops(struct listener *listener);

/* Closes it, and removes the path if it is still its own. */
void listener_close(struct listener *listener);

#endif
