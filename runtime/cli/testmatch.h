/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTMATCH_H
#define CLI_TESTMATCH_H

/* Whether what was found is what was expected; if not, how they differ. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/testrow.h"

struct testmatch {
	const struct testrow *expected;
	size_t expected_count;
	const struct testrow *found;
	size_t found_count;
	bool ordered; /* the order matters */
};

/*
 * Returns the number of differences, or -ENOMEM. Writes the lines that differ
 * to `report`, `-` before what was expected and `+` before what was found, each
 * indented by four, and says why the nearest ones differ; where the order
 * matters, it may write what is as expected between.
 */
int testmatch_compare(const struct testmatch *match, FILE *report);

#endif
