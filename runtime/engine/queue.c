/* SPDX-License-Identifier: MIT */

#include "engine/queue.h"
#include "engine/count.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ack.h"
#include "engine/credit.h"
#include "engine/dedupe.h"
#include "engine/lost.h"
#include "engine/outlet.h"

/* Runs in a row are one work, up to so many bytes: their credit comes back
 * together. */
#define WORK_BYTES 8192u

int queue_init(struct executor *x)
{
	x->ready = calloc(x->plan->rank_count + 1, sizeof(struct gust_task *));
	return x->ready == NULL ? -ENOMEM : 0;
}

void queue_ready(struct executor *x, struct gust_task *task)
{
	struct gust_task **head = &x->ready[task->component->rank];

	if (task->ready.linked)
		return;
	task->ready.linked = true;
	if (*head == NULL) {
		task->ready.before = task;
		task->ready.after = task;
		*head = task;
		return;
	}
	task->ready.after = *head;
	task->ready.before = (*head)->ready.before;
	task->ready.before->ready.after = task;
	(*head)->ready.before = task;
}

void queue_unready(struct executor *x, struct gust_task *task)
{
	struct gust_task **head = &x->ready[task->component->rank];

	if (!task->ready.linked)
		return;
	task->ready.linked = false;
	if (task->ready.after == task) {
		*head = NULL;
		return;
	}
	task->ready.before->ready.after = task->ready.after;
	task->ready.after->ready.before = task->ready.before;
	if (*head == task)
		*head = task->ready.after;
}

static struct parcel *queue_parcel(struct executor *x, struct batch *batch)
{
	struct parcel *parcel = x->parcels;

	if (parcel != NULL)
		x->parcels = parcel->next;
	else
		parcel = malloc(sizeof(*parcel));
	if (parcel == NULL)
		return NULL;
	parcel->batch = batch;
	parcel->refs = 1;
	parcel->arrived_ns = x->now;
	x->inbox_bytes += batch->size;
	return parcel;
}

static void queue_unref(struct executor *x, struct parcel *parcel)
{
	assert(parcel->refs > 0);
	if (--parcel->refs > 0)
		return;
	x->inbox_bytes -= parcel->batch->size;
	outlet_batch_done(x, parcel->batch);
	parcel->next = x->parcels;
	x->parcels = parcel;
}

static void queue_credit(struct executor *x, const struct batch *batch,
			 const struct section *run, uint64_t bytes)
{
	if (batch->from == BATCH_NOBODY)
		return;
	if (batch->from != x->number) {
		outlet_credit(x, batch->from, run->task, run->extra, bytes);
		return;
	}
	credit_give(x, run->extra, x->number, bytes);
	backlog_consumed(&x->backlog[run->task], bytes, x->now);
}

/* Begins the run that is a section of its own. */
static void queue_run(struct work *work, const struct section *section)
{
	work->section = section;
	work->lineage.count = section->count;
	work->lineage.failed = false;
	work->lineage.begins = false;
	work->lineage.drawn = 0;
	work->at = (const char *)section_tuples(section);
	work->run_end = (const char *)section_next(section);
	for (uint16_t i = 0; i < section->count; i++)
		work->lineage.anchors[i] = section_anchors(section)[i];
}

void queue_next_run(struct work *work)
{
	const struct section *section = work->section;
	const struct texts_run *run = (const void *)work->at;

	if (section->kind == SECTION_RUN) {
		queue_run(work, section_next(section));
		return;
	}
	if (section->count == 1) {
		work->lineage.anchors[0] = *(const struct anchor *)run;
		run = (const void *)(work->at + sizeof(struct anchor));
	}
	work->lineage.failed = false;
	work->lineage.begins = false;
	work->lineage.drawn = 0;
	work->at = (const char *)(run + 1);
	work->run_end = work->at + run->size;
}

