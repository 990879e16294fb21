/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DEALT_H
#define ENGINE_DEALT_H

/*
 * How the windows of a component are dealt out among its tasks, and so whether
 * another number of tasks can go on with them.
 *
 * Where all inputs are grouped by fields that are keys of the window, and by
 * the same, a key has all of its windows in one task, and that is where its
 * next tuples go. Where the grouping promises nothing about keys (shuffle and
 * the like, partial_key) windows may stay with their task, as long as that is
 * there; so may those of the only task that gets anything (global). What is in
 * a window of any other component is what its task was to get and no other one.
 */

#include <stdint.h>

#include <gust/tuple.h>

#include "topology/plan.h"

enum dealt_how { DEALT_BY_KEY, DEALT_BY_TASK, DEALT_FOR_GOOD };

/* All members but `how` and `why` are private. */
struct dealt {
	enum dealt_how how;
	char why[160];    /* for good */
	uint16_t *places; /* among the keys of the window */
	uint16_t count;
	struct gust_value *values;
};

/* Of a component with a window. 0 or -ENOMEM. */
int dealt_init(struct dealt *dealt, const struct plan *plan,
	       uint32_t component);

/* Takes a zeroed one. */
void dealt_fini(struct dealt *dealt);

/* Of DEALT_BY_KEY: where tuples go whose windows have these keys. */
uint64_t dealt_hash(const struct dealt *dealt, const struct gust_value *keys);

#endif
