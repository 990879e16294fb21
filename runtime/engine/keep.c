/* SPDX-License-Identifier: MIT */

#include "engine/keep.h"
#include "engine/count.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ack.h"
#include "engine/call.h"
#include "engine/commit.h"
#include "engine/dating.h"
#include "engine/group.h"
#include "engine/kept_identity.h"
#include "engine/scan.h"

struct kept *keep_find(const struct gust_task *task,
		       const struct gust_tuple *tuple)
{
	if (!idmap_get(&task->kept, (uintptr_t)tuple, NULL))
		return NULL;
	return (struct kept *)(void *)(uintptr_t)tuple - 1;
}

static void keep_link(struct gust_task *task, struct kept *kept)
{
	kept->older = task->kept_youngest;
	kept->younger = NULL;
	if (task->kept_youngest != NULL)
		task->kept_youngest->younger = kept;
	else
		task->kept_oldest = kept;
	task->kept_youngest = kept;
}

static void keep_unlink(struct gust_task *task, struct kept *kept)
{
	if (kept->older != NULL)
		kept->older->younger = kept->younger;
	else
		task->kept_oldest = kept->younger;
	if (kept->younger != NULL)
		kept->younger->older = kept->older;
	else
		task->kept_youngest = kept->older;
}

/* Takes it out of all lists; what its edges become is the caller's affair. */
static void keep_free(struct executor *x, struct gust_task *task,
		      struct kept *kept)
{
	idmap_take(&task->kept, (uintptr_t)keep_tuple(kept), NULL);
	keep_unlink(task, kept);
	if (kept->dated)
		dating_forget(x, task, keep_tuple(kept)->time);
	if (task->commit != NULL)
		commit_let_go(task, kept);
	x->kept_count--;
	x->kept_bytes -= kept->size;
	pool_free(&x->kepts, kept, kept->size);
}

/* Draws the id by which the lineage of the current input stays open. */
static uint64_t keep_draw(struct executor *x, struct lineage *lineage)
{
	uint64_t edge = executor_draw(x);

	lineage->drawn ^= edge;
	return edge;
}

static struct kept *keep_copy(struct gust_task *task,
			      const struct gust_tuple *in)
{
	const size_t size = sizeof(struct kept) + in->size;
	struct pool *pool = &task->x->kepts;
	struct kept *kept = pool_alloc(pool, size);

	if (kept == NULL)
		return NULL;
	memset(kept, 0, sizeof(*kept));
	memcpy(kept + 1, in, in->size);
	kept->size = (uint32_t)size;
	if (idmap_set(&task->kept, (uintptr_t)(kept + 1), 0) != 0) {
		pool_free(pool, kept, size);
		return NULL;
	}
	return kept;
}

static const struct gust_tuple *keep(struct gust_task *task,
				     const struct gust_tuple *in, bool held)
{
	struct executor *x = task->x;
	struct frame *frame = task->frame;
	struct kept *kept;
	uint64_t edge;

	if (frame == NULL || frame->in != in) {
		call_mistake(x, task, "keeps a tuple that is not its input");
		return NULL;
	}
	kept = keep_copy(task, in);
	if (kept == NULL)
		return NULL;
	if (task->commit != NULL && commit_kept(task, kept) != 0) {
		idmap_take(&task->kept, (uintptr_t)keep_tuple(kept), NULL);
		pool_free(&x->kepts, kept, kept->size);
		return NULL;
	}
	edge = keep_draw(x, frame->lineage);
	kept->task = task;
	kept->since_ns = x->now;
	kept->held = held;
	kept->count = frame->lineage->count;
	for (uint32_t i = 0; i < kept->count; i++) {
		kept->anchors[i].root = frame->lineage->anchors[i].root;
		kept->anchors[i].edge = edge;
		if (held)
			lineage_hold(x, frame->lineage, i, edge);
	}
	if (task->timed)
		kept->dated = dating_count(task, in->time);
	keep_link(task, kept);
	x->kept_count++;
	x->kept_bytes += kept->size;
	frame->marks |= FRAME_KEPT | FRAME_TAKEN;
	scan_arm(x);
	return keep_tuple(kept);
}

const struct gust_tuple *gust_retain(struct gust_task *task,
				     const struct gust_tuple *in)
{
	return keep(task, in, false);
}

const struct gust_tuple *gust_hold(struct gust_task *task,
				   const struct gust_tuple *in)
{
	return keep(task, in, true);
}

/*
 * A hold enters the ledger's second XOR with its first id only; what emits
 * anchored to it drew since is in `edge` as well, but a held tuple's emits
 * are derived roots, so the id is still the first one.
 */
static void keep_settle(struct executor *x, struct gust_task *task,
			struct kept *kept)
{
	if (commit_take(x, task, kept))
		kept->count = 0;
	for (uint32_t i = 0; i < kept->count; i++) {
		const struct anchor *anchor = &kept->anchors[i];

		if (kept->held)
			ack_release(x, anchor->root, anchor->edge);
		else
			ack_send(x, anchor->root, anchor->edge);
	}
	if (kept->identity != NULL)
		group_release(x, task, &kept->identity->copies);
	keep_free(x, task, kept);
}

/*
 * A retained tuple that is done but for its derived roots waits as a held one
 * does: they may be held themselves, until the FLUSH that its own tree would
 * put off. What its emits drew becomes known to the ledger with the new id.
 */
void keep_wait(struct executor *x, struct kept *kept)
{
	uint64_t edge = executor_draw(x);

	for (uint32_t i = 0; i < kept->count; i++) {
		struct anchor *anchor = &kept->anchors[i];

		ack_hold(x, anchor->root, edge);
		ack_send(x, anchor->root, anchor->edge ^ edge);
		anchor->edge = edge;
	}
	kept->held = true;
}

