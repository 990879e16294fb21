/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdlib.h>

#include <gust/kit/columns.h>
#include <gust/kit/forward.h>

/* Whether another input has as many fields as the first one, `n`. */
static int forward_compare(const struct gust_input *first, size_t n,
			   const struct gust_input *other,
			   struct gust_error *error)
{
	const size_t fields = columns_count(other->columns);

	if (fields == n)
		return 0;
	return gust_error_set(error, -EINVAL,
			      "'%.60s' sends %zu fields and '%.60s' sends "
			      "%zu, expected the same fields from all",
			      first->component, n, other->component, fields);
}

int forward_columns(const struct gust_declaration *about,
		    const struct gust_column **columns,
		    struct gust_error *error)
{
	const size_t inputs = gust_declared_inputs(about);
	const struct gust_input *first;
	enum gust_type type;
	size_t i, n;
	int r = 0;

	if (inputs == 0)
		return gust_error_set(error, -EINVAL,
				      "it has no input whose fields could be "
				      "passed on");
	first = gust_declared_input(about, 0);
	n = columns_count(first->columns);
	for (i = 0; i < n && r == 0; i++)
		r = gust_declared_type(about, first->columns[i].name, &type,
				       error);
	for (i = 1; i < inputs && r == 0; i++)
		r = forward_compare(first, n, gust_declared_input(about, i),
				    error);
	if (r == 0)
		*columns = first->columns;
	return r;
}

int forward_declare(struct gust_declaration *about, struct gust_error *error)
{
	const struct gust_column *columns;
	int r = forward_columns(about, &columns, error);

	return r == 0 ? gust_declare_stream(about, "default", columns) : r;
}

int forward_open(struct forward *forward, struct gust_task *task,
		 struct gust_error *error)
{
	const struct gust_column *columns = gust_task_input(task, 0)->columns;
	const size_t n = columns_count(columns);
	size_t i;
	int r = 0;

	forward->fields = calloc(n + 1, sizeof(*forward->fields));
	forward->row = calloc(n + 1, sizeof(*forward->row));
	if (forward->fields == NULL || forward->row == NULL)
		return -ENOMEM;
	for (i = 0; i < n && r == 0; i++)
		r = gust_field(task, columns[i].name, columns[i].type,
			       &forward->fields[i], error);
	forward->count = n;
	forward->stream = UINT32_MAX;
	return r;
}

static void forward_look(struct forward *forward, const struct gust_tuple *in)
{
	size_t i;

	forward->stream = in->stream;
	forward->ordered = in->fields == forward->count;
	for (i = 0; i < forward->count; i++)
		if (forward->fields[i].index[in->stream] != i)
			forward->ordered = false;
}

/* Whether all fields stand where they do in the first input, as a rule; it is
 * known until a tuple of another stream comes. */
static inline bool forward_is_ordered(struct forward *forward,
				      const struct gust_tuple *in)
{
	if (in->stream != forward->stream)
		forward_look(forward, in);
	return forward->ordered;
}

void forward_read(struct forward *forward, const struct gust_tuple *in)
{
	size_t i;

	if (forward_is_ordered(forward, in))
		for (i = 0; i < forward->count; i++)
			forward->row[i] = gust_value_at(in, i);
	else
		for (i = 0; i < forward->count; i++)
			forward->row[i] = gust_value(in, forward->fields[i]);
}

int forward_emit_to(struct forward *forward, struct gust_task *task,
		    uint32_t stream, const struct gust_tuple *in)
{
	if (forward_is_ordered(forward, in))
		return gust_forward(task, stream, in);
	forward_read(forward, in);
	return gust_emit_values(task, stream, forward->row, forward->count);
}

int forward_emit(struct forward *forward, struct gust_task *task,
		 const struct gust_tuple *in)
{
	return forward_emit_to(forward, task, 0, in);
}

int forward_emit_kept(struct forward *forward, struct gust_task *task,
		      const struct gust_tuple *kept)
{
	const struct gust_emission how = { .kind = GUST_EMIT_ANCHORED,
					   .direct = -1,
					   .anchors = &kept,
					   .anchor_count = 1 };

	forward_read(forward, kept);
	return gust_emit_with(task, &how, forward->row, forward->count);
}

void forward_close(struct forward *forward)
{
	free(forward->fields);
	free(forward->row);
	*forward = (struct forward){ 0 };
}
