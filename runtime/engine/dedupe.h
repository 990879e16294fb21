/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DEDUPE_H
#define ENGINE_DEDUPE_H

/*
 * topology.state.dedupe: a task with durable state applies each tuple once.
 *
 * The identities of what it has applied, with what it emitted then, are in the
 * transactions of its state (engine/seen.h). A tuple that comes again is not
 * given to the bolt: what it emitted is emitted again, anchored to the copy
 * that came now, which is acked when the first application is stored.
 */

#include "engine/state.h"

/* A state of the runtime's own: what it has applied. */
#define DEDUPE_STATE ".seen"

struct dedupe;

/* For a task with a store, whose state is open: reads what it has applied. 0,
 * or an error of the store, which sets `error`. */
int dedupe_open(struct gust_task *task, struct dedupe **dedupe,
		struct gust_error *error);

/* Takes NULL. */
void dedupe_close(struct dedupe *dedupe);

/* The first call of execute() with a tuple: 0, what is emitted is put down; 1,
 * it was applied before, and all that it emitted is emitted again; or -errno,
 * it is to fail. */
int dedupe_begin(struct dedupe *dedupe, struct gust_task *task,
		 const struct gust_tuple *in);

/* An emit of such a call, which succeeds or fails with it. */
void dedupe_emitted(struct dedupe *dedupe, const struct gust_task *task,
		    const struct output *output, const struct gust_tuple *tuple,
		    int32_t direct);

/* The last call with the tuple has succeeded: it is applied. 0 or -ENOMEM. */
int dedupe_end(struct dedupe *dedupe, const struct gust_tuple *in);

/* A tuple is kept, 0 or -ENOMEM, and no longer. It is applied when it is acked,
 * and a copy of it that comes meanwhile is found here; NULL: there is none. */
int dedupe_keep(struct dedupe *dedupe, struct kept *kept);
void dedupe_let_go(struct dedupe *dedupe, struct kept *kept);
struct kept *dedupe_kept(const struct dedupe *dedupe,
			 const struct gust_tuple *in);

/* The last call with a tuple that is kept has succeeded: what it emitted is
 * remembered with that. 0 or -ENOMEM. */
int dedupe_keep_emitted(struct dedupe *dedupe, const struct gust_tuple *in);

/* A kept tuple is acked, and whether one is by the call in hand; it is applied
 * if the call succeeds, and is not if that fails. 0 or -ENOMEM. */
void dedupe_acked(struct dedupe *dedupe, struct kept *kept);
bool dedupe_has_acked(const struct dedupe *dedupe, const struct gust_tuple *in);
int dedupe_accept(struct dedupe *dedupe);
void dedupe_revoke(struct dedupe *dedupe);

/* Whether something was applied since the last dedupe_freeze(). */
bool dedupe_changed(const struct dedupe *dedupe);

/* Puts it among what is to be stored. 0 or -errno. */
int dedupe_freeze(struct dedupe *dedupe);

/* All below that offset of a source is done: known to the tasks of this
 * executor. dedupe_spread() tells all others as well. */
void dedupe_floor(struct executor *x, uint64_t source, uint64_t offset);
void dedupe_spread(struct executor *x, uint64_t source, uint64_t offset);

#endif
