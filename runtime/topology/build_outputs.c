/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <string.h>

#include "base/suggest.h"
#include "plugin/stream.h"
#include "topology/build.h"
#include "topology/value.h"

static const char *const type_names[] = { "bool",   "int",   "float",
					  "string", "bytes", "json" };
static const enum gust_type types[] = { GUST_BOOL,   GUST_INT,   GUST_FLOAT,
					GUST_STRING, GUST_BYTES, GUST_JSON };

#define TYPES_COUNT (sizeof(types) / sizeof(types[0]))

static bool read_type(struct build *build, const struct node *node,
		      enum gust_type *type)
{
	const char *nearest;
	const char *name;
	size_t i;

	if (!value_string(node, "type", build->diagnostics, &name))
		return false;
	for (i = 0; i < TYPES_COUNT; i++) {
		if (strcmp(type_names[i], name) == 0) {
			*type = types[i];
			return true;
		}
	}
	nearest = suggest_nearest(name, type_names, TYPES_COUNT);
	if (nearest != NULL)
		diagnostics_error(build->diagnostics, &node->place,
				  "'%.60s' is no type, expected '%s'", name,
				  nearest);
	else
		diagnostics_error(build->diagnostics, &node->place,
				  "'%.60s' is no type, expected bool, int, "
				  "float, string, bytes or json",
				  name);
	return false;
}

/* 0, -EINVAL after a mistake, -ENOMEM. */
static int read_columns(struct build *build, const struct node *map,
			const struct gust_column **result)
{
	const struct node_item *item;
	struct gust_column *columns;
	size_t count = 0;
	int r = 0;

	columns = arena_calloc(build->arena, map->count + 1, sizeof(*columns));
	if (columns == NULL)
		return -ENOMEM;
	for (item = map->items; item != NULL; item = item->next) {
		columns[count].name = item->key->text;
		if (!read_type(build, item->value, &columns[count].type))
			r = -EINVAL;
		count++;
	}
	*result = columns;
	return r;
}

/* As read_columns(). */
static int read_output(struct build *build, struct build_output *output,
		       const struct node_item *item)
{
	const struct node *map = item->value;
	struct gust_error error = { 0 };
	char text[VALUE_TEXT_SIZE];
	int r;

	if (map->broken)
		return -EINVAL;
	if (map->kind != NODE_MAP || map->count == 0) {
		diagnostics_error(build->diagnostics, &map->place,
				  "stream '%.60s' is %s, expected a map of "
				  "fields and types",
				  item->key->text,
				  map->kind == NODE_MAP
					  ? "empty"
					  : value_describe(map, text));
		return -EINVAL;
	}
	output->stream.name = item->key->text;
	output->place = item->key->place;
	r = read_columns(build, map, &output->stream.columns);
	if (r == 0 && stream_check(&output->stream, &error) < 0) {
		diagnostics_error(build->diagnostics, &map->place, "%s",
				  error.text);
		r = -EINVAL;
	}
	return r;
}

int build_outputs(struct build *build, struct build_component *component)
{
	const struct node *map = component->model->outputs;
	struct build_output **last = &component->outputs;
	const struct node_item *item;
	struct build_output *output;
	int r;

	if (map == NULL)
		return 0;
	for (item = map->items; item != NULL; item = item->next) {
		output = arena_calloc(build->arena, 1, sizeof(*output));
		if (output == NULL)
			return -ENOMEM;
		r = read_output(build, output, item);
		if (r == -ENOMEM)
			return r;
		if (r < 0) {
			component->outputs_broken = true;
			continue;
		}
		*last = output;
		last = &output->next;
	}
	return 0;
}
