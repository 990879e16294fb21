/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

/*
 * The summary of a run as one JSON document, with exact counts, for programs.
 *
 * Members are only added; `format` grows when one changes its meaning. Times
 * whose names end in `_ns` are nanoseconds.
 */

#include <gust/error.h>

#include "cli/outcome.h"

#define REPORT_FORMAT 1

/*
 * Before a run: whether a report can be written to `path` at its end. Returns
 * 0 or a negative errno.
 */
int report_check(const char *path, struct gust_error *error);

/* Writes it to `path`, "-" being standard output. 0 or a negative errno. */
int report_write(const struct outcome *outcome, const char *path,
		 struct gust_error *error);

#endif
