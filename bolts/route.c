/* SPDX-License-Identifier: MIT */

/*
 * route: sends each tuple to the task that a number in it names.
 *
 * The tuple goes unchanged to task `field` modulo `tasks` of every bolt that
 * takes the stream with a grouping of the type `direct`; null goes to task 0.
 *
 * Input:
 *	streams that all have the same fields, among them the int `field`
 * Output:
 *	default: the same fields
 *
 * Example:
 *	bolts:
 *	  - {id: route, plugin: route, options: {field: shelf, tasks: 4}}
 *	  - {id: shelves, plugin: count, parallelism: 4, options: {by: [shelf]}}
 *	streams:
 *	  - {from: route, to: shelves, grouping: {type: direct}}
 */

#include <errno.h>
#include <string.h>

#include <gust/bolt.h>

#define ROUTE_FIELDS_MAX 64u

struct route {
	const char *field; /* options */
	int64_t tasks;

	struct gust_field number;
};

static const struct gust_option route_options[] = {
	{ .name = "field",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct route, field),
	  .help = "the int field that names the task",
	  .flags = GUST_REQUIRED },
	{ .name = "tasks",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct route, tasks),
	  .help = "how many tasks the receiving bolts have",
	  .flags = GUST_REQUIRED,
	  .min = 1,
	  .max = 65535 },
	{ .name = NULL },
};

/* Whether two streams have the same fields in the same order. */
static bool route_same(const struct gust_column *a, const struct gust_column *b)
{
	for (; a->name != NULL && b->name != NULL; a++, b++)
		if (a->type != b->type || strcmp(a->name, b->name) != 0)
			return false;
	return a->name == NULL && b->name == NULL;
}

static int route_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct route *route = self;
	const struct gust_input *first, *input;
	enum gust_type type;
	size_t i;
	int r;

	r = gust_declared_type(about, route->field, &type, error);
	if (r < 0)
		return r;
	if (type != GUST_INT)
		return gust_error_set(error, -EINVAL,
				      "field '%s' is %s, expected int",
				      route->field, gust_type_name(type));
	first = gust_declared_input(about, 0);
	for (i = 1; i < gust_declared_inputs(about); i++) {
		input = gust_declared_input(about, i);
		if (!route_same(first->columns, input->columns))
			return gust_error_set(error, -EINVAL,
					      "the fields of '%s' and '%s' "
					      "differ, expected the same ones",
					      first->component,
					      input->component);
	}
	for (i = 0; first->columns[i].name != NULL; i++)
		if (i == ROUTE_FIELDS_MAX)
			return gust_error_set(error, -EINVAL,
					      "'%s' emits more than %u fields",
					      first->component,
					      ROUTE_FIELDS_MAX);
	return gust_declare_stream(about, "default", first->columns);
}

static int route_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct route *route = self;

	return gust_field(task, route->field, GUST_INT, &route->number, error);
}

static int route_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	const struct route *route = self;
	const struct gust_emission how = {
		.direct = (int32_t)((uint64_t)gust_integer(in, route->number) %
				    (uint64_t)route->tasks),
	};
	struct gust_value row[ROUTE_FIELDS_MAX];
	size_t i;

	for (i = 0; i < in->fields; i++)
		row[i] = gust_value_at(in, i);
	return gust_emit_with(task, &how, row, in->fields);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "route",
	.summary = "sends each tuple to the task that a number in it names",
	.options = route_options,
	.instance_size = sizeof(struct route),
	.flags = GUST_DETERMINISTIC,
	.declare = route_declare,
	.open = route_open,
	.execute = route_execute,
};
