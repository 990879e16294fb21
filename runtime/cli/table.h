/* SPDX-License-Identifier: MIT */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

/* A running topology on one screen: a line a component. */

#include <stdbool.h>
#include <stdio.h>

#include "cli/snapshot.h"

struct table {
	const struct snapshot *now;
	const struct snapshot *before; /* what rates are measured from */
	const char *const *reasons;    /* by component, for those that wait */
	int columns, rows;             /* of the screen */
	bool colours;
};

/* Prints it and returns how many lines that took, less than `rows`. */
int table_print(const struct table *table, FILE *file);

/* How much of the count at `offset` of struct task_counters came in a second
 * between the snapshots; component UINT32_MAX stands for all spouts. */
double table_rate(const struct snapshot *now, const struct snapshot *before,
		  uint32_t component, size_t offset);

#endif
