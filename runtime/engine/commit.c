/* SPDX-License-Identifier: MIT */

#include "engine/commit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit_state.h"
#include "engine/identity.h"
#include "engine/keep.h"

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
	free(c->open.anchors);
	free(c->frozen.anchors);
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
	c->taken = UINT32_MAX;
	for (struct kept *kept = task->kept_oldest;
	     c->revocable && kept != NULL; kept = kept->younger)
		kept->revocable = false;
	c->revocable = false;
}

/* A call that failed has acked others, which fail with it. */
static void commit_fail_taken(struct gust_task *task)
{
	struct commit *c = task->commit;
	struct kept *kept = c->revocable ? task->kept_oldest : NULL;

	for (; kept != NULL; kept = kept->younger)
		if (kept->revocable)
			keep_revoke(task->x, task, kept);

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

/* Room for more anchors. */
static int commit_room(struct commit_group *group, uint32_t more)
{
	uint32_t room = group->room == 0 ? 256 : group->room * 2;
	struct anchor *grown;

	if (group->count + more <= group->room)
		return 0;
	while (room < group->count + more)
		room *= 2;
	grown = realloc(group->anchors, room * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	group->anchors = grown;
	group->room = room;
	return 0;
}

/* There is room. */
static void commit_add(struct commit_group *group, struct anchor anchor)
{
	struct anchor *last = group->anchors + group->count - 1;

	if (group->count > 0 && last->root == anchor.root) {
		last->edge ^= anchor.edge;
		return;
	}
	assert(group->count < group->room);
	group->anchors[group->count++] = anchor;
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
	struct commit_group *group = &task->commit->open;
	struct frame *frame = task->frame;
	struct lineage *lineage = frame->lineage;
	uint64_t edge;

	/* Those that the bolt keeps are counted when it acks them. */
	group->tuples += (frame->marks & FRAME_KEPT) == 0;
	frame->marks |= FRAME_KEPT;
	commit_arm(x, task);
	if (lineage->count == 0)
		return;
	edge = executor_draw(x);
	lineage->drawn ^= edge;
	for (uint32_t i = 0; i < lineage->count; i++) {
		struct anchor anchor = { lineage->anchors[i].root, edge };

		ack_hold(x, anchor.root, edge);
		commit_add(group, anchor);
	}
}

/* The tuple is done, as far as the bolt is concerned. */
static int commit_input(struct gust_task *task, const struct gust_tuple *in,
			bool applied)
{
	struct commit *c = task->commit;
	int r = commit_room(&c->open, task->frame->lineage->count);

#ifdef GUST_MUTATE_COMMIT /* for tests/sim, which must notice */
	return r;
#endif
	if (r == 0 && applied && c->dedupe != NULL)
		r = dedupe_end(c->dedupe, in);
	if (r == 0 && commit_unstored(task))
		commit_gather(task->x, task);
	return r;
}

/* Stands in front of execute(). */
static int commit_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct commit *c = task->commit;
	int r = 0;

	if (!task->unfinished) {
		task->ordinal = 0;
		commit_accept(task);
		if (c->dedupe != NULL)
			r = dedupe_begin(c->dedupe, task, in);
	}
	if (r != 0)
		return r < 0 ? r : commit_input(task, in, false);
	r = task->inner(self, task, in);
	if (r == GUST_MORE || (r == -EAGAIN && task->unfinished)) {
		/* It has not begun, where windows wait for a commit. */
		task->unfinished = !window_rests(task);
		return r;
	}
	task->unfinished = false;
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
#endif
}

int commit_begin(struct executor *x, struct gust_task *task,
		 struct gust_error *error)
{
	struct commit *c = task->commit;

	if (task->bolt == NULL || (c == NULL && !x->dedupe))
		return 0;
	task->inner = task->execute;
	task->execute = c != NULL ? commit_execute : identity_execute;
	if (c == NULL)
		return 0;
	x->commits = true;
	return x->dedupe ? dedupe_open(task, &c->dedupe, error) : 0;
}

void commit_touched(struct executor *x, struct gust_task *task)
{
	struct commit *c = task->commit;

	if (!task->unfinished)
		commit_accept(task);
	if (c->open.count > 0 || commit_fresh(task))
		commit_arm(x, task);
}

/* Out of memory, as for all acks: they are lost, and the trees time out once
 * they are not held any more. */
static void commit_take_anchors(struct executor *x, struct gust_task *task,
				const struct anchor *anchors, uint32_t count)
{
	struct commit_group *group = &task->commit->open;

	if (commit_room(group, count) != 0) {
		for (uint32_t i = 0; i < count; i++)
			ack_hold(x, anchors[i].root, anchors[i].edge);
		return;
	}
	/* They are not merged with those of calls before. */
	if (task->commit->taken > group->count)
		task->commit->taken = group->count;
	for (uint32_t i = 0; i < count; i++)
		group->anchors[group->count++] = anchors[i];
	commit_arm(x, task);
}

void commit_acked(struct gust_task *task, struct kept *kept)
{
	kept->revocable = true;
	task->commit->revocable = true;
}

bool commit_take(struct executor *x, struct gust_task *task, struct kept *kept)
{
	if (task->commit == NULL || !commit_unstored(task))
		return false;
	if (!kept->held)
		keep_wait(x, kept);
	commit_take_anchors(x, task, kept->anchors, kept->count);
	return true;
}

bool commit_take_batch(struct executor *x, struct gust_task *task)
{
	if (task->commit == NULL || !commit_unstored(task))
		return false;
	commit_take_anchors(x, task, task->batch, task->batch_count);
	task->batch_count = 0;
	return true;
}
