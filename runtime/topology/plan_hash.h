/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_PLAN_HASH_H
#define TOPOLOGY_PLAN_HASH_H

/* Whether two processes have the same plan. */

#include <stdint.h>

#include "topology/plan.h"

/*
 * Hashes all that every worker of a derived plan must agree on: names, options
 * but the secret ones, fields, groupings, placement, the limits and times of
 * the configuration. Left out is what a host may have for itself: paths, the
 * addresses under which it sees the others, and the bytes of plugins, which
 * `plugin_hash` is for. The same on every machine.
 */
uint64_t plan_hash(const struct plan *plan);

#endif
