/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <errno.h>

#include "topology/cycle.h"

#define COUNT(edges) ((uint32_t)(sizeof(edges) / sizeof((edges)[0])))

TEST(no_edges_no_cycle)
{
	uint32_t path[4];
	uint32_t ranks[3] = { 9, 9, 9 };

	CHECK_INT(cycle_find(NULL, 0, 0, path), 0);
	CHECK_INT(cycle_find(NULL, 0, 3, path), 0);
	CHECK_INT(cycle_ranks(NULL, 0, 3, ranks), 0);
	CHECK_UINT(ranks[2], 0);
}

TEST(a_cycle_is_shown_without_what_leads_to_it_or_away)
{
	/* 0 -> 1 -> 2 -> 3 -> 1, 3 -> 4 -> 5 */
	static const struct cycle_edge edges[] = {
		{ 0, 1 }, { 1, 2 }, { 2, 3 }, { 3, 1 }, { 3, 4 }, { 4, 5 }
	};
	uint32_t path[7];
	uint32_t ranks[6];
	int i;

	CHECK_INT(cycle_find(edges, COUNT(edges), 6, path), 4);
	CHECK_UINT(path[0], path[3]);
	for (i = 0; i < 3; i++)
		CHECK_UINT(path[i + 1], path[i] % 3 + 1);
	CHECK_INT(cycle_ranks(edges, COUNT(edges), 6, ranks), -ELOOP);
}

TEST(a_node_may_be_a_cycle_by_itself)
{
	static const struct cycle_edge edges[] = { { 0, 1 }, { 1, 1 } };
	uint32_t path[3];

	CHECK_INT(cycle_find(edges, COUNT(edges), 2, path), 2);
	CHECK_UINT(path[0], 1);
	CHECK_UINT(path[1], 1);
}

TEST(all_nodes_may_be_one_cycle)
{
	static const struct cycle_edge edges[] = { { 0, 2 },
						   { 2, 1 },
						   { 1, 0 } };
	uint32_t path[4];

	CHECK_INT(cycle_find(edges, COUNT(edges), 3, path), 4);
	CHECK_UINT(path[0], path[3]);
}

TEST(ranks_take_the_longest_way)
{
	/* A short way and a long one, and the same edge twice. */
	static const struct cycle_edge edges[] = {
		{ 0, 3 }, { 0, 1 }, { 1, 2 }, { 2, 3 }, { 2, 3 }
	};
	uint32_t ranks[5];
	uint32_t path[6];

	CHECK_INT(cycle_find(edges, COUNT(edges), 5, path), 0);
	CHECK_INT(cycle_ranks(edges, COUNT(edges), 5, ranks), 0);
	CHECK_UINT(ranks[1], 1);
	CHECK_UINT(ranks[3], 3);
	CHECK_UINT(ranks[4], 0);
}
