/* SPDX-License-Identifier: MIT */

#include "engine/commit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit_state.h"
#include "engine/count.h"
#include "engine/group.h"
#include "engine/identity.h"
#include "engine/keep.h"
#include "engine/kept_identity.h"

int commit_open(struct gust_task *task, struct store **store,
		struct gust_error *error)
{
	struct executor *x = task->x;
	struct store *found = NULL;
	int r;

	if (x->host.state == NULL || (task->component->window == NULL &&
				      !(task->component->flags & GUST_STATE)))
		return 0;
	r = x->host.state(x->host.self, task->number, &found, error);
	if (r < 0 || found == NULL)
		return r;
	task->commit = calloc(1, sizeof(*task->commit));
	if (task->commit == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	task->commit->store = found;
	*store = found;
	return 0;
}

void commit_fini(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	(void)x;
	if (c == NULL)
		return;
	dedupe_close(c->dedupe);
	group_fini(&c->open);
	group_fini(&c->frozen);
	writes_fini(&c->writes);
	free(c);
	task->commit = NULL;
}

struct dedupe *commit_dedupe(const struct gust_task *task)
{
	return task->commit != NULL ? task->commit->dedupe : NULL;
}

void commit_emitted(const struct gust_task *task, const struct output *output,
		    const struct gust_tuple *tuple, int32_t direct)
{
	struct dedupe *dedupe = commit_dedupe(task);

	if (dedupe != NULL && task->frame->in != NULL)
		dedupe_emitted(dedupe, task, output, tuple, direct);
}

/* A call has succeeded, or its bolt has been called in another way: what it has
 * acked is acked. */
static void commit_accept(struct gust_task *task)
{
	struct commit *c = task->commit;

	keyspace_begin(task->keyspace);
	outbox_begin(task);
	c->taken = UINT32_MAX;
}

/* A call that failed has acked others, which fail with it. */
static void commit_fail_taken(struct gust_task *task)
{
	struct commit *c = task->commit;

	if (c->dedupe != NULL)
		dedupe_revoke(c->dedupe);
	for (uint32_t i = c->taken; i < c->open.count; i++)
		ack_fail(task->x, c->open.anchors[i].root, task->number,
			 FAILURE_RETRY, "acked by a call that failed");
	if (c->taken < c->open.count)
		c->open.count = c->taken;
}

bool commit_is_pending(const struct gust_task *task)
{
	return !task->commit->given_up &&
	       (commit_unstored(task) || task->commit->open.count > 0);
}

bool commit_stalled(const struct gust_task *task)
{
	return task->commit != NULL && task->commit->stalled;
}

void commit_wanted(struct executor *x, struct gust_task *task)
{
	/* Its end waits for it. */
	if (task->finish_done || task->flush_sent)
		task->commit->due = true;
	commit_arm(x, task);
}

void commit_arm(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	if (c->open.tuples >= x->plan->config.state_commit_tuples)
		c->due = true;
	if (c->armed || c->due || c->under_way)
		return;
	if (timers_set(&x->timers, x->now + x->plan->config.state_commit_ns,
		       TIMER_STATE, task->number, COMMIT_DUE) == 0)
		c->armed = true;
	else
		c->due = true;
}

/* The input of the call is done, but must wait for the commit; there is room.
 */
static void commit_gather(struct executor *x, struct gust_task *task)
{
	struct frame *frame = task->frame;

	/* Those that the bolt keeps are counted when it acks them. */
	task->commit->open.tuples += (frame->marks & FRAME_KEPT) == 0;
	frame->marks |= FRAME_KEPT;
	commit_arm(x, task);
	group_gather(x, task, &task->commit->open);
}

/* What was acked in the call is applied. A kept input is when it is acked,
 * be it in the same call, and not when that has failed it. */
static int commit_apply(struct gust_task *task, const struct gust_tuple *in)
{
	struct dedupe *dedupe = task->commit->dedupe;
	int r = 0;

	if (dedupe == NULL)
		return 0;
#ifdef GUST_MUTATE_KEPT /* for tests/sim, which must notice */
	return dedupe_end(dedupe, in);
#endif
	if (dedupe_kept(dedupe, in) != NULL)
		r = dedupe_keep_emitted(dedupe, in);
	else if ((task->frame->marks & FRAME_TAKEN) == 0 ||
		 dedupe_has_acked(dedupe, in))
		r = dedupe_end(dedupe, in);
	return r == 0 ? dedupe_accept(dedupe) : r;
}

/* The tuple is done, as far as the bolt is concerned. */
static int commit_input(struct gust_task *task, const struct gust_tuple *in,
			bool applied)
{
	struct commit *c = task->commit;
	int r = group_room(&c->open, task->frame->lineage->count);

#ifdef GUST_MUTATE_COMMIT /* for tests/sim, which must notice */
	return r;
#endif
	if (r == 0 && applied)
		r = commit_apply(task, in);
	if (r == 0 && commit_unstored(task))
		commit_gather(task->x, task);
	return r;
}

/* What comes before the bolt is called with a tuple: 0; 1: the tuple has been
 * applied; 2: a copy of it is kept. */
static int commit_first(struct gust_task *task, const struct gust_tuple *in)
{
	struct commit *c = task->commit;
	struct kept *kept;
	int r = 0;

	task->ordinal = 0;
	commit_accept(task);
	if (c->dedupe == NULL)
		return 0;
	r = dedupe_begin(c->dedupe, task, in);
	kept = r == 0 ? dedupe_kept(c->dedupe, in) : NULL;
	if (kept == NULL)
		return r;
	r = keep_join(task->x, task, kept);
	return r == 0 ? 2 : r;
}

/* Stands in front of execute(). */
static int commit_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	int r = task->unfinished ? 0 : commit_first(task, in);

