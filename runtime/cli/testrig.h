/* SPDX-License-Identifier: MIT */
#ifndef CLI_TESTRIG_H
#define CLI_TESTRIG_H

/*
 * The plan that a case runs, with its spouts given, its sinks replaced, its
 * faults, and taps where it expects something.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "cli/testfile.h"
#include "sim/rig.h"
#include "topology/diagnostics.h"
#include "topology/plan.h"

/* Where tuples are looked at: what a component emits to a stream, or what
 * reaches a bolt that emits nothing. */
struct testpoint {
	char *name; /* of the component, and of a stream but the first */
	uint32_t component;
	bool sink;
	uint32_t stream; /* unless it is a sink */
	struct tap tap;
	size_t seen; /* so many of the tuples have been compared */
	struct testpoint *next;
};

struct testrig;

/*
 * Begins with the plan of `test`, and checks what the case gives, fails and
 * runs. 0; -EINVAL after mistakes, which are in `diagnostics`; -ENOMEM.
 */
int testrig_create(const struct testfile *file,
		   const struct testfile_case *test, const struct plan *plan,
		   struct diagnostics *diagnostics, struct testrig **rig);

/*
 * The point that `key` of an `expect` names, which is made if there is none
 * yet; with NULL the only one of a plugin by itself. NULL after a mistake, or
 * for want of memory. None may be new after testrig_finish().
 */
struct testpoint *testrig_point(struct testrig *rig, const struct node *key,
				const struct place *place,
				struct diagnostics *diagnostics);

/* Completes the plan, when all points are known. -EINVAL, -ENOMEM. */
int testrig_finish(struct testrig *rig, struct gust_error *error);

/* Takes NULL. After sim_destroy(). */
void testrig_destroy(struct testrig *rig);

/* The plan of the topology, and the one that runs, once it is finished. */
const struct plan *testrig_source(const struct testrig *rig);
const struct plan *testrig_plan(const struct testrig *rig);

/* Memory for what is compared; it goes with the rig. */
struct arena *testrig_arena(struct testrig *rig);

/* Whether a plugin is tested by itself: then the order matters. */
bool testrig_alone(const struct testrig *rig);

/* Gives the spouts what a step says; NULL: nothing. 0 or -ENOMEM. */
int testrig_give(struct testrig *rig, const struct node *given);

/* No spout is given anything any more. */
void testrig_end(struct testrig *rig);

/* How many tuples have been kept at all points. */
size_t testrig_captured(const struct testrig *rig);

/* The fields that an expected tuple is made of. */
const struct gust_column *testrig_columns(const struct testrig *rig,
					  const struct testpoint *point,
					  const struct node *tuple);

#endif
