/* SPDX-License-Identifier: MIT */

#include "engine/outlet.h"
#include "engine/count.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/credit.h"
#include "engine/queue.h"
#include "tuple/record.h"

#define CREDITS_MAX 64u

/* The usual capacity of batches for an executor; a window should hold several
 * of them. */
static uint32_t outlet_usual(const struct executor *x, uint32_t to)
{
	const struct plan *plan = x->plan;
	uint64_t part = x->lines[0].window / 4;

	if (plan->worker_of[to] == plan->worker_of[x->number] ||
	    part < BATCH_BYTES)
		return BATCH_BYTES;
	return part < BATCH_FAR_BYTES ? (uint32_t)part & ~7u : BATCH_FAR_BYTES;
}

int outlet_init(struct executor *x)
{
	uint32_t count = x->plan->executor_count;

	x->outs = calloc(count, sizeof(*x->outs));
	x->flush_list = calloc(count, sizeof(*x->flush_list));
	x->backlog = calloc(x->plan->task_count, sizeof(*x->backlog));
	if (x->outs == NULL || x->flush_list == NULL || x->backlog == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		x->outs[i].usual = outlet_usual(x, i);
	return 0;
}

void outlet_fini(struct executor *x)
{
	for (uint32_t i = 0; x->outs != NULL && i < x->plan->executor_count;
	     i++) {
		if (x->outs[i].batch != NULL)
			x->host.batch_free(x->host.self, x->outs[i].batch);
		if (x->outs[i].spare != NULL)
			x->host.batch_free(x->host.self, x->outs[i].spare);
		free(x->outs[i].acks);
		free(x->outs[i].holds);
		free(x->outs[i].credits);
	}
	free(x->outs);
	free(x->flush_list);
	free(x->backlog);
}

static void outlet_list(struct executor *x, struct outlet *out)
{
	if (out->listed)
		return;
	out->listed = true;
	x->flush_list[x->flush_count++] = (uint32_t)(out - x->outs);
}

/* A short batch goes in memory of its own size, since the link to another
 * process keeps it for a while; the long one is filled again. */
static struct batch *outlet_shorten(struct executor *x, struct outlet *out,
				    struct batch *batch)
{
	struct batch *copy;

	if (out->capacity != out->usual || out->usual == BATCH_BYTES ||
	    batch->size > BATCH_BYTES || out->spare != NULL)
		return batch;
	copy = x->host.batch_alloc(x->host.self, batch->size);
	if (copy == NULL)
		return batch;
	memcpy(copy, batch, batch->size);
	out->spare = batch;
	return copy;
}

static void outlet_send(struct executor *x, struct outlet *out)
{
	uint32_t to = (uint32_t)(out - x->outs);
	struct batch *batch = out->batch;

	if (batch == NULL)
		return;
	out->batch = NULL;
	out->run = NULL;
	out->texts = NULL;
	batch = outlet_shorten(x, out, batch);
	if (to == x->number) {
		queue_receive(x, batch);
		return;
	}
	count_add(&x->usage.batches_sent, 1);
	count_add(&x->usage.bytes_sent, batch->size);
	x->host.send(x->host.self, to, batch, batch->size);
}

struct batch *outlet_batch(struct executor *x, uint32_t to, size_t size,
			   uint32_t *capacity)
{
	struct outlet *out = &x->outs[to];
	struct batch *batch = NULL;

	size += sizeof(*batch);
	if (size <= out->usual) {
		size = out->usual;
		batch = out->spare;
		out->spare = NULL;
	}
	if (batch == NULL)
		batch = x->host.batch_alloc(x->host.self, size);
	if (batch == NULL)
		return NULL;
	memset(batch, 0, sizeof(*batch));
	batch->size = sizeof(*batch);
	batch->version = BATCH_VERSION;
	batch->from = (uint16_t)x->number;
	batch->to = to;
	*capacity = (uint32_t)size;
	return batch;
}

void outlet_batch_done(struct executor *x, struct batch *batch)
{
	struct outlet *own = &x->outs[x->number];

	/* Every turn ends with one, and it needs no other for its next end. */
	if (batch->from == x->number && batch->to == x->number &&
	    batch->size <= BATCH_BYTES && own->spare == NULL)
		own->spare = batch;
	else
		x->host.batch_free(x->host.self, batch);
}

struct section *outlet_room(struct executor *x, struct outlet *out, size_t size)
{
	struct section *section;

	if (out->batch != NULL && out->batch->size + size > out->capacity)
		outlet_send(x, out);
	if (out->batch == NULL) {
		out->batch = outlet_batch(x, (uint32_t)(out - x->outs), size,
					  &out->capacity);
		if (out->batch == NULL)
			return NULL;
		outlet_list(x, out);
	}
	section = (void *)((char *)out->batch + out->batch->size);
	memset(section, 0, sizeof(*section));
	section->size = (uint32_t)size;
	out->batch->size += (uint32_t)size;
	out->run = NULL;
	out->texts = NULL;
	return section;
}

static inline bool outlet_continues(const struct outlet *out, uint32_t task,
				    uint32_t line,
				    const struct gust_tuple *tuple,
				    const struct lineage *lineage)
{
	const struct section *run = out->run;

	if (run == NULL || out->texts != NULL || run->task != task ||
	    run->extra != line || run->count != lineage->count ||
	    lineage->count > 1 ||
	    out->batch->size + tuple->size > out->capacity)
		return false;
	return lineage->count == 0 ||
	       section_anchors(run)->root == lineage->anchors[0].root;
}

void outlet_anchor(struct executor *x, struct anchor *anchors,
		   struct lineage *lineage)
{
	uint64_t edge;

	if (lineage->count == 0)
		return;
	edge = executor_draw(x);
	lineage->drawn ^= edge;
	for (uint32_t i = 0; i < lineage->count; i++) {
		anchors[i].root = lineage->anchors[i].root;
		anchors[i].edge = edge;
	}
}

static __attribute__((noinline)) int
outlet_begin_run(struct executor *x, struct outlet *out, uint32_t task,
		 uint32_t line, const struct gust_tuple *tuple,
		 struct lineage *lineage)
{
	size_t head =
		sizeof(struct section) + lineage->count * sizeof(struct anchor);
	struct section *run = outlet_room(x, out, head + tuple->size);

	if (run == NULL)
		return -ENOMEM;
	run->kind = SECTION_RUN;
	run->count = (uint16_t)lineage->count;
	run->task = task;
	run->extra = line;
	outlet_anchor(x, (void *)(run + 1), lineage);
	record_copy_whole((char *)run + head, tuple);
	out->run = run;
	if (x->by_number[task] != NULL)
		x->by_number[task]->queued++;
	return 0;
}

int outlet_tuple(struct executor *x, uint32_t task, uint32_t line,
		 const struct gust_tuple *tuple, struct lineage *lineage)
{
	uint32_t to = x->plan->tasks[task].executor;
	struct outlet *out = &x->outs[to];
	uint32_t size = tuple->size;
	int r;

	if (texts_fit(tuple) && lineage->count <= 1) {
		size = outlet_text(x, out, task, line, tuple, lineage);
		if (size == 0)
			return -ENOMEM;
	} else if (outlet_continues(out, task, line, tuple, lineage)) {
		record_copy_whole((char *)out->batch + out->batch->size, tuple);
		out->batch->size += tuple->size;
		out->run->size += tuple->size;
	} else {
		r = outlet_begin_run(x, out, task, line, tuple, lineage);
		if (r != 0)
			return r;
	}
	credit_take(x, line, to, size);
	x->backlog[task].bytes += size;
	return 0;
}

int outlet_mark(struct executor *x, uint32_t task, uint32_t from,
		enum batch_mark mark, int64_t time)
{
	struct outlet *out = &x->outs[x->plan->tasks[task].executor];
	const size_t extra = mark == MARK_WATERMARK ? sizeof(time) : 0;
	struct section *section = outlet_room(x, out, sizeof(*section) + extra);

	if (section == NULL)
		return -ENOMEM;
	memcpy(section + 1, &time, extra);
	section->kind = SECTION_MARK;
	section->count = (uint16_t)mark;
	section->task = task;
	section->extra = from;
	if (x->by_number[task] != NULL)
		x->by_number[task]->queued++;
	return 0;
}

/* False: there was no memory for them. */
static bool outlet_entries(struct executor *x, struct outlet *out,
			   enum section_kind kind, const void *entries,
			   uint32_t count, size_t size)
{
	struct section *section;

	if (count == 0)
		return true;
	section = outlet_room(x, out, sizeof(*section) + count * size);
	if (section == NULL)
		return false;
	section->kind = (uint16_t)kind;
	section->count = (uint16_t)count;
	memcpy(section + 1, entries, count * size);
	return true;
}

/* Adds an entry to a list beside the batch; the same root merges. */
static void outlet_gather(struct executor *x, struct outlet *out,
			  enum section_kind kind, struct anchor **list,
			  uint32_t *count, struct anchor entry)
{
	if (*count > 0 && (*list)[*count - 1].root == entry.root) {
		(*list)[*count - 1].edge ^= entry.edge;
		return;
	}
	if (*list == NULL) {
		*list = malloc(OUTLET_ACKS_MAX * sizeof(**list));
		if (*list == NULL)
			return;
	}
	if (*count == OUTLET_ACKS_MAX) {
		outlet_entries(x, out, kind, *list, *count, sizeof(**list));
		*count = 0;
	}
	(*list)[(*count)++] = entry;
	outlet_list(x, out);
}

void outlet_ack_slow(struct executor *x, uint32_t to, uint64_t root,
		     uint64_t edge)
{
	struct outlet *out = &x->outs[to];
	struct anchor entry = { root, edge };

	assert(to != x->number);
	outlet_gather(x, out, SECTION_ACKS, &out->acks, &out->ack_count, entry);
}

void outlet_hold(struct executor *x, uint32_t to, uint64_t root, uint64_t edge)
{
	struct outlet *out = &x->outs[to];
	struct anchor entry = { root, edge };

	assert(to != x->number);
	outlet_gather(x, out, SECTION_HOLDS, &out->holds, &out->hold_count,
		      entry);
}

void outlet_note(struct executor *x, uint32_t to, uint64_t root, uint32_t task)
{
	struct anchor entry = { root, task };

	outlet_entries(x, &x->outs[to], SECTION_NOTES, &entry, 1,
		       sizeof(entry));
}

void outlet_floor(struct executor *x, uint32_t to, uint64_t source,
		  uint64_t offset)
{
	struct anchor entry = { source, offset };

	outlet_entries(x, &x->outs[to], SECTION_FLOORS, &entry, 1,
		       sizeof(entry));
}

void outlet_fail(struct executor *x, uint32_t to, uint64_t root, uint32_t task,
		 enum failure_kind kind, const char *reason)
{
	struct batch_failure failure = { .root = root,
					 .task = task,
					 .kind = (uint16_t)kind };
	size_t length = strlen(reason), padded;
	struct section *section;

	if (length > FAILURE_REASON_MAX)
		length = FAILURE_REASON_MAX;
	failure.length = (uint16_t)length;
	padded = (length + 7) & ~(size_t)7;
	section = outlet_room(x, &x->outs[to],
			      sizeof(*section) + sizeof(failure) + padded);
	if (section == NULL)
		return;
	section->kind = SECTION_FAIL;
	memcpy(section + 1, &failure, sizeof(failure));
	memset((char *)(section + 1) + sizeof(failure), 0, padded);
	memcpy((char *)(section + 1) + sizeof(failure), reason, length);
}

static void outlet_write_credits(struct executor *x, struct outlet *out)
{
	bool written = outlet_entries(x, out, SECTION_CREDITS, out->credits,
				      out->credit_count, sizeof(*out->credits));

	/* A lost credit would be for ever: better to stop here. */
	assert(written);
	out->credit_count = 0;
	out->credit_bytes = 0;
}

void outlet_credit(struct executor *x, uint32_t to, uint32_t task,
		   uint32_t line, uint64_t bytes)
{
	struct outlet *out = &x->outs[to];
	uint32_t i;

	assert(to != x->number);
	if (out->credits == NULL) {
		out->credits = malloc(CREDITS_MAX * sizeof(*out->credits));
		assert(out->credits != NULL);
	}
	for (i = out->credit_count; i > 0; i--)
		if (out->credits[i - 1].task == task &&
		    out->credits[i - 1].line == line)
			break;
	if (i > 0) {
		out->credits[i - 1].bytes += bytes;
	} else {
		if (out->credit_count == CREDITS_MAX)
			outlet_write_credits(x, out);
		out->credits[out->credit_count++] =
			(struct batch_credit){ task, line, bytes };
	}
	outlet_list(x, out);
	out->credit_bytes += bytes;
	/* Early enough that the sender does not run dry. */
	if (out->credit_bytes >= x->lines[line].window / 4)
		outlet_flush(x, to);
}

void outlet_flush(struct executor *x, uint32_t to)
{
	struct outlet *out = &x->outs[to];

	outlet_entries(x, out, SECTION_HOLDS, out->holds, out->hold_count,
		       sizeof(*out->holds));
	out->hold_count = 0;
	outlet_entries(x, out, SECTION_ACKS, out->acks, out->ack_count,
		       sizeof(*out->acks));
	out->ack_count = 0;
	outlet_write_credits(x, out);
	outlet_send(x, out);
}

void outlet_flush_own(struct executor *x)
{
	outlet_send(x, &x->outs[x->number]);
}

void outlet_flush_all(struct executor *x)
{
	uint32_t count = x->flush_count;

	/* Flushing lists nothing anew: what is written goes at once. */
	for (uint32_t i = 0; i < count; i++)
		outlet_flush(x, x->flush_list[i]);
	for (uint32_t i = 0; i < count; i++)
		x->outs[x->flush_list[i]].listed = false;
	x->flush_count = 0;
	x->flushed_ns = x->now;
}

void outlet_lost(struct executor *x, uint32_t to, uint32_t worker)
{
	struct section *section =
		outlet_room(x, &x->outs[to], sizeof(*section));

	/* Without it, trees of theirs time out at worst. */
	if (section == NULL)
		return;
	section->kind = SECTION_LOST;
	section->task = worker;
}

void outlet_drop(struct executor *x, uint32_t to)
{
	struct outlet *out = &x->outs[to];

	if (out->batch != NULL)
		x->host.batch_free(x->host.self, out->batch);
	out->batch = NULL;
	out->run = NULL;
	out->texts = NULL;
	out->ack_count = 0;
	out->hold_count = 0;
	out->credit_count = 0;
	out->credit_bytes = 0;
}
