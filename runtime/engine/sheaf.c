/* SPDX-License-Identifier: MIT */

#include "engine/sheaf.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ack.h"
#include "engine/count.h"
#include "engine/window.h"

/* Edges in the first part and in the largest ones, which fill blocks of the
 * pool. */
#define PART_FIRST 3u
#define PART_MOST 255u

_Static_assert(sizeof(struct sheaf_part) == sizeof(struct anchor),
	       "a part is a whole number of anchors");

static size_t sheaf_part_size(uint32_t room)
{
	return sizeof(struct sheaf_part) + room * sizeof(struct anchor);
}

/* Room for one more edge. 0 or -ENOMEM. */
static int sheaf_grow(struct executor *x, struct sheaf *sheaf)
{
	struct sheaf_part *last = sheaf->parts, *part;
	uint32_t room = PART_FIRST;

	if (last != NULL && last->count < last->room)
		return 0;
	if (last != NULL)
		room = last->room < PART_MOST ? last->room * 2 + 1 : PART_MOST;
	part = pool_alloc(&x->kepts, sheaf_part_size(room));
	if (part == NULL)
		return -ENOMEM;
	part->older = last;
	part->count = 0;
	part->room = room;
	sheaf->parts = part;
	if (last == NULL)
		sheaf->oldest = part;
	x->kept_bytes += sheaf_part_size(room);
	return 0;
}

struct sheaf *sheaf_create(struct executor *x, struct gust_task *task)
{
	struct sheaves *sheaves = &task->window->sheaves;
	struct sheaf *sheaf = pool_alloc(&x->kepts, sizeof(*sheaf));

	if (sheaf == NULL)
		return NULL;
	memset(sheaf, 0, sizeof(*sheaf));
	sheaf->task = task;
	sheaf->after = sheaves->all;
	if (sheaves->all != NULL)
		sheaves->all->before = sheaf;
	sheaves->all = sheaf;
	x->kept_bytes += sizeof(*sheaf);
	return sheaf;
}

/* Its edges are another one's, or have ended. */
static void sheaf_free(struct executor *x, struct sheaf *sheaf)
{
	if (sheaf->before != NULL)
		sheaf->before->after = sheaf->after;
	else
		sheaf->task->window->sheaves.all = sheaf->after;
	if (sheaf->after != NULL)
		sheaf->after->before = sheaf->before;
	x->kept_bytes -= sizeof(*sheaf);
	pool_free(&x->kepts, sheaf, sizeof(*sheaf));
}

static void sheaf_free_parts(struct executor *x, struct sheaf *sheaf)
{
	while (sheaf->parts != NULL) {
		struct sheaf_part *part = sheaf->parts;
		size_t size = sheaf_part_size(part->room);

		sheaf->parts = part->older;
		x->kept_bytes -= size;
		pool_free(&x->kepts, part, size);
	}
	sheaf->oldest = NULL;
	sheaf->tuples = 0;
}

static int sheaf_add_edge(struct executor *x, struct sheaf *sheaf,
			  uint64_t root, uint64_t edge)
{
	struct sheaf_part *part = sheaf->parts;

	if (part != NULL && part->count > 0 &&
	    part->anchors[part->count - 1].root == root) {
		part->anchors[part->count - 1].edge ^= edge;
		return 0;
	}
	if (sheaf_grow(x, sheaf) != 0)
		return -ENOMEM;
	part = sheaf->parts;
	part->anchors[part->count++] = (struct anchor){ root, edge };
	return 0;
}

int sheaf_add(struct executor *x, struct gust_task *task, struct sheaf *sheaf)
{
	struct frame *frame = task->frame;
	struct lineage *lineage = frame->lineage;
	const uint64_t edge = lineage->count == 0 ? 0 : executor_draw(x);

	for (uint32_t i = 0; i < lineage->count; i++) {
		uint64_t root = lineage->anchors[i].root;

		/* The tuple fails then, and what was added means nothing. */
		if (sheaf_add_edge(x, sheaf, root, edge) != 0)
			return -ENOMEM;
		lineage_hold(x, lineage, i, edge);
	}
	lineage->drawn ^= edge;
	sheaf->tuples++;
	frame->marks |= FRAME_KEPT;
	return 0;
}

