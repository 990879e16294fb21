/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_MOVE_H
#define ENGINE_MOVE_H

/*
 * Where the runtime's own states go when the state of a component is moved to
 * another number of tasks, see state/reshard.h.
 *
 * Windows: what is open goes where the next tuples of its keys go, or stays
 * with its task (engine/dealt.h), or is refused. Each new task knows how far
 * every one of the old ones was (window/past.h). Of the clocks that there were
 * the latest one counts.
 *
 * What was applied (engine/seen.h) is known to each new task. The number of a
 * chapter comes of its contents there, so that those of several tasks do not
 * meet. Of the floors of a source the greatest one counts.
 */

#include <gust/error.h>

#include "engine/dealt.h"
#include "state/reshard.h"
#include "topology/plan.h"

/* All members but `rules` are private. */
struct move {
	struct shard_rules rules;
	const struct plan_component *component;
	struct dealt dealt;
};

/* Of a component; it is borrowed by what is opened with `rules`, and must not
 * be copied. 0 or -ENOMEM. */
int move_init(struct move *move, const struct plan *plan, uint32_t component);

/* Takes a zeroed one. */
void move_fini(struct move *move);

#endif
