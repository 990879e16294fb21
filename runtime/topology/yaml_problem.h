/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_YAML_PROBLEM_H
#define TOPOLOGY_YAML_PROBLEM_H

/* Says in our words what libyaml has found wrong. */

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "topology/diagnostics.h"

/*
 * Adds the error that `parser` has stopped with; `bytes` is what it reads.
 * Returns -EINVAL, or -ENOMEM when it was want of memory.
 */
int yaml_problem_report(const yaml_parser_t *parser, const char *file,
			const char *bytes, size_t length,
			struct diagnostics *diagnostics);

#endif
