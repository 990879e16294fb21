/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_CYCLE_H
#define TOPOLOGY_CYCLE_H

/* Cycles among components, and how far each is from a spout. */

#include <stddef.h>
#include <stdint.h>

struct cycle_edge {
	uint32_t from;
	uint32_t to;
};

/*
 * Looks for a cycle. `path` has room for `nodes` + 1 numbers and receives the
 * cycle's nodes in the direction of its edges, the first one again at the end.
 * Returns how many were written, 0 when there is no cycle, or -ENOMEM.
 */
int cycle_find(const struct cycle_edge *edges, uint32_t count, uint32_t nodes,
	       uint32_t *path);

/*
 * Sets `ranks` of `nodes` nodes to the longest way to each from one that no
 * edge leads to. Returns 0, -ELOOP when there is a cycle, or -ENOMEM.
 */
int cycle_ranks(const struct cycle_edge *edges, uint32_t count, uint32_t nodes,
		uint32_t *ranks);

#endif
