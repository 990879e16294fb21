/* SPDX-License-Identifier: MIT */
#ifndef CLI_CHART_H
#define CLI_CHART_H

/*
 * The placement of a plan: which task is on which executor, worker and host,
 * which streams pass between workers, and how many sockets a process has.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "topology/plan.h"

/* Prints it for people. 0 or -ENOMEM. */
int chart_print(const struct plan *plan, FILE *file);

/* The same as a JSON object. NULL: out of memory. */
json_t *chart_json(const struct plan *plan);

/* Whether the edge sends tuples from one of the workers to the other. */
bool chart_passes(const struct plan *plan, const struct plan_edge *edge,
		  uint32_t from, uint32_t to);

/* How many sockets the process of a worker opens at most. */
uint32_t chart_sockets(const struct plan *plan, uint32_t worker);

#endif
