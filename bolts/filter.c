/* SPDX-License-Identifier: MIT */

/*
 * filter: lets through the tuples for which a condition holds.
 *
 * The condition `where` is an expression in Lua 5.4 over the fields of the
 * tuple; `gust info map` lists what may stand in it. Tuples for which it is
 * true go to the stream `default`, unchanged, and those for which it is false
 * or nil to the stream `rest`; where nothing takes that stream, they are done.
 *
 * Null is nil, and Lua compares nil with nothing: say what it should count as,
 * as in `coalesce(status, 0) >= 500`. A condition that raises an error, takes
 * too many steps or too much memory, or gives something else than true, false
 * or nil sends its tuple to the dead letters, with the reason; others are not
 * concerned. A tuple is acked when what was emitted for it is done.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the same fields, of the tuples for which the condition holds
 *	rest: the same fields, of the others
 *
 * Example:
 *	bolts:
 *	  - id: errors
 *	    plugin: filter
 *	    options: {where: 'status >= 500 or contains(path, "/admin")'}
 *	  - {id: count-others, plugin: count, options: {by: [status]}}
 *	streams:
 *	  - {from: errors, to: print}
 *	  - {from: errors, name: rest, to: count-others}
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>
#include <gust/kit/forward.h>
#include <gust/kit/script.h>

enum filter_stream { FILTER_DEFAULT, FILTER_REST };

struct filter {
	const char *where; /* options */
	struct script_limits limits;

	struct script *script;
	struct forward forward;
	size_t *reads; /* the fields that the condition looks at */
	size_t read_count;
};

static const struct gust_option filter_options[] = {
	{ .name = "where",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct filter, where),
	  .help = "the condition, an expression in Lua over the fields",
	  .flags = GUST_REQUIRED },
	SCRIPT_LIMITS(filter, limits),
	{ .name = NULL },
};

static int filter_compile(const struct filter *filter,
			  const struct gust_column *columns,
			  struct script **script, struct gust_error *error)
{
	int r = script_create(script, &filter->limits, columns);

	if (r < 0)
		return r;
	return script_add(*script, "option 'where'", filter->where,
			  SCRIPT_EXPRESSION, error);
}

static int filter_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	const struct gust_column *columns;
	struct script *script = NULL;
	int r;

	r = forward_columns(about, &columns, error);
	if (r == 0)
		r = filter_compile(self, columns, &script, error);
	if (r == 0)
		r = gust_declare_stream(about, "default", columns);
	if (r == 0)
		r = gust_declare_stream(about, "rest", columns);
	script_destroy(script);
	return r;
}

static int filter_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct filter *filter = self;
	size_t i;
	int r = forward_open(&filter->forward, task, error);

	if (r == 0)
		r = filter_compile(filter, gust_task_input(task, 0)->columns,
				   &filter->script, error);
	if (r < 0)
		return r;
	filter->reads =
		calloc(filter->forward.count + 1, sizeof(*filter->reads));
	if (filter->reads == NULL)
		return -ENOMEM;
	for (i = 0; i < filter->forward.count; i++)
		if (script_reads(filter->script, i))
			filter->reads[filter->read_count++] = i;
	return 0;
}

static int filter_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct filter *filter = self;
	struct forward *forward = &filter->forward;
	struct gust_error error;
	struct gust_value holds;
	size_t i;

	error.code = 0;
	for (i = 0; i < filter->read_count; i++)
		forward_read_one(forward, in, filter->reads[i]);
	if (script_run(filter->script, forward->row, &error) < 0 ||
	    script_value(filter->script, 0, GUST_BOOL, &holds, &error) < 0)
		return script_failed(task, in, &error);
	/* Null has the integer 0, too. */
	return forward_emit_to(
		forward, task,
		holds.as.integer != 0 ? FILTER_DEFAULT : FILTER_REST, in);
}

static void filter_close(void *self)
{
	struct filter *filter = self;

	script_destroy(filter->script);
	free(filter->reads);
	forward_close(&filter->forward);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "filter",
	.summary = "lets through the tuples for which a condition holds",
	.options = filter_options,
	.instance_size = sizeof(struct filter),
	.flags = GUST_DETERMINISTIC,
	.declare = filter_declare,
	.open = filter_open,
	.execute = filter_execute,
	.close = filter_close,
};
