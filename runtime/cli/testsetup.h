/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTSETUP_H
#define CLI_TESTSETUP_H

/* From a case of a test file to the topology that it tests. */

#include "cli/request.h"
#include "cli/testfile.h"
#include "topology/topology.h"

/* Unless a test says otherwise, so that machines do not differ. */
#define TESTSETUP_EXECUTORS 2

/* The spout that emits what a bolt alone is given. */
#define TESTSETUP_INPUT "given"

/*
 * Loads the topology of `test` with its variables, configuration and options;
 * a plugin alone gets one around it. Variables and settings of the command
 * line win. All mistakes go to `diagnostics`. As topology_load().
 */
int testsetup_load(const struct testfile *file,
		   const struct testfile_case *test,
		   const struct request *request,
		   struct diagnostics *diagnostics, struct topology **topology);

#endif
