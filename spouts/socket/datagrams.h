/* SPDX-License-Identifier: MIT */
#ifndef SOCKET_DATAGRAMS_H
#define SOCKET_DATAGRAMS_H

/*
 * Datagrams: received, cut into records, and counted where they are lost.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/kit/scanner.h>
#include <gust/task.h>

#include "listener.h"

/* All zero is one that was not opened. */
struct datagrams {
	struct listener *listener;
	bool whole;           /* a datagram is a record */
	bool rest;            /* one is being taken apart */
	struct scanner lines; /* of that one */
	char *bytes;
	uint64_t received;
	struct gust_counter *lost;
	uint64_t told_ns; /* of losses */
	uint64_t untold;
};

/* 0 or -ENOMEM. No record is longer than `limit`. */
int datagrams_open(struct datagrams *datagrams, struct listener *listener,
		   bool whole, size_t limit, struct gust_task *task);

/* Emits or rejects a record, if there is one, and returns what next() does;
 * -EAGAIN: nothing has come. */
int datagrams_next(struct datagrams *datagrams, struct gust_task *task);

/* Tells of those that were lost, at most once a second, or at the `last`. */
void datagrams_tell(struct datagrams *datagrams, struct gust_task *task,
		    bool last);

void datagrams_close(struct datagrams *datagrams);

#endif
