/* SPDX-License-Identifier: MIT */
#ifndef SIM_BOLT_H
#define SIM_BOLT_H

/* The instance of the test's bolt, and what it does with tuples it keeps. */

#include <gust/state.h>

#include "world.h"

#define KEPT_MAX 16
#define BATCH_MAX 64

/* A tuple that this bolt keeps. */
struct kept_tuple {
	const struct gust_tuple *tuple;
	uint64_t node;
	uint64_t number; /* of the tuple */
	bool held;
};

struct bolt {
	struct member member; /* first */
	struct gust_field id, key, hops, pad;
	struct gust_state *state; /* NULL: it has none */
	bool failing;             /* the call in hand will fail */

	/* The tuple that execute() will be called with again; 0: another. */
	uint64_t repeat;
	uint64_t repeat_node;
	uint64_t repeat_since;
	uint64_t executed; /* as counted when that was asked for */
	uint32_t again_left;
	uint32_t children_left;
	bool begun_children;

	struct kept_tuple kept[KEPT_MAX];
	uint32_t kept_count;
	uint64_t batch[BATCH_MAX]; /* nodes */
	uint32_t batch_count;
	uint32_t own_left; /* emits of its own to come */
	uint32_t watched;  /* times a descriptor will be ready yet */
	bool flushed, finished;
	uint32_t flushes;
	bool finish_again; /* it asked for that */
	bool looked;
	int64_t watermark; /* as it was seen last, then */
};

static inline const struct bolt_habits *bolt_habits(const struct bolt *bolt)
{
	return &bolt->member.world->bolts[bolt->member.component];
}

/* One of the component's streams that is a loop or not; -1: there is none. */
int bolt_stream(struct bolt *bolt, bool loop);

/* Retains or holds the input; false when memory is short. */
bool bolt_keep(struct bolt *bolt, struct gust_task *task,
	       const struct gust_tuple *in, uint64_t node, bool held);

/* What bolt_settle() ends. */
enum bolt_extent {
	BOLT_SOME, /* all that is retained, and by chance what is held */
	BOLT_HELD, /* what is held */
	BOLT_ALL
};

/* Ends kept tuples and the batch; before that, it may emit a tuple anchored to
 * some of them. */
void bolt_settle(struct bolt *bolt, struct gust_task *task,
		 enum bolt_extent extent);

#endif
