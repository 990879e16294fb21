/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTCHECK_H
#define CLI_TESTCHECK_H

/* What a step of a case expects, against what has come since the last look. */

#include <stdbool.h>
#include <stdio.h>

#include "cli/testfile.h"
#include "cli/testrig.h"
#include "cli/testworld.h"

struct testcheck {
	struct testrig *rig;
	struct testworld *world;         /* NULL: the step is only read */
	struct diagnostics *diagnostics; /* for what is only read */
	FILE *report;
	bool no_memory; /* set when memory was short */
};

/*
 * Without `world`: adds the mistakes of the step to `diagnostics`, and the
 * points that it names to the rig. With it: writes to `report` what differs.
 * At the last step nothing may be put aside that nobody expects.
 */
void testcheck_step(struct testcheck *check, const struct testfile_step *step);

#endif
