/* SPDX-License-Identifier: MIT */
#ifndef SOCKET_PEERS_H
#define SOCKET_PEERS_H

/*
 * Connections, a bounded number of them. Those that have something to read
 * stand in a ring and get their turns; the others are watched.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/kit/address.h>
#include <gust/kit/scanner.h>
#include <gust/task.h>

struct peer {
	int fd;     /* 0: this place is free */
	bool waits; /* for its turn */
	bool hangs_up;
	uint32_t after; /* the next one in the ring */
	uint32_t served;
	uint64_t last_ns; /* its last whole record, or its beginning */
	struct scanner scanner;
	char name[ADDRESS_TEXT_SIZE];
};

/* All zero is one that was not opened. */
struct peers {
	struct peer *all;
	uint32_t size, count;
	uint32_t first, last; /* of the ring, and one more; 0: empty */
};

/* For `size` connections. 0 or -ENOMEM. */
int peers_open(struct peers *peers, uint32_t size);
void peers_close(struct peers *peers);

/* Takes a connection over; there must be a free place. It gets a turn. */
void peers_add(struct peers *peers, int fd, const struct address_place *place,
	       uint64_t now_ns, const struct scanner *like);

/* Closes one whose turn it is not. */
void peers_drop(struct peers *peers, struct gust_task *task, struct peer *peer);

/* The connection of a descriptor, or NULL. */
struct peer *peers_find(struct peers *peers, int fd);

/* Puts one at the end of the ring. */
void peers_wait(struct peers *peers, struct peer *peer);

/* Whose turn it is, or NULL. */
struct peer *peers_first(const struct peers *peers);

/* Its turn is over. */
void peers_next(struct peers *peers);

#endif
