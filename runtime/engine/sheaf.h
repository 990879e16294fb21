/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SHEAF_H
#define ENGINE_SHEAF_H

/*
 * Sheaves: inputs of a windowed task that are held together, since the last
 * window that they are in is the same.
 *
 * A held input takes 16 bytes, consecutive ones of one root are merged. What is
 * emitted as a window is handed over are derived roots, which stand for the
 * sheaf that this call settles. Which one that is, and whether there is one at
 * all, is known at its end only, so the roots point to a *firing*: an empty
 * sheaf at first, which gets the inputs then. Firings are released in their
 * order, each when its own roots and those of all before it are done: the holds
 * end and the edges are acked. Roots of a window that settles nothing count for
 * the next firing that does.
 */

#include "engine/state.h"

/* Some of the held edges of a sheaf. */
struct sheaf_part {
	struct sheaf_part *older;
	uint32_t count, room;
	struct anchor anchors[];
};

struct sheaf {
	struct sheaf *before, *after; /* all of the task */
	struct sheaf *next;           /* among those that were fired */
	struct gust_task *task;
	struct sheaf_part *parts, *oldest; /* the last one first */
	uint64_t tuples;
	uint64_t derived; /* open derived roots that stand for it */
	bool lost;        /* so was one of them: the inputs fail */
};

/* All sheaves of a task. Zeroed, it has none. */
struct sheaves {
	struct sheaf *all;
	struct sheaf *first, *last; /* fired, waiting for their roots */
	struct sheaf *firing;       /* that of the windows handed over now */
	bool open;                  /* within a call that hands one over */
};

/* NULL: memory is short. */
struct sheaf *sheaf_create(struct executor *x, struct gust_task *task);

/* Adds the input of the call that is in progress. 0 or -ENOMEM. */
int sheaf_add(struct executor *x, struct gust_task *task, struct sheaf *sheaf);

/* All of `from` goes into `into`; `from` is gone. */
void sheaf_join(struct executor *x, struct sheaf *into, struct sheaf *from);

/* A window is about to be handed over, or has been; `settled` is then gone, or
 * NULL. */
void sheaf_begin(struct executor *x, struct gust_task *task);
void sheaf_end(struct executor *x, struct gust_task *task,
	       struct sheaf *settled);

/* What a root that the task emits now stands for, or NULL. */
static inline struct sheaf *sheaf_of(const struct sheaves *sheaves)
{
	return sheaves != NULL && sheaves->open ? sheaves->firing : NULL;
}

/* A root that stood for it has ended. */
void sheaf_derived_done(struct executor *x, struct sheaf *sheaf);

/* Whether nothing is held. */
static inline bool sheaf_none(const struct sheaves *sheaves)
{
	return sheaves->all == NULL ||
	       (sheaves->all == sheaves->firing && sheaves->all->after == NULL);
}

/* Frees all of a task, which neither acks nor fails them. */
void sheaf_fini(struct executor *x, struct sheaves *sheaves);

#endif
