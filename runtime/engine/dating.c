/* SPDX-License-Identifier: MIT */

#include "engine/dating.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stamp.h"
#include "engine/call.h"
#include "engine/tree.h"
#include "engine/volley.h"
#include "engine/watermark.h"

/* Ages are counted from 1 on, around. */
#define AGES 254u
#define AGE_OVER 255u

/* So many ages are as long as topology.replay.hold.secs. */
#define HOLD_AGES 16u
#define AGE_NS_MIN 1000000u

/* Says why `value` is no time, with the name of the field. */
static void dating_explain(const struct gust_task *task,
			   const struct gust_error *error, char *reason)
{
	snprintf(reason, FAILURE_REASON_MAX + 1, "field '%.60s': %.160s",
		 task->component->timestamp->field, error->text);
}

/* It is put aside. The error is large, so the way of all others has none. */
static __attribute__((noinline)) int
dating_reject_input(struct gust_task *task, const struct gust_tuple *in,
		    const struct gust_value *value)
{
	struct gust_error error = { 0 };
	char reason[FAILURE_REASON_MAX + 1];
	int64_t time;

	(void)stamp_read(task->component->timestamp->stamp, value, &time,
			 &error);
	dating_explain(task, &error, reason);
	return gust_reject(task, in, "%s", reason);
}

static __attribute__((noinline)) int
dating_reject(struct gust_task *task, struct output *output,
	      struct gust_tuple *tuple, const struct tree_start *start,
	      const struct gust_value *value)
{
	struct gust_error error = { 0 };
	char reason[FAILURE_REASON_MAX + 1];

	(void)stamp_read(task->component->timestamp->stamp, value, &tuple->time,
			 &error);
	tuple->time = GUST_NO_TIME;
	dating_explain(task, &error, reason);
	return tree_reject(task->x, task, output, tuple, start, reason);
}

/* execute() of a bolt with a timestamp. The tuple may be on its way to others,
 * too. */
static int dating_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	const struct plan_timestamp *timestamp = task->component->timestamp;
	struct gust_tuple *tuple = (struct gust_tuple *)(uintptr_t)in;
	struct gust_value value = gust_value(in, task->timestamp);
	int64_t before = in->time, time;
	int r;

	if (stamp_read(timestamp->stamp, &value, &time, NULL) != 0)
		return dating_reject_input(task, in, &value);
	watermark_seen(task->x, task, time);
	tuple->time = time;
	r = task->stamped(self, task, in);
	tuple->time = before;
	return r;
}

static int dating_init_bolt(struct executor *x, struct gust_task *task)
{
	const struct plan_component *c = task->component;
	uint16_t *index = malloc((x->plan->stream_count + 1) * sizeof(*index));

	if (index == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < x->plan->stream_count; i++)
		index[i] = GUST_ABSENT;
	for (uint32_t i = 0; i < c->input_count; i++) {
		uint32_t stream = x->plan->edges[c->inputs[i]].stream;

		index[stream] = plan_stream_place(&x->plan->streams[stream],
						  c->timestamp->field);
	}
	task->timestamp_index = index;
	task->timestamp.index = index;
	task->stamped = task->execute;
	task->execute = dating_execute;
	return 0;
}

int dating_init(struct executor *x, struct gust_task *task)
{
	const struct plan_component *c = task->component;

	if (c->timestamp == NULL)
		return 0;
	if (task->bolt != NULL)
		return dating_init_bolt(x, task);
	for (uint32_t i = 0; i < task->output_count; i++)
		task->outputs[i].timestamp = plan_stream_place(
			&x->plan->streams[c->first_stream + i],
			c->timestamp->field);
	return 0;
}

void dating_fini(struct gust_task *task)
{
	free(task->timestamp_index);
}

