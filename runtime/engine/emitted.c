/* SPDX-License-Identifier: MIT */

#include "engine/emitted.h"

#include "tuple/record.h"

/* Whether the columns are those that the stream has now. */
static bool emitted_fits_columns(const struct output *output,
				 const struct gust_tuple *tuple)
{
	const struct gust_cell *cells = gust_cells(tuple);

	if (tuple->fields != output->header.fields)
		return false;
	for (uint16_t i = 0; i < tuple->fields; i++)
		if (cells[i].type != GUST_NULL &&
		    cells[i].type != (uint32_t)output->columns[i].type)
			return false;
	return true;
}

bool emitted_fits(const struct gust_task *task, const struct emitted *emitted,
		  size_t size)
{
	const struct gust_tuple *tuple = emitted_tuple(emitted);
	const struct output *output = &task->outputs[emitted->output];

	if (size < sizeof(*emitted) + sizeof(*tuple) ||
	    tuple->size > size - sizeof(*emitted) ||
	    record_check(tuple, tuple->size) != 0 ||
	    emitted->output >= task->output_count ||
	    !emitted_fits_columns(output, tuple))
		return false;
	for (uint32_t i = 0; i < output->route_count; i++)
		if (output->routes[i].grouping == PLAN_DIRECT &&
		    (emitted->direct < 0 ||
		     (uint32_t)emitted->direct >= output->routes[i].count))
			return false;
	return true;
}