	if (r == 2)
		return 0;
	if (r != 0)
		return r < 0 ? r : commit_input(task, in, false);
	r = task->inner(self, task, in);
	task->unfinished = r == GUST_MORE || (r == -EAGAIN && task->unfinished);
	if (task->unfinished)
		return r;
	if (r == 0)
		r = commit_input(task, in, true);
	if (r != 0)
		commit_undo(task);
	return r;
}

void commit_undo(struct gust_task *task)
{
	task->unfinished = false;
	if (task->commit == NULL)
		return;
	commit_fail_taken(task);
#ifndef GUST_MUTATE_UNDO /* for tests/sim, which must notice */
	keyspace_undo(task->keyspace);
	outbox_undo(task->x, task);
#endif
}

int commit_begin(struct executor *x, struct gust_task *task,
		 struct gust_error *error)
{
	struct commit *c = task->commit;
	int r;

	if (task->bolt == NULL || (c == NULL && !x->dedupe))
		return 0;
	task->inner = task->execute;
	task->execute = c != NULL ? commit_execute : identity_execute;
	if (c == NULL)
		return 0;
	x->commits = true;
	r = outbox_open(task, error);
	return r == 0 && x->dedupe ? dedupe_open(task, &c->dedupe, error) : r;
}

void commit_touched(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	if (!task->unfinished) {
		/* Without memory they are applied again if they come again. */
		if (c->dedupe != NULL)
			(void)dedupe_accept(c->dedupe);
		commit_accept(task);
	}
	if (c->open.count > 0 || commit_fresh(task))
		commit_arm(x, task);
}

/* Out of memory, as for all acks: they are lost, and the trees time out once
 * they are not held any more. */
static void commit_take_anchors(struct executor *x, struct gust_task *task,
				const struct anchor *anchors, uint32_t count)
{
	struct group *group = &task->commit->open;

	if (group_room(group, count) != 0) {
		for (uint32_t i = 0; i < count; i++)
			ack_hold(x, anchors[i].root, anchors[i].edge);
		return;
	}
	/* They are not merged with those of calls before. */
	if (task->commit->taken > group->count)
		task->commit->taken = group->count;
	for (uint32_t i = 0; i < count; i++)
		group_push(group, anchors[i]);
	commit_arm(x, task);
}

static void commit_take_group(struct executor *x, struct gust_task *task,
			      struct group *group)
{
	count_add(&task->counters.acked, group->tuples);
	commit_take_anchors(x, task, group->anchors, group->count);
	group->tuples = 0;
	group->count = 0;
}

int commit_kept(struct gust_task *task, struct kept *kept)
{
	struct dedupe *dedupe = task->commit->dedupe;

	return dedupe == NULL ? 0 : dedupe_keep(dedupe, kept);
}

void commit_let_go(struct gust_task *task, struct kept *kept)
{
	if (task->commit->dedupe != NULL)
		dedupe_let_go(task->commit->dedupe, kept);
}

bool commit_take(struct executor *x, struct gust_task *task, struct kept *kept)
{
	if (task->commit == NULL)
		return false;
	if (task->commit->dedupe != NULL)
		dedupe_acked(task->commit->dedupe, kept);
	if (!commit_unstored(task))
		return false;
	if (!kept->held)
		keep_wait(x, kept);
	commit_take_anchors(x, task, kept->anchors, kept->count);
	if (kept->identity != NULL)
		commit_take_group(x, task, &kept->identity->copies);
	return true;
}

bool commit_take_batch(struct executor *x, struct gust_task *task)
{
	if (task->commit == NULL || !commit_unstored(task))
		return false;
	commit_take_group(x, task, &task->batch);
	return true;
}
