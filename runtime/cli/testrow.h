/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTROW_H
#define CLI_TESTROW_H

/*
 * A tuple in a test, be it expected, given or found: names and values.
 *
 * As YAML it is a list of all values in their order, a map of those that
 * matter by their names, or a value by itself where there is only one field.
 * Values are read by the type of their field: a string as it stands, json from
 * any YAML, bytes from a string or from `{base64: TEXT}`.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <gust/stream.h>
#include <gust/tuple.h>

#include "base/arena.h"
#include "topology/diagnostics.h"
#include "topology/node.h"

/* What the names of the fields of a tuple within a row begin with. */
#define TESTROW_INNER "tuple."

/* All members may be read; names and values are borrowed or in an arena. */
struct testrow {
	size_t count;
	const char **names;
	struct gust_value *values;
	bool letter;  /* fields of a tuple within it stand last */
	bool whole;   /* expected: no field may stand beside these */
	bool partial; /* expected: `reason` need only be a part of it */
};

/* An empty row with room for `count` fields; false when memory is short. */
bool testrow_begin(struct testrow *row, size_t count, struct arena *arena);

/*
 * Reads a row of `columns`. With `all` it gets all of them in their order, and
 * null where a map leaves one out. False: there is a mistake in `diagnostics`,
 * or memory was short, which sets its `no_memory`.
 */
bool testrow_read(struct testrow *row, const struct node *node,
		  const struct gust_column *columns, bool all,
		  struct arena *arena, struct diagnostics *diagnostics);

/* Whether a tuple as it stands in a file can be one of these columns. */
bool testrow_fits(const struct gust_column *columns, const struct node *tuple);

/* The row of a tuple; its bytes are borrowed. -ENOMEM. */
int testrow_take(struct testrow *row, const struct gust_tuple *tuple,
		 const struct gust_column *columns, struct arena *arena);

/* Whether `found` is what is expected. */
bool testrow_matches(const struct testrow *expected,
		     const struct testrow *found);

/* How many of the expected fields are as they should be. */
size_t testrow_likeness(const struct testrow *expected,
			const struct testrow *found);

/* Keeps only the named fields of a row, in their order. */
void testrow_narrow(struct testrow *row, const char *const *names,
		    size_t count);

/* Writes a row on one line, as YAML that could be expected. */
void testrow_print(FILE *file, const struct testrow *row);

/* Writes why the rows differ, as a few words; nothing when they do not. */
void testrow_explain(FILE *file, const struct testrow *expected,
		     const struct testrow *found);

#endif
