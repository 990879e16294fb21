/* SPDX-License-Identifier: MIT */
#ifndef CLI_JUNIT_H
#define CLI_JUNIT_H

/*
 * Results of tests as JUnit XML, which CI systems read: a `testsuite` a file,
 * a `testcase` a case, with a `failure` or an `error` where there is one.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>

enum junit_outcome {
	JUNIT_PASSED,
	JUNIT_FAILED, /* it is not as expected */
	JUNIT_WRONG   /* the test itself has mistakes */
};

struct junit_result {
	char *suite; /* all malloc'ed */
	char *name;
	char *report; /* what is wrong; may be empty */
	enum junit_outcome outcome;
	double seconds;
};

/* Zero it to begin. */
struct junit {
	struct junit_result *items;
	size_t count, room;
};

/* Copies everything. 0 or -ENOMEM. */
int junit_add(struct junit *junit, const struct junit_result *result);

/* Writes the file at `path` at once. 0 or a negative errno, with `error`. */
int junit_write(const struct junit *junit, const char *path,
		struct gust_error *error);

/* Takes a zeroed one. */
void junit_fini(struct junit *junit);

#endif
