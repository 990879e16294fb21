/* SPDX-License-Identifier: MIT */

/*
 * route: sends each tuple to the task that a number in it names.
 *
 * The tuple goes unchanged to task `field` modulo `tasks` of every bolt that
 * takes the stream with a grouping of the type `direct`; null goes to task 0.
 *
 * Input:
 *	any streams, all with the same fields, among them the int `field`
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

#include <gust/bolt.h>
#include <gust/kit/forward.h>

struct route {
	const char *field; /* options */
	int64_t tasks;

	struct gust_field number;
	struct forward forward;
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

static int route_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct route *route = self;
	enum gust_type type;
	int r;

	r = gust_declared_type(about, route->field, &type, error);
	if (r < 0)
		return r;
	if (type != GUST_INT)
		return gust_error_set(error, -EINVAL,
				      "field '%s' is %s, expected int",
				      route->field, gust_type_name(type));
	return forward_declare(about, error);
}

static int route_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct route *route = self;
	int r = gust_field(task, route->field, GUST_INT, &route->number, error);

	return r == 0 ? forward_open(&route->forward, task, error) : r;
}

static int route_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct route *route = self;
	const struct gust_emission how = {
		.direct = (int32_t)((uint64_t)gust_integer(in, route->number) %
				    (uint64_t)route->tasks),
	};

	forward_read(&route->forward, in);
	return gust_emit_with(task, &how, route->forward.row,
			      route->forward.count);
}

static void route_close(void *self)
{
	struct route *route = self;

	forward_close(&route->forward);
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
	.close = route_close,
};
