/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTVALUE_H
#define CLI_TESTVALUE_H

/* A single value in a test: from YAML, compared, and printed as YAML. */

#include <stdbool.h>
#include <stdio.h>

#include <gust/stream.h>
#include <gust/tuple.h>

#include "base/arena.h"
#include "topology/diagnostics.h"
#include "topology/node.h"

/* Reads a value of the column's type, or null. False after adding a mistake,
 * or when memory was short, which sets `no_memory` of the diagnostics. */
bool testvalue_read(const struct node *node, const struct gust_column *column,
		    struct arena *arena, struct diagnostics *diagnostics,
		    struct gust_value *value);

/* Floats are equal when their first nine digits are, json when it says the
 * same. */
bool testvalue_equal(const struct gust_value *a, const struct gust_value *b);

/* Whether both are strings and the first one stands in the second. */
bool testvalue_within(const struct gust_value *part,
		      const struct gust_value *text);

/* Writes the value on one line; long ones are cut. */
void testvalue_print(FILE *file, const struct gust_value *value);

#endif
