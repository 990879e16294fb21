/* SPDX-License-Identifier: MIT */

/*
 * map: sets fields of each tuple to the values of expressions.
 *
 * `set` names the fields and gives each an expression in Lua 5.4 over the
 * fields of the tuple as it came in; the order does not matter. All other
 * fields stay as they are. A field that the input has keeps its type, unless
 * `types` gives it another one; one that it has not is new, comes after the
 * others, and needs its type there: bool, int, float, string, bytes or json.
 *
 * In an expression a field is a variable of its name. An int is an integer, a
 * float a float, a bool a boolean, null is nil, and string, bytes and json are
 * strings, json as its text. A field whose name is no name of Lua is
 * `field("user-agent")`. The value must have the type of the field; nil, which
 * is null, suits every type, an integer a float, and a float without a
 * fraction an int. A text is never a number: `int(text) + 1`. In YAML, put
 * quotes around an expression that has commas, braces, ": " or " #" in it.
 * Besides the operators of Lua, such as .. for joining texts, ~= for "not
 * equal", `and`, `or`, `not`, there are:
 *
 *	upper(t) lower(t)	letters a to z in the other case
 *	trim(t)			without white space around it
 *	len(t)			its bytes; utf8.len(t) counts characters
 *	int(x)			of a text, or of a number without its fraction
 *	float(x) str(x)		of a text, a number or a bool
 *	contains(t, part)	whether `part` is in it; starts_with, ends_with
 *	replace(t, old, new)	with `new` for every `old`
 *	match(t, pattern)	what a pattern of Lua captures, or all of it
 *	split(t, separator)	a table of pieces; of words if there is no
 *				separator
 *	coalesce(a, b...)	the first one that is not nil
 *	json(t)			the table or the value that a text of JSON is
 *	field(name)		the value of a field of any name
 *	reject(reason)		puts the record aside with the dead letters,
 *				which is no failure of the run
 *
 * A first argument that is nil gives nil, and so does what cannot be
 * converted: `int(value) or 0`. A field hides a function of its name. Of Lua's
 * library there are assert, error, ipairs, next, pairs, pcall, select,
 * tonumber, tostring, type; string without pack and dump, also as methods
 * (`value:upper()`); table.concat, insert, remove, sort, unpack; math without
 * random; utf8. pairs() goes in no order. There is no way to files, processes,
 * the clock or other tuples.
 *
 * An expression may use `memory` bytes, any text a quarter of that, and
 * `steps` steps a tuple: an instruction is one, and work on long texts and
 * tables counts as well. One that goes beyond that, that raises an error, as
 * arithmetic with nil does, or gives a value of another type sends its tuple
 * to the dead letters at once, with the place and the reason; other tuples are
 * not concerned. A tuple is acked when what was emitted for it is done.
 *
 * What has only fields, constants, parentheses and operators other than .. and
 * those on bits, as `price * 0.908` and `status >= 500 and path ~= "/"`, is
 * worked out without Lua, in a tenth of its time, and means the same.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the same fields, then the new ones in the order of `set`
 *
 * Example:
 *	bolts:
 *	  - id: total
 *	    plugin: map
 *	    options:
 *	      set:
 *	        item: trim(upper(item))
 *	        total: price * n
 *	        cheap: price < 1 and n > 0
 *	      types: {total: float, cheap: bool}
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/cast.h>
#include <gust/kit/columns.h>
#include <gust/kit/forward.h>
#include <gust/kit/script.h>

struct map {
	struct gust_map set; /* options */
	struct gust_map types;
	struct script_limits limits;

	struct script *script;
	struct forward forward;
	struct gust_column *columns; /* of the output */
	size_t count;                /* how many */
	size_t *places;              /* of the fields that are set */
	struct gust_value *row;
};

static const struct gust_option map_options[] = {
	{ .name = "set",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct map, set),
	  .help = "fields, and the expression in Lua that gives each its value",
	  .flags = GUST_REQUIRED },
	{ .name = "types",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct map, types),
	  .help = "the types of new fields, and of those that change theirs" },
	SCRIPT_LIMITS(map, limits),
	{ .name = NULL },
};

/* The place of `name` in a map, or its count. */
static size_t map_find(const struct gust_map *map, const char *name)
{
	size_t i;

	for (i = 0; i < map->count; i++)
		if (strcmp(map->keys[i], name) == 0)
			break;
	return i;
}

