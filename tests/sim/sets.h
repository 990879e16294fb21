/* SPDX-License-Identifier: MIT */
#ifndef SIM_SETS_H
#define SIM_SETS_H

/* The inside of the oracle: only oracle.c and audit.c include this. */

#include "oracle.h"
#include "world.h"

/* What a tuple owes to one edge. */
struct debt {
	uint32_t edge;
	uint32_t called; /* bits by index of a task: it was executed there */
	uint32_t open;   /* of these, a complete node is missing; for groupings
			  * other than `all` bit 0 stands for any task */
};

struct tuple {
	enum oracle_kind kind;
	uint32_t task;
	uint32_t stream;
	uint32_t key;
	int32_t direct;
	uint32_t source;
	uint64_t offset;
	size_t parents; /* first in the pool */
	uint32_t parent_count;
	uint32_t debts; /* first in the pool */
	uint32_t debts_open;
	bool complete, lettered, superseded;
};

struct node {
	uint64_t tuple;
	uint32_t debt;
	uint32_t index;   /* of the task */
	uint32_t windows; /* that it was in, of */
	uint32_t windows_due;
	uint32_t children; /* tuples anchored to it that are not complete */
	bool done, failed, complete;
};

/* What was seen of a task. */
struct tally {
	uint64_t roots_min, roots_max; /* begun */
	uint64_t complete;             /* of them */
	uint64_t letters[2];           /* by kind */
	uint64_t rejected_records;
	uint64_t emits, nodes;
};

struct oracle {
	struct world *world;
	struct tuple *tuples;
	size_t tuple_first, tuple_count, tuple_room;
	struct node *nodes;
	size_t node_count, node_room;
	struct debt *debts;
	size_t debt_count, debt_room;
	uint64_t *parents;
	size_t parent_count, parent_room;
	struct tally tallies[WORLD_TASKS];
	/* The last tuple by both tasks, feedback apart. */
	uint64_t last[WORLD_TASKS][WORLD_TASKS][2];
	/* Where a key went, by edge: 1 + index of the task; 0: nowhere yet. */
	uint8_t homes[WORLD_EDGES][WORLD_KEYS][2];
};

#endif