bool dating_emit(struct gust_task *task, struct output *output,
		 struct gust_tuple *tuple, const struct tree_start *start,
		 int *r)
{
	struct gust_value value;

	tuple->time = dating_now(task);
	if (output->timestamp != GUST_ABSENT) {
		value = gust_value_at(tuple, output->timestamp);
		if (stamp_read(task->component->timestamp->stamp, &value,
			       &tuple->time, NULL) != 0) {
			*r = dating_reject(task, output, tuple, start, &value);
			return false;
		}
	}
	if (task->spout != NULL && tuple->time != GUST_NO_TIME)
		watermark_seen(task->x, task, tuple->time);
	return true;
}

bool dating_unheard(struct gust_task *task, const struct output *output,
		    const struct gust_value *values)
{
	int64_t time = dating_now(task);

	if (output->timestamp != GUST_ABSENT &&
	    stamp_read(task->component->timestamp->stamp,
		       &values[output->timestamp], &time, NULL) != 0)
		return false;
	if (task->spout != NULL && time != GUST_NO_TIME)
		watermark_seen(task->x, task, time);
	return true;
}

static uint64_t dating_age_ns(const struct executor *x)
{
	uint64_t ns = x->plan->config.replay_hold_ns / HOLD_AGES;

	return ns < AGE_NS_MIN ? AGE_NS_MIN : ns;
}

static uint8_t dating_age(const struct executor *x)
{
	return (uint8_t)(x->now / dating_age_ns(x) % AGES + 1);
}

bool dating_count(struct gust_task *task, int64_t time)
{
	struct watermark *w = &task->watermark;

	return w->passes && time != GUST_NO_TIME &&
	       open_times_add(&w->open, time) == 0;
}

void dating_forget(struct executor *x, struct gust_task *task, int64_t time)
{
	open_times_remove(&task->watermark.open, time);
	x->times_moved = true;
}

/* A tree counts. */
static void dating_add(struct gust_task *task, struct tree *tree)
{
	if (tree->dated || tree->age == AGE_OVER || tree->record == NULL ||
	    tree->record->raw)
		return;
#ifdef GUST_MUTATE_DATING /* for tests/sim, which must notice */
	return;
#endif
	tree->dated = dating_count(task, record_tuple(tree->record)->time);
}

static void dating_remove(struct executor *x, struct gust_task *task,
			  struct tree *tree)
{
	if (!tree->dated)
		return;
	tree->dated = false;
	dating_forget(x, task, record_tuple(tree->record)->time);
}

void dating_open(struct executor *x, struct gust_task *task, struct tree *tree,
		 bool held)
{
	if (tree->age == 0)
		tree->age = x->plan->config.replay_hold_ns == 0 ? AGE_OVER
								: dating_age(x);
	if (!held)
		dating_add(task, tree);
}

void dating_held(struct executor *x, struct gust_task *task, struct tree *tree)
{
	dating_remove(x, task, tree);
}

void dating_failed(struct gust_task *task, struct tree *tree)
{
	dating_add(task, tree);
}

void dating_close(struct executor *x, struct gust_task *task, struct tree *tree)
{
	dating_remove(x, task, tree);
	tree->age = AGE_OVER;
}

void dating_expire(struct executor *x, struct tree *tree)
{
	uint32_t passed;

	assert(tree->age != 0 && tree->age != AGE_OVER);
	passed = (dating_age(x) + AGES - tree->age) % AGES;
	if (passed <= HOLD_AGES)
		return;
	dating_remove(x, tree_task(x, tree), tree);
	tree->age = AGE_OVER;
}

void gust_set_time(struct gust_task *task, int64_t time)
{
	if (task->frame == NULL)
		return;
	/* What was emitted has the time before. */
	volley_end(task);
	task->set_time = time;
	task->frame->marks |= FRAME_TIMED;
}

int64_t gust_watermark(const struct gust_task *task)
{
	return watermark_of(task);
}

int64_t gust_time(const struct gust_task *task, const struct gust_tuple *in)
{
	return watermark_time(task, in);
}
