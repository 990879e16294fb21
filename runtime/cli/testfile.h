/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTFILE_H
#define CLI_TESTFILE_H

/*
 * A file of `gust test`, as it stands there: keys and their values are checked,
 * but not yet what they refer to in the topology under test.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "topology/diagnostics.h"
#include "topology/node.h"
#include "topology/substitute.h"

enum testfile_kind { TESTFILE_TOPOLOGY, TESTFILE_BOLT, TESTFILE_SPOUT };

/* What may stand at the top of a file, for all cases, and in each of them. */
struct testfile_setting {
	const struct node *define; /* each a map, or NULL */
	const struct node *config;
	const struct node *options;
	const struct node *input;
	const struct node *outputs;
};

/* One thing after the other; a step does what its members say, from above. */
struct testfile_step {
	struct place place;
	const struct node *given; /* or NULL */
	uint64_t advance_ns;      /* how far the clock goes; 0: it stands */
	bool stop;                /* the spouts are stopped */
	bool last;                /* the spouts end, and all comes to its end */

	/* What has come since the last look; NULL: nothing is said of it. */
	const struct node *expect;
	const struct node *output; /* `stdout` */
	const struct node *dead_letters;
	const struct node *rejected;
	struct testfile_step *next;
};

struct testfile_case {
	struct place place;
	const char *name;
	struct testfile_setting setting;
	const struct node *fail; /* or NULL */
	const struct node *run;  /* or NULL */
	const char *error;       /* the run is expected to fail so; or NULL */
	struct testfile_step *steps;
	struct testfile_case *next;
};

/* All of it is in the arena, or points into nodes that are. */
struct testfile {
	struct arena arena;
	const char *path;
	enum testfile_kind kind;
	const struct node *subject; /* the name of what is tested */
	struct testfile_setting setting;
	struct testfile_case *cases;
};

/*
 * Reads the file at `path`, in which `variables` are put, and adds its mistakes
 * to `diagnostics`. 0; -EINVAL when there are any; -ENOMEM. The file is to be
 * fini'd in any case.
 */
int testfile_read(struct testfile *file, const char *path,
		  const struct variables *variables,
		  struct diagnostics *diagnostics);

/* Takes a zeroed one, too. */
void testfile_fini(struct testfile *file);

#endif
