/* SPDX-License-Identifier: MIT */
#ifndef WORKER_LOCATION_H
#define WORKER_LOCATION_H

/* Where the ports of workers are. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/plan.h"

/* Room for each address. */
#define LOCATION_SIZE 256

/*
 * The address of a worker's port: where it listens (`bind`), or where the
 * others find it. With a folder all workers are on this machine, at sockets in
 * it; else the plan's hosts say where they are.
 */
void location_of(const struct plan *plan, const char *folder, uint32_t worker,
		 bool bind, char text[LOCATION_SIZE]);

#endif
