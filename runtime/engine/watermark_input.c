/* SPDX-License-Identifier: MIT */

/*
 * What the tasks before one say of their watermarks, and what that comes to.
 */

#include <errno.h>
#include <stdlib.h>

#include "engine/mark.h"
#include "engine/watermark.h"

int watermark_init_inputs(struct executor *x, struct gust_task *task)
{
	const struct plan_component *c = task->component;
	struct watermark *w = &task->watermark;

	w->components = calloc(c->input_count + 1, sizeof(*w->components));
	if (w->components == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->input_count; i++) {
		const struct plan_component *from;

		from = &x->plan->components[x->plan->edges[c->inputs[i]].from];
		if (!from->timed || !mark_first(x->plan, c, i))
			continue;
		w->components[w->component_count++] = (struct watermark_input){
			from->first_task, from->task_count, w->input_count
		};
		w->input_count += from->task_count;
	}
	w->inputs = calloc(w->input_count + 1, sizeof(*w->inputs));
	w->idle_bits = calloc(w->input_count / 64 + 1, sizeof(uint64_t));
	if (w->inputs == NULL || w->idle_bits == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < w->input_count; i++)
		w->inputs[i] = GUST_NO_TIME;
	w->lowest = w->input_count;
	w->lowest_time = w->input_count > 0 ? GUST_NO_TIME : INT64_MAX;
	return 0;
}

/* The place of a task among the inputs, or UINT32_MAX. */
static uint32_t watermark_place(const struct watermark *w, uint32_t from)
{
	for (uint32_t i = 0; i < w->component_count; i++) {
		const struct watermark_input *input = &w->components[i];

		if (from - input->first_task < input->count)
			return input->at + from - input->first_task;
	}
	return UINT32_MAX;
}

static void watermark_find_lowest(struct watermark *w)
{
	w->lowest_time = INT64_MAX;
	w->lowest = 0;
	for (uint32_t i = 0; i < w->input_count; i++) {
		if (w->inputs[i] < w->lowest_time) {
			w->lowest_time = w->inputs[i];
			w->lowest = 0;
		}
		w->lowest += w->inputs[i] == w->lowest_time;
	}
}

static void watermark_set(struct watermark *w, uint32_t place, int64_t time)
{
	int64_t before = w->inputs[place];

	if (before == time)
		return;
	w->inputs[place] = time;
	if (time < w->lowest_time) {
		w->lowest_time = time;
		w->lowest = 1;
		return;
	}
	w->lowest += time == w->lowest_time;
	if (before == w->lowest_time && --w->lowest == 0)
		watermark_find_lowest(w);
}

static void watermark_set_idle(struct watermark *w, uint32_t place, bool idle)
{
	uint64_t bit = UINT64_C(1) << (place % 64);
	uint64_t *bits = &w->idle_bits[place / 64];

	if (((*bits & bit) != 0) == idle)
		return;
	*bits ^= bit;
	w->idle_count += idle ? 1 : UINT32_MAX;
}

/* What an input says now; INT64_MAX: it is left out. */
static void watermark_input(struct executor *x, struct gust_task *task,
			    uint32_t from, int64_t time, bool idle)
{
	struct watermark *w = &task->watermark;
	uint32_t place = watermark_place(w, from);
	int64_t lowest;

	if (place == UINT32_MAX)
		return;
	watermark_set_idle(w, place, idle);
	watermark_set(w, place, time);
	if (time != INT64_MAX && time > w->highest)
		w->highest = time;
	lowest = w->lowest_time;
	if (lowest == INT64_MAX) {
		/* Nobody is to be waited for: as far as any of them was. */
		lowest = w->highest;
		w->idle = w->idle_count > 0;
		x->times_moved |= w->idle;
	} else if (w->idle) {
		watermark_return(x, task);
	}
	if (lowest <= w->now)
		return;
	w->now = lowest;
	watermark_moved(x, task);
}

void watermark_arrived(struct executor *x, struct gust_task *task,
		       const struct section *section)
{
	if (section->count == MARK_IDLE)
		watermark_input(x, task, section->extra, INT64_MAX, true);
	else
		watermark_input(x, task, section->extra,
				section_watermark(section), false);
}

void watermark_ended(struct executor *x, struct gust_task *task, uint32_t from)
{
	watermark_input(x, task, from, INT64_MAX, false);
}

void watermark_forget(struct gust_task *task, uint32_t from)
{
	struct watermark *w = &task->watermark;
	uint32_t place = watermark_place(w, from);

	if (place == UINT32_MAX)
		return;
	watermark_set_idle(w, place, false);
	watermark_set(w, place, GUST_NO_TIME);
}