static struct work *queue_work(struct executor *x, struct parcel *parcel,
			       const struct section *section)
{
	struct work *work = x->works;

	if (work != NULL)
		x->works = work->next;
	else
		work = malloc(sizeof(*work));
	if (work == NULL)
		return NULL;
	work->next = NULL;
	work->parcel = parcel;
	work->section = section;
	work->end = (const char *)section_next(section);
	work->size = section->size;
	work->credit = 0;
	work->begun = false;
	if (section->kind != SECTION_MARK)
		work->credit = section_bytes(section);
	if (section->kind == SECTION_RUN) {
		queue_run(work, section);
	} else if (section->kind == SECTION_TEXTS) {
		work->lineage.count = section->count;
		work->at = section_texts_begin(section);
		texts_begin(&work->text, section);
		queue_next_run(work);
	}
	parcel->refs++;
	return work;
}

/* What no executor of this process would send: it is left out and counted. */
static void queue_stray(struct executor *x, const struct batch *batch)
{
	assert(x->plan->worker_of[batch->from] !=
	       x->plan->worker_of[x->number]);
	count_add(&x->usage.strays, 1);
}

/* Whether the run behind the last one of a task's last work is one more of
 * that work. */
static bool queue_extend(const struct parcel *parcel, struct work *work,
			 const struct section *section)
{
	if (work == NULL || work->parcel != parcel ||
	    work->end != (const char *)section ||
	    section->kind != SECTION_RUN ||
	    work->section->kind != SECTION_RUN ||
	    section->extra != work->section->extra ||
	    work->credit >= WORK_BYTES)
		return false;
	work->end = (const char *)section_next(section);
	work->size += section->size;
	work->credit += section_bytes(section);
	return true;
}

static void queue_push(struct executor *x, struct parcel *parcel,
		       const struct section *section)
{
	const bool own = parcel->batch->from == x->number;
	struct gust_task *task = x->by_number[section->task];
	struct work *work;

	if (task == NULL) {
		queue_stray(x, parcel->batch);
		return;
	}
	count_add(&task->counters.input_bytes, section->size);
	if (queue_extend(parcel, task->tail, section)) {
		task->queued -= own;
		return;
	}
	work = queue_work(x, parcel, section);
	/* Losing a run or a mark would break what was promised. */
	assert(work != NULL);
	/* Those of the own batch were counted when they were written. */
	task->queued += !own;
	if (task->tail != NULL)
		task->tail->next = work;
	else
		task->head = work;
	task->tail = work;
	queue_ready(x, task);
}

static void queue_credits(struct executor *x, const struct batch *batch,
			  const struct section *section)
{
	const struct batch_credit *credit = (const void *)(section + 1);

	for (uint16_t i = 0; i < section->count; i++) {
		struct backlog *backlog = &x->backlog[credit[i].task];
		const uint64_t owed =
			x->lines[credit[i].line].outstanding[batch->from];
		uint64_t bytes = credit[i].bytes;

		if (bytes > owed || bytes > backlog->bytes) {
			queue_stray(x, batch);
			bytes = owed < backlog->bytes ? owed : backlog->bytes;
		}
		credit_give(x, credit[i].line, batch->from, bytes);
		backlog_consumed(backlog, bytes, x->now);
	}
}

static void queue_control(struct executor *x, const struct batch *batch,
			  const struct section *section)
{
	const struct anchor *entries = (const void *)(section + 1);

	switch (section->kind) {
	case SECTION_ACKS:
		ack_apply_all(x, entries, section->count);
		break;
	case SECTION_HOLDS:
		for (uint16_t i = 0; i < section->count; i++)
			ack_apply_hold(x, entries[i].root, entries[i].edge);
		break;
	case SECTION_NOTES:
		for (uint16_t i = 0; i < section->count; i++)
			ack_apply_note(x, entries[i].root,
				       (uint32_t)entries[i].edge);
		break;
	case SECTION_FAIL:
		ack_apply_failure(x, (const void *)(section + 1));
		break;
	case SECTION_CREDITS:
		queue_credits(x, batch, section);
		break;
	case SECTION_LOST:
		lost_told(x);
		break;
	case SECTION_FLOORS:
		for (uint16_t i = 0; i < section->count; i++)
			dedupe_floor(x, entries[i].root, entries[i].edge);
		break;
	default:
		assert(!"a section of unknown kind");
	}
}

