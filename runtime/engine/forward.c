/* SPDX-License-Identifier: MIT */

/*
 * gust_forward() of gust/task.h. Bolts that let tuples through pass on the
 * record that they were given, behind the others of their volley: only its
 * header is another one.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/call.h"
#include "engine/route.h"
#include "engine/volley.h"

#define FORWARD_FIELDS 64u /* more take an allocation */

/* Value by value, where the record does not do, or something is wrong. */
static __attribute__((noinline)) int forward_values(struct gust_task *task,
						    uint32_t stream,
						    const struct gust_tuple *in)
{
	struct gust_value few[FORWARD_FIELDS], *values = few;
	int r;

	few[0] = gust_null();
	if (in->fields > FORWARD_FIELDS)
		values = malloc(in->fields * sizeof(*values));
	if (values == NULL)
		return -ENOMEM;
	for (uint16_t i = 0; i < in->fields; i++)
		values[i] = gust_value_at(in, i);
	r = gust_emit_values(task, stream, values, in->fields);
	if (values != few)
		free(values);
	return r;
}

/* Whether what is a tuple of the stream of `in` is one of the output, too. */
static __attribute__((noinline)) bool
forward_alike(const struct gust_task *task, struct output *output,
	      const struct gust_tuple *in)
{
	const struct plan_stream *from = &task->x->plan->streams[in->stream];

	if (from->column_count != output->header.fields)
		return false;
	for (uint32_t i = 0; i < from->column_count; i++)
		if (from->columns[i].type != output->columns[i].type)
			return false;
	output->alike = in->stream;
	return true;
}

/* Has the volley of that stream room for the record; false: it never will. */
static __attribute__((noinline)) bool forward_room(struct gust_task *task,
						   uint32_t stream, size_t size)
{
	struct volley *volley = &task->volley;

	if (volley->stream != stream) {
		volley_end(task);
		volley_begin(task, stream);
	} else {
		volley_fire(task);
	}
	return size <= (size_t)(volley->limit - volley->at);
}

int gust_forward(struct gust_task *task, uint32_t stream,
		 const struct gust_tuple *in)
{
	struct volley *volley = &task->volley;
	struct output *output;
	struct gust_tuple *tuple;

	/* What follows a record is none of its values. */
	if (task->frame == NULL || task->frame->lineage == NULL ||
	    stream >= task->output_count || in->flags != 0 ||
	    task->outputs[stream].plain_count != in->fields ||
	    in->size > task->x->tuple_max)
		return forward_values(task, stream, in);
	output = &task->outputs[stream];
	if (in->stream != output->alike && !forward_alike(task, output, in))
		return forward_values(task, stream, in);
	if (output->route_count == 0) {
		volley_count_unheard(task, in->size);
		return 0;
	}
	if ((volley->stream != stream ||
	     in->size > (size_t)(volley->limit - volley->at)) &&
	    !forward_room(task, stream, in->size))
		return forward_values(task, stream, in);
	tuple = (void *)volley->at;
	memcpy(tuple, in, in->size);
	*tuple = output->header;
	tuple->size = in->size;
	if (output->hashed)
		tuple->hash = route_hash(output->routes, tuple);
	volley->at += in->size;
	return 0;
}
