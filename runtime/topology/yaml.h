/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_YAML_H
#define TOPOLOGY_YAML_H

/*
 * Reads YAML into nodes, by libyaml's events.
 *
 * What YAML allows and a configuration does not need is a mistake here: keys
 * that are given twice or are no scalars, `<<`, tags, several documents. Tabs
 * cannot indent. The limits below hold for all files that are read with one
 * `struct yaml`, so that includes cannot get around them.
 */

#include <stddef.h>

#include "base/arena.h"
#include "topology/diagnostics.h"
#include "topology/input.h"
#include "topology/node.h"
#include "topology/substitute.h"

#define YAML_DEPTH_MAX 100
#define YAML_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define YAML_NODES_MAX ((size_t)100000) /* with aliases written out */
#define YAML_ANCHORS_MAX 1000           /* in one file */

/* What the files of a topology share. The pointers are borrowed. */
struct yaml {
	struct arena *arena; /* the nodes' home */
	struct diagnostics *diagnostics;
	const struct variables *variables;
	const char *kind; /* what the files are: "a topology file" */
	size_t bytes_left;
	size_t nodes_left;
};

void yaml_init(struct yaml *yaml, struct arena *arena,
	       struct diagnostics *diagnostics,
	       const struct variables *variables);

/*
 * Parses `length` bytes that came from the file `name`. Every mistake is added
 * to the diagnostics. Returns 0 when there is a tree, whose values may have
 * mistakes; -EINVAL when the file is no YAML to the end, or passes a limit;
 * -ENOMEM. `*root` is set on success only.
 */
int yaml_parse(struct yaml *yaml, const char *name, const char *bytes,
	       size_t length, struct node **root);

/*
 * Reads and parses the file at `path`; also returns -EINVAL when it cannot be
 * read, for which `from` is the place of the mistake: where the file is
 * included, or NULL for the file itself.
 */
int yaml_read(struct yaml *yaml, const char *path, const struct place *from,
	      struct node **root);

#endif
