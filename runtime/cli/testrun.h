/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTRUN_H
#define CLI_TESTRUN_H

/*
 * A case of a test file on the simulator: what it gives, fails and replaces,
 * and whether what comes out is what it expects.
 */

#include <stdio.h>

#include "cli/testfile.h"
#include "topology/diagnostics.h"
#include "topology/plan.h"

/*
 * Runs `test` of `file` on `plan` and writes to `report` how it differs from
 * what is expected: nothing when it does not. 0; -EINVAL when the case has
 * mistakes, which are added to `diagnostics`, and nothing has run; -ENOMEM.
 */
int testrun_case(const struct testfile *file, const struct testfile_case *test,
		 const struct plan *plan, struct diagnostics *diagnostics,
		 FILE *report);

#endif