void sheaf_join(struct executor *x, struct sheaf *into, struct sheaf *from)
{
	assert(from->derived == 0);
	if (from->parts != NULL) {
		from->oldest->older = into->parts;
		if (into->parts == NULL)
			into->oldest = from->oldest;
		into->parts = from->parts;
	}
	into->tuples += from->tuples;
	sheaf_free(x, from);
}

/* The hold ends and the edge is acked, as at the end of a batch. */
static void sheaf_release(struct executor *x, struct sheaf *sheaf)
{
	struct sheaf_part *part = sheaf->parts;

	count_add(&sheaf->task->counters.acked, sheaf->tuples);
	for (; part != NULL; part = part->older) {
		for (uint32_t i = 0; i < part->count; i++) {
			const struct anchor *anchor = &part->anchors[i];

			ack_release(x, anchor->root, anchor->edge);
		}
	}
	sheaf_free_parts(x, sheaf);
}

static void sheaf_fail(struct executor *x, struct sheaf *sheaf,
		       const char *reason)
{
	struct gust_task *task = sheaf->task;
	struct sheaf_part *part = sheaf->parts;

	count_add(&task->counters.failed, sheaf->tuples);
	for (; part != NULL; part = part->older)
		for (uint32_t i = 0; i < part->count; i++)
			ack_fail(x, part->anchors[i].root, task->number,
				 FAILURE_RETRY, reason);
	sheaf_free_parts(x, sheaf);
}

static bool sheaf_done(const struct sheaf *sheaf)
{
#ifdef GUST_MUTATE_SHEAF /* for tests/sim, which must notice */
	return true;
#endif
	return sheaf->derived == 0;
}

/* Releases those that were fired first and whose roots are done. */
static void sheaf_release_done(struct executor *x, struct sheaves *sheaves)
{
	while (sheaves->first != NULL && sheaf_done(sheaves->first)) {
		struct sheaf *sheaf = sheaves->first;

		sheaves->first = sheaf->next;
		if (sheaves->first == NULL)
			sheaves->last = NULL;
		if (sheaf->lost)
			sheaf_fail(x, sheaf, "out of memory");
		else
			sheaf_release(x, sheaf);
		sheaf_free(x, sheaf);
	}
}

void sheaf_begin(struct executor *x, struct gust_task *task)
{
	struct sheaves *sheaves = &task->window->sheaves;

	assert(!sheaves->open);
	sheaves->open = true;
	if (sheaves->firing == NULL)
		sheaves->firing = sheaf_create(x, task);
}

void sheaf_end(struct executor *x, struct gust_task *task,
	       struct sheaf *settled)
{
	struct sheaves *sheaves = &task->window->sheaves;
	struct sheaf *firing = sheaves->firing;

	assert(sheaves->open);
	sheaves->open = false;
	if (settled == NULL)
		return;
	if (firing == NULL) {
		/* Nobody knows whether what was emitted is done. */
		sheaf_fail(x, settled, "out of memory");
		sheaf_free(x, settled);
		return;
	}
	if (sheaf_done(firing) && sheaves->first == NULL) {
		sheaf_release(x, settled);
		sheaf_free(x, settled);
		return;
	}
	sheaf_join(x, firing, settled);
	sheaves->firing = NULL;
	if (sheaves->last != NULL)
		sheaves->last->next = firing;
	else
		sheaves->first = firing;
	sheaves->last = firing;
	sheaf_release_done(x, sheaves);
}

void sheaf_derived_done(struct executor *x, struct sheaf *sheaf)
{
	assert(sheaf->derived > 0);
	sheaf->derived--;
	sheaf_release_done(x, &sheaf->task->window->sheaves);
}

void sheaf_fini(struct executor *x, struct sheaves *sheaves)
{
	while (sheaves->all != NULL) {
		struct sheaf *sheaf = sheaves->all;

		sheaf_free_parts(x, sheaf);
		sheaf_free(x, sheaf);
	}
	memset(sheaves, 0, sizeof(*sheaves));
}