void queue_receive(struct executor *x, struct batch *batch)
{
	struct parcel *parcel = queue_parcel(x, batch);
	const struct section *end = batch_end(batch);

	assert(parcel != NULL);
	for (const struct section *s = batch_begin(batch); s < end;
	     s = section_next(s)) {
		if (s->kind == SECTION_RUN || s->kind == SECTION_TEXTS ||
		    s->kind == SECTION_MARK)
			queue_push(x, parcel, s);
		else
			queue_control(x, batch, s);
	}
	queue_unref(x, parcel);
}

int queue_again(struct executor *x, struct gust_task *task,
		const struct gust_tuple *tuple, struct lineage *lineage)
{
	struct lineage none = { .count = lineage->count };
	size_t head =
		sizeof(struct section) + lineage->count * sizeof(struct anchor);
	uint64_t edge = lineage->count == 0 ? 0 : executor_draw(x);
	struct batch *batch;
	struct section *run;
	struct parcel *parcel;
	struct work *work;
	uint32_t capacity;

	batch = outlet_batch(x, x->number, head + tuple->size, &capacity);
	if (batch == NULL)
		return -ENOMEM;
	run = (struct section *)(void *)(batch + 1);
	memset(run, 0, sizeof(*run));
	run->size = (uint32_t)(head + tuple->size);
	batch->size += run->size;
	run->kind = SECTION_RUN;
	run->count = (uint16_t)lineage->count;
	run->task = task->number;
	run->extra = (uint32_t)(task->component - x->plan->components);
	for (uint32_t i = 0; i < lineage->count; i++) {
		none.anchors[i].root = lineage->anchors[i].root;
		none.anchors[i].edge = edge;
	}
	memcpy(run + 1, none.anchors, lineage->count * sizeof(struct anchor));
	memcpy((char *)run + head, tuple, tuple->size);
	parcel = queue_parcel(x, batch);
	work = parcel == NULL ? NULL : queue_work(x, parcel, run);
	assert(work != NULL);
	queue_unref(x, parcel);
#ifndef GUST_MUTATE_LEDGER /* for tests/sim, which must notice */
	lineage->drawn ^= edge;
#endif
	work->begun = true;
	work->next = task->head;
	task->head = work;
	task->queued++;
	if (task->tail == NULL)
		task->tail = work;
	credit_take(x, run->extra, x->number, tuple->size);
	x->backlog[task->number].bytes += tuple->size;
	count_add(&task->counters.input_bytes, run->size);
	queue_ready(x, task);
	return 0;
}

void queue_pop(struct executor *x, struct gust_task *task)
{
	struct work *work = task->head;

	assert(work != NULL && task->queued > 0);
	task->head = work->next;
	task->queued--;
	if (task->head == NULL) {
		task->tail = NULL;
		queue_unready(x, task);
	}
	count_add(&task->counters.input_bytes, 0 - (uint64_t)work->size);
	if (work->section->kind != SECTION_MARK)
		queue_credit(x, work->parcel->batch, work->section,
			     work->credit);
	queue_unref(x, work->parcel);
	work->next = x->works;
	x->works = work;
}

void queue_lost(struct executor *x, uint32_t worker)
{
	for (uint32_t i = 0; i < x->task_count; i++) {
		struct work *work = x->tasks[i].head;

		for (; work != NULL; work = work->next) {
			struct batch *batch = work->parcel->batch;

			/* Seen with an earlier work of the same batch. */
			if (batch->from != BATCH_NOBODY &&
			    x->plan->worker_of[batch->from] == worker)
				batch->from = BATCH_NOBODY;
		}
	}
}

void queue_fini(struct executor *x)
{
	for (uint32_t i = 0; x->tasks != NULL && i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];

		while (task->head != NULL) {
			struct work *work = task->head;

			task->head = work->next;
			queue_unref(x, work->parcel);
			free(work);
		}
	}
	while (x->works != NULL) {
		struct work *work = x->works;

		x->works = work->next;
		free(work);
	}
	while (x->parcels != NULL) {
		struct parcel *parcel = x->parcels;

		x->parcels = parcel->next;
		free(parcel);
	}
	free(x->ready);
}
