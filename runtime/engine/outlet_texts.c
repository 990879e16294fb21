/* SPDX-License-Identifier: MIT */

#include "engine/outlet.h"

#include "engine/credit.h"

/* Whether the last section takes one more packed tuple. */
static inline bool outlet_texts_go_on(const struct outlet *out, uint32_t task,
				      uint32_t line,
				      const struct gust_tuple *tuple,
				      const struct lineage *lineage)
{
	const struct section *section = out->run;

	return out->texts != NULL && section->task == task &&
	       section->extra == line && section->count == lineage->count &&
	       section_texts(section)->task == tuple->task &&
	       section_texts(section)->stream == tuple->stream &&
	       section_texts(section)->time == tuple->time;
}

/* Whether the last run does, as far as the root is concerned. */
static inline bool outlet_run_goes_on(const struct outlet *out,
				      const struct lineage *lineage)
{
	const struct anchor *anchor =
		(const struct anchor *)(const void *)out->texts - 1;

	return lineage->count == 0 || anchor->root == lineage->anchors[0].root;
}

/* A section for packed tuples, without a run yet. */
static __attribute__((noinline)) struct section *
outlet_begin_texts(struct executor *x, struct outlet *out, uint32_t task,
		   uint32_t line, const struct gust_tuple *tuple,
		   const struct lineage *lineage)
{
	const size_t head = sizeof(struct section) + sizeof(struct texts);
	/* There must be room for a run, too. */
	const size_t size = head + lineage->count * sizeof(struct anchor) +
			    sizeof(struct texts_run) +
			    sizeof(struct texts_entry);
	struct section *section = outlet_room(x, out, size);
	struct texts *texts = (void *)(section + 1);

	if (section == NULL)
		return NULL;
	out->batch->size -= (uint32_t)(size - head);
	section->size = (uint32_t)head;
	section->kind = SECTION_TEXTS;
	section->count = (uint16_t)lineage->count;
	section->task = task;
	section->extra = line;
	texts->task = tuple->task;
	texts->stream = tuple->stream;
	texts->reserved = 0;
	texts->time = tuple->time;
	out->run = section;
	if (x->by_number[task] != NULL)
		x->by_number[task]->queued++;
	return section;
}

uint32_t outlet_text(struct executor *x, struct outlet *out, uint32_t task,
		     uint32_t line, const struct gust_tuple *tuple,
		     struct lineage *lineage)
{
	const uint32_t entry = sizeof(struct texts_entry);
	uint32_t head = sizeof(struct texts_run), size;
	bool goes_on = outlet_texts_go_on(out, task, line, tuple, lineage);
	struct anchor *anchor;

	if (goes_on && outlet_run_goes_on(out, lineage) &&
	    out->batch->size + entry <= out->capacity) {
		texts_pack((void *)((char *)out->batch + out->batch->size),
			   tuple);
		out->batch->size += entry;
		out->run->size += entry;
		out->texts->size += entry;
		return entry;
	}
	head += lineage->count * (uint32_t)sizeof(struct anchor);
	size = head + entry;
	if ((!goes_on || out->batch->size + size > out->capacity) &&
	    outlet_begin_texts(x, out, task, line, tuple, lineage) == NULL)
		return 0;
	anchor = (void *)((char *)out->batch + out->batch->size);
	if (lineage->count == 1) {
		anchor->root = lineage->anchors[0].root;
		anchor->edge = executor_draw(x);
		lineage->drawn ^= anchor->edge;
	}
	out->texts = (void *)((char *)anchor + head - sizeof(struct texts_run));
	out->texts->size = entry;
	out->texts->reserved = 0;
	texts_pack((void *)(out->texts + 1), tuple);
	out->batch->size += size;
	out->run->size += size;
	return size;
}

uint32_t outlet_texts(struct executor *x, uint32_t task, uint32_t line,
		      struct gust_tuple *const *tuples, uint32_t count,
		      struct lineage *lineage)
{
	uint32_t to = x->plan->tasks[task].executor;
	struct outlet *out = &x->outs[to];
	struct texts_entry *entry;
	uint32_t room, taken = 1, bytes;

	if (lineage->count > 1 || !texts_fit(tuples[0]))
		return 0;
	bytes = outlet_text(x, out, task, line, tuples[0], lineage);
	if (bytes == 0)
		return 0;
	/* The others go on with its run. */
	entry = (void *)((char *)out->batch + out->batch->size);
	room = (out->capacity - out->batch->size) / (uint32_t)sizeof(*entry);
	if (count > room + 1)
		count = room + 1;
	for (; taken < count && texts_fit(tuples[taken]) &&
	       tuples[taken]->time == tuples[0]->time;
	     taken++)
		texts_pack(entry++, tuples[taken]);
	room = (taken - 1) * (uint32_t)sizeof(*entry);
	out->batch->size += room;
	out->run->size += room;
	out->texts->size += room;
	credit_take(x, line, to, bytes + room);
	x->backlog[task].bytes += bytes + room;
	return taken;
}
