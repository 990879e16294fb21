/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTWORLD_H
#define CLI_TESTWORLD_H

/*
 * What leaves a topology under test: dead letters, standard output and logs,
 * as rows that can be compared.
 */

#include "base/arena.h"
#include "cli/testrow.h"
#include "engine/executor.h"
#include "sim/sim.h"
#include "topology/plan.h"

struct testworld_rows {
	struct testrow *items;
	size_t count, room;
	size_t seen; /* so many have been compared */
};

/* All members but the private ones may be read. */
struct testworld {
	const struct plan *plan;
	struct testworld_rows letters;  /* dead letters */
	struct testworld_rows rejected; /* of records bad by their own fault */
	struct testworld_rows lines;    /* of standard output: a field `line` */
	bool failed;                    /* memory was short */

	/* Private. */
	struct arena arena;
	char *line; /* without its end so far */
	size_t line_length, line_room;
	char *log[20]; /* the last ones, by number modulo 20 */
	size_t log_count;
};

/* The field of a row of `lines`. */
extern const struct gust_column testworld_line[];

void testworld_init(struct testworld *world, const struct plan *plan);
void testworld_fini(struct testworld *world);

/* What a simulation calls. */
struct sim_outside testworld_outside(struct testworld *world);

/* Ends a line of standard output that has no end. */
void testworld_end_line(struct testworld *world);

/*
 * Reads an expected letter: a map of `component`, `reason` (a part of it),
 * `attempts`, `record` (of which no tuple was made) and `tuple`, a map of
 * fields. False after adding a mistake.
 */
bool testworld_read_letter(const struct plan *plan, struct testrow *row,
			   const struct node *node, struct arena *arena,
			   struct diagnostics *diagnostics);

/* Writes the last lines of the log, if there are any. */
void testworld_print_log(const struct testworld *world, FILE *file);

#endif
