/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_COMMIT_STATE_H
#define ENGINE_COMMIT_STATE_H

/* What commit.c and commit_store.c share; others include commit.h. */

#include "engine/dedupe.h"
#include "engine/outbox.h"
#include "engine/state.h"
#include "engine/window.h"
#include "state/keyspace.h"

/* What the cookies of its timers mean. */
enum commit_timer { COMMIT_DUE, COMMIT_AGAIN };

struct commit {
	struct store *store;
	struct dedupe *dedupe; /* NULL: without */
	struct group open;     /* for the next one */
	struct group frozen;   /* for the one that the host has */
	uint32_t taken; /* from there on in `open`: acks of the call in hand */
	struct writes writes;
	bool under_way; /* there is something frozen */
	bool due;
	bool armed;          /* COMMIT_DUE is to come */
	bool stalled;        /* the store fails, */
	bool pausing;        /* and COMMIT_AGAIN is to come */
	bool given_up;       /* for so long that the trees have failed */
	uint64_t failing_ns; /* since then */
	uint64_t pause_ns;
};

/* Something was written since the last commit. */
static inline bool commit_fresh(const struct gust_task *task)
{
	const struct dedupe *dedupe = task->commit->dedupe;

	return keyspace_dirty(task->keyspace) > 0 || window_unsaved(task) ||
	       outbox_changed(task) ||
	       (dedupe != NULL && dedupe_changed(dedupe));
}

/* Something written is not in the store. */
static inline bool commit_unstored(const struct gust_task *task)
{
	return task->commit->under_way || commit_fresh(task);
}

/* Has the next commit begin in time. */
void commit_arm(struct executor *x, struct gust_task *task);

#endif
