/* SPDX-License-Identifier: MIT */

#include "engine/outlet.h"

/* A section for packed tuples, without a run yet. */
static struct section *outlet_begin_texts(struct executor *x,
					  struct outlet *out, uint32_t task,
					  uint32_t line,
					  const struct gust_tuple *tuple,
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
	out->run = section;
	if (x->by_number[task] != NULL)
		x->by_number[task]->queued++;
	return section;
}

/* A run of packed tuples, and the first of them; returns what it takes, or 0.
 */
uint32_t outlet_begin_texts_run(struct executor *x, struct outlet *out,
				uint32_t task, uint32_t line,
				const struct gust_tuple *tuple,
				struct lineage *lineage)
{
	const uint32_t head =
		(uint32_t)(lineage->count * sizeof(struct anchor) +
			   sizeof(struct texts_run));
	const uint32_t size = head + (uint32_t)sizeof(struct texts_entry);
	struct section *section = out->run;
	char *at;

	if (!outlet_texts_go_on(out, task, line, tuple, lineage) ||
	    out->batch->size + size > out->capacity)
		section =
			outlet_begin_texts(x, out, task, line, tuple, lineage);
	if (section == NULL)
		return 0;
	at = (char *)out->batch + out->batch->size;
	outlet_anchor(x, (void *)at, lineage);
	out->texts = (void *)(at + head - sizeof(struct texts_run));
	out->texts->size = sizeof(struct texts_entry);
	out->texts->reserved = 0;
	texts_pack((void *)(out->texts + 1), tuple);
	out->batch->size += size;
	section->size += size;
	return size;
}
