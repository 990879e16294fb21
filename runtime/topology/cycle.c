/* SPDX-License-Identifier: MIT */

#include "topology/cycle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Design notes. Both functions peel off, again and again, the nodes that no
 * remaining edge leads to (Kahn, 1962). What is left over when nothing can be
 * peeled has an edge into every node, so that walking backwards from any of
 * these nodes must come back to one it has passed: a cycle.
 */

static void count_incoming(const struct cycle_edge *edges, uint32_t count,
			   uint32_t *incoming)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		incoming[edges[i].to]++;
}

/*
 * Peels nodes; `incoming` becomes that of the nodes left over, which keep it
 * above zero. Returns how many are left.
 */
static uint32_t peel(const struct cycle_edge *edges, uint32_t count,
		     uint32_t nodes, uint32_t *incoming, uint32_t *ranks,
		     uint32_t *queue)
{
	uint32_t first = 0;
	uint32_t last = 0;
	uint32_t node;
	uint32_t i;

	for (i = 0; i < nodes; i++) {
		ranks[i] = 0;
		if (incoming[i] == 0)
			queue[last++] = i;
	}
	while (first < last) {
		node = queue[first++];
		for (i = 0; i < count; i++) {
			if (edges[i].from != node)
				continue;
			if (ranks[edges[i].to] <= ranks[node])
				ranks[edges[i].to] = ranks[node] + 1;
			if (--incoming[edges[i].to] == 0)
				queue[last++] = edges[i].to;
		}
	}
	return nodes - last;
}

/* The node before `node` among those that peel() left over. */
static uint32_t predecessor(const struct cycle_edge *edges, uint32_t count,
			    const uint32_t *incoming, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (edges[i].to == node && incoming[edges[i].from] > 0)
			return edges[i].from;
	abort(); /* peel() would have taken it */
}

static uint32_t walk_back(const struct cycle_edge *edges, uint32_t count,
			  uint32_t nodes, const uint32_t *incoming,
			  uint32_t *seen, uint32_t *path)
{
	uint32_t node = 0;
	uint32_t length = 0;
	uint32_t i;

	while (incoming[node] == 0)
		node++;
	memset(seen, 0, nodes * sizeof(*seen));
	while (!seen[node]) {
		seen[node] = 1;
		node = predecessor(edges, count, incoming, node);
	}
	/* `node` is on the cycle; now its nodes alone, from back to front. */
	path[nodes] = node;
	do {
		length++;
		path[nodes - length] = predecessor(edges, count, incoming,
						   path[nodes - length + 1]);
	} while (path[nodes - length] != node);
	for (i = 0; i <= length; i++)
		path[i] = path[nodes - length + i];
	return length + 1;
}

int cycle_find(const struct cycle_edge *edges, uint32_t count, uint32_t nodes,
	       uint32_t *path)
{
	uint32_t *scratch;
	uint32_t length = 0;

	if (nodes == 0)
		return 0;
	scratch = calloc((size_t)nodes * 3, sizeof(*scratch));
	if (scratch == NULL)
		return -ENOMEM;
	count_incoming(edges, count, scratch);
	if (peel(edges, count, nodes, scratch, scratch + nodes,
		 scratch + 2 * (size_t)nodes) > 0)
		length = walk_back(edges, count, nodes, scratch,
				   scratch + nodes, path);
	free(scratch);
	return (int)length;
}

int cycle_ranks(const struct cycle_edge *edges, uint32_t count, uint32_t nodes,
		uint32_t *ranks)
{
	uint32_t *scratch;
	uint32_t left;

	scratch = calloc((size_t)nodes * 2 + 1, sizeof(*scratch));
	if (scratch == NULL)
		return -ENOMEM;
	count_incoming(edges, count, scratch);
	left = peel(edges, count, nodes, scratch, ranks, scratch + nodes);
	free(scratch);
	return left > 0 ? -ELOOP : 0;
}
