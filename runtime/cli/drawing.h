/* SPDX-License-Identifier: MIT */
#ifndef CLI_DRAWING_H
#define CLI_DRAWING_H

/* A plan as a picture. */

#include <stdio.h>

#include <gust/error.h>

#include "topology/plan.h"

enum drawing_format {
	DRAWING_TEXT,
	DRAWING_DOT,
	DRAWING_MERMAID,
	DRAWING_SVG,
};

/*
 * Prints the plan. For SVG the program `dot` of Graphviz is run. -ENOENT:
 * there is none; -EIO: it failed; -ENOMEM.
 */
int drawing_print(const struct plan *plan, enum drawing_format format,
		  FILE *file, struct gust_error *error);

#endif