/* Finds the column of field `number` of `set`, or adds it, with its type. */
static int map_place(struct map *map, size_t number, struct gust_error *error)
{
	const char *name = map->set.keys[number];
	const size_t type = map_find(&map->types, name);
	const int found = columns_find(map->columns, name);
	const size_t i = found < 0 ? map->count : (size_t)found;
	struct gust_column *column;

	map->places[number] = i;
	column = &map->columns[i];
	column->name = name;
	if (type < map->types.count)
		return cast_type(map->types.values[type], &column->type, error);
	if (i == map->count)
		return gust_error_set(error, -EINVAL,
				      "option 'set': field '%s' is new, "
				      "expected its type in the option 'types'",
				      name);
	return 0;
}

/* Fills columns and places. map_close() releases them, whatever it returns. */
static int map_arrange(struct map *map, const struct gust_column *columns,
		       struct gust_error *error)
{
	size_t i;
	int r = 0;

	map->count = columns_count(columns);
	map->columns =
		calloc(map->count + map->set.count + 1, sizeof(*map->columns));
	map->row = calloc(map->count + map->set.count + 1, sizeof(*map->row));
	map->places = calloc(map->set.count + 1, sizeof(*map->places));
	if (map->columns == NULL || map->row == NULL || map->places == NULL)
		return -ENOMEM;
	memcpy(map->columns, columns, map->count * sizeof(*columns));
	for (i = 0; r == 0 && i < map->set.count; i++) {
		r = map_place(map, i, error);
		if (map->places[i] == map->count)
			map->count++;
	}
	return r;
}

static int map_compile(struct map *map, const struct gust_column *columns,
		       struct gust_error *error)
{
	char label[200];
	size_t i;
	int r = script_create(&map->script, &map->limits, columns);

	for (i = 0; r == 0 && i < map->set.count; i++) {
		snprintf(label, sizeof(label), "option 'set', field '%s'",
			 map->set.keys[i]);
		r = script_add(map->script, label, map->set.values[i],
			       SCRIPT_EXPRESSION, error);
	}
	return r;
}

static int map_check(const struct map *map, struct gust_error *error)
{
	size_t i;

	if (map->set.count == 0)
		return gust_error_set(error, -EINVAL,
				      "option 'set' names no field");
	for (i = 0; i < map->types.count; i++)
		if (map_find(&map->set, map->types.keys[i]) == map->set.count)
			return gust_error_set(error, -EINVAL,
					      "option 'types' names '%s', "
					      "which the option 'set' does "
					      "not set",
					      map->types.keys[i]);
	return 0;
}

static void map_close(void *self)
{
	struct map *map = self;

	script_destroy(map->script);
	free(map->columns);
	free(map->places);
	free(map->row);
	forward_close(&map->forward);
}

static int map_declare(void *self, struct gust_declaration *about,
		       struct gust_error *error)
{
	const struct gust_column *columns;
	struct map map = *(const struct map *)self;
	int r;

	r = forward_columns(about, &columns, error);
	if (r == 0)
		r = map_check(&map, error);
	if (r == 0)
		r = map_arrange(&map, columns, error);
	if (r == 0)
		r = map_compile(&map, columns, error);
	if (r == 0)
		r = gust_declare_stream(about, "default", map.columns);
	map_close(&map);
	return r;
}

static int map_open(void *self, struct gust_task *task,
		    struct gust_error *error)
{
	const struct gust_column *columns = gust_task_input(task, 0)->columns;
	struct map *map = self;
	int r = forward_open(&map->forward, task, error);

	if (r == 0)
		r = map_arrange(map, columns, error);
	return r < 0 ? r : map_compile(map, columns, error);
}

static int map_run(struct map *map, const struct gust_tuple *in,
		   struct gust_error *error)
{
	const struct forward *forward = &map->forward;
	size_t i, place;
	int r;

	forward_read(&map->forward, in);
	r = script_run(map->script, forward->row, error);
	memcpy(map->row, forward->row, forward->count * sizeof(*map->row));
	for (i = 0; r == 0 && i < map->set.count; i++) {
		place = map->places[i];
		r = script_value(map->script, i, map->columns[place].type,
				 &map->row[place], error);
	}
	return r;
}

static int map_execute(void *self, struct gust_task *task,
		       const struct gust_tuple *in)
{
	struct map *map = self;
	struct gust_error error;
	size_t size;

	error.code = 0;
	if (map_run(map, in, &error) < 0)
		return script_failed(task, in, &error);
	size = columns_size(map->row, map->count);
	if (size > gust_tuple_max(task))
		return gust_dead_letter(task, in,
					"the tuple would have %zu bytes, "
					"expected at most %zu "
					"(topology.tuple.max.bytes)",
					size, gust_tuple_max(task));
	return gust_emit_values(task, 0, map->row, map->count);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "map",
	.summary = "sets fields to the values of expressions",
	.options = map_options,
	.instance_size = sizeof(struct map),
	.flags = GUST_DETERMINISTIC,
	.declare = map_declare,
	.open = map_open,
	.execute = map_execute,
	.close = map_close,
};