void gust_ack(struct gust_task *task, const struct gust_tuple *tuple)
{
	struct kept *kept = keep_find(task, tuple);

	if (kept == NULL || kept->ended) {
		call_mistake(task->x, task,
			     "acks a tuple that it does not keep");
		return;
	}
	count_add(&task->counters.acked, 1);
	kept->ended = true;
	if (kept->derived == 0) {
		keep_settle(task->x, task, kept);
		return;
	}
	if (!kept->held)
		keep_wait(task->x, kept);
}

void keep_derived_done(struct executor *x, struct kept *kept)
{
	struct gust_task *task = kept->task;

	assert(kept->derived > 0);
	kept->derived--;
	if (kept->derived == 0 && kept->ended)
		keep_settle(x, task, kept);
}

/* A failed tuple on which derived roots still stand is freed with them. */
void keep_fail(struct executor *x, struct gust_task *task, struct kept *kept,
	       enum failure_kind kind, const char *reason)
{
	count_add(&task->counters.failed, 1);
	for (uint32_t i = 0; i < kept->count; i++)
		ack_fail(x, kept->anchors[i].root, task->number, kind, reason);
	if (kept->identity != NULL)
		group_fail(x, task, &kept->identity->copies, reason);
	if (kept->derived == 0) {
		keep_free(x, task, kept);
		return;
	}
	kept->ended = true;
	kept->count = 0;
}

int keep_join(struct executor *x, struct gust_task *task, struct kept *kept)
{
	struct group *copies = &kept->identity->copies;
	int r = group_room(copies, task->frame->lineage->count);

	if (r != 0)
		return r;
	task->frame->marks |= FRAME_KEPT;
	copies->tuples++;
	group_gather(x, task, copies);
	return 0;
}

void gust_reset_timeout(struct gust_task *task, const struct gust_tuple *tuple)
{
	struct kept *kept = keep_find(task, tuple);

	if (kept == NULL) {
		call_mistake(task->x, task,
			     "resets the timeout of a tuple that it does not "
			     "keep");
		return;
	}
	/* An ack of nothing is progress. */
	for (uint32_t i = 0; i < kept->count; i++)
		ack_send(task->x, kept->anchors[i].root, 0);
}

/* Where identities count, a batch is of tuples that are held: whoever has one
 * of them is known, and a copy of it meets it there. */
static int keep_batched(struct gust_task *task, const struct gust_tuple *in)
{
	const struct gust_tuple *kept = keep(task, in, true);

	if (kept == NULL)
		return -ENOMEM;
	keep_find(task, kept)->batched = true;
	return 0;
}

/* The first one from there on that is in the batch, or NULL. */
static struct kept *keep_next_batched(struct kept *kept)
{
	while (kept != NULL && !(kept->batched && !kept->ended))
		kept = kept->younger;
	return kept;
}

static void keep_ack_batched(struct gust_task *task)
{
	struct kept *kept = keep_next_batched(task->kept_oldest), *next;

	for (; kept != NULL; kept = next) {
		next = keep_next_batched(kept->younger);
		gust_ack(task, keep_tuple(kept));
	}
}

static void keep_fail_batched(struct gust_task *task, const char *reason)
{
	struct kept *kept = keep_next_batched(task->kept_oldest), *next;

	for (; kept != NULL; kept = next) {
		next = keep_next_batched(kept->younger);
		keep_fail(task->x, task, kept, FAILURE_RETRY, reason);
	}
}

/* Whether the batches of a task are such ones. */
static bool keep_identifies(const struct gust_task *task)
{
#ifdef GUST_MUTATE_BATCH /* for tests/sim, which must notice */
	return false;
#endif
	return commit_dedupe(task) != NULL;
}

int gust_batch_add(struct gust_task *task, const struct gust_tuple *in)
{
	struct frame *frame = task->frame;

	if (frame == NULL || frame->in != in) {
		call_mistake(task->x, task,
			     "gathers a tuple that is not its input");
		return -EINVAL;
	}
	if (keep_identifies(task))
		return keep_batched(task, in);
	if (group_room(&task->batch, frame->lineage->count) != 0)
		return -ENOMEM;
	frame->marks |= FRAME_KEPT | FRAME_TAKEN;
	task->batch.tuples++;
	group_gather(task->x, task, &task->batch);
	return 0;
}

void gust_batch_ack(struct gust_task *task)
{
	if (keep_identifies(task))
		keep_ack_batched(task);
	else if (!commit_take_batch(task->x, task))
		group_release(task->x, task, &task->batch);
}

void gust_batch_fail(struct gust_task *task, const char *format, ...)
{
	char reason[FAILURE_REASON_MAX + 1];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	if (keep_identifies(task))
		keep_fail_batched(task, reason);
	else
		group_fail(task->x, task, &task->batch, reason);
}

void keep_leftovers(struct executor *x, struct gust_task *task, bool mistaken)
{
	struct kept *kept = task->kept_oldest, *younger;

	if (task->batch.tuples > 0) {
		if (mistaken)
			call_mistake(x, task,
				     "flush() left a batch of %u tuples",
				     task->batch.tuples);
		group_fail(x, task, &task->batch, "not acked by flush()");
	}
	for (; kept != NULL; kept = younger) {
		younger = kept->younger;
		if (!kept->held || kept->ended)
			continue;
		if (mistaken)
			call_mistake(x, task, "flush() left a held tuple");
		keep_fail(x, task, kept, FAILURE_RETRY, "held after flush()");
	}
}

void keep_fini(struct executor *x, struct gust_task *task)
{
	while (task->kept_oldest != NULL)
		keep_free(x, task, task->kept_oldest);
	idmap_fini(&task->kept);
	group_fini(&task->batch);
}
