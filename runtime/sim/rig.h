/* SPDX-License-Identifier: MIT */
#ifndef SIM_RIG_H
#define SIM_RIG_H

/*
 * A plan under test: a copy of a plan in which spouts are given their tuples,
 * bolts fail on purpose, sinks are replaced, and streams are listened to.
 *
 *	rig_create() -> rig_give(), rig_break(), rig_replace(), rig_listen() ->
 *	rig_derive() -> sim_create(&rig->plan) ... sim_destroy() ->
 *	rig_destroy()
 *
 * What is handed in must outlive the rig, and so must the plan it copies.
 */

#include <stdint.h>

#include <gust/error.h>

#include "sim/faulty.h"
#include "sim/given.h"
#include "sim/tap.h"
#include "topology/plan.h"

struct rig {
	struct plan plan; /* to be run after rig_derive() */

	/* Private. */
	uint32_t component_room, edge_room;
	void **memory;
	uint32_t memory_count, memory_room;
};

/* Copies `plan` and leaves room for `taps` calls of rig_listen(). -ENOMEM. */
int rig_create(const struct plan *plan, uint32_t taps, struct rig **rig);

/* A spout gets its tuples from `given`, and has one task. -ENOMEM. */
int rig_give(struct rig *rig, uint32_t component, struct given *given);

/* A bolt fails as `faulty` says, whose `bolt` is set. -ENOMEM. */
int rig_break(struct rig *rig, uint32_t component, struct faulty *faulty);

/* What reaches a bolt goes to `tap`, and the plugin never runs. -ENOMEM. */
int rig_replace(struct rig *rig, uint32_t component, struct tap *tap);

/* What is emitted to a stream goes to `tap`, too. -ENOMEM. */
int rig_listen(struct rig *rig, uint32_t stream, struct tap *tap);

/* Completes the plan. As plan_derive(). */
int rig_derive(struct rig *rig, struct gust_error *error);

/* Takes NULL. */
void rig_destroy(struct rig *rig);

#endif
