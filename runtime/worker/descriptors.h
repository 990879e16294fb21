/* SPDX-License-Identifier: MIT */
#ifndef WORKER_DESCRIPTORS_H
#define WORKER_DESCRIPTORS_H

/*
 * Warns before the process runs out of descriptors: each connection to a
 * worker's port takes one, also a stranger's, and without one no worker can
 * connect.
 */

#include <stdint.h>

/* All members are private; begins as zeros. */
struct descriptors {
	uint64_t counted_ns;
	uint64_t warned_ns;
};

/* Counts them now and then, and logs when few are left. */
void descriptors_look(struct descriptors *descriptors, uint64_t now);

#endif
