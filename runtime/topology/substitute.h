/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_SUBSTITUTE_H
#define TOPOLOGY_SUBSTITUTE_H

/*
 * Puts values in the place of `${name}`, `${name:-default}` and `${ENV-NAME}`.
 *
 * This is done in single scalars, after the YAML has been parsed, so a value
 * may hold any character and still change nothing but its own scalar. `$${` is
 * a literal `${`. What is put in is not searched again.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "topology/diagnostics.h"
#include "topology/node.h"

/*
 * A variable of the command line, `-D name=value`, or a setting, `--set
 * name=value`. Strings are borrowed.
 */
struct variable {
	const char *name;
	const char *value;
	bool used; /* set once a `${name}` stood in a file */

	/* What sets it there, "--workers", for messages; NULL: --set or -D */
	const char *option;
};

struct variables {
	struct variable *items;
	size_t count;
};

/*
 * Substitutes in the scalar `node`, whose new text is taken from `arena`.
 * Mistakes are added to `diagnostics` and mark the node as broken. `*room` is
 * how long the text may become; what is used is taken off. Reads the
 * environment. Returns 0 or -ENOMEM.
 */
int substitute_scalar(struct node *node, const struct variables *variables,
		      struct arena *arena, size_t *room,
		      struct diagnostics *diagnostics);

#endif
