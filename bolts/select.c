/* SPDX-License-Identifier: MIT */

/*
 * select: chooses fields, renames them, and changes their types.
 *
 * All options name fields as they come in. `keep` names the fields that are
 * emitted, in that order; without it all of them are, except those of `drop`.
 * `cast` gives fields another type, `default` puts a value where a field is
 * null, and `rename` gives fields new names: {old: new}.
 *
 * A text is read as a bool (true, false, yes, no, on, off, 1, 0), as a decimal
 * int, as a float or as JSON, with nothing before or after it. A float becomes
 * an int if that loses nothing, a bool 0 or 1 as a number; everything can
 * become a string. Null stays null. A tuple with a value that cannot be cast
 * goes to the dead letters with its reason, or to the stream `invalid`.
 *
 * Input:
 *	any streams that have the fields that are named; without `keep`, and
 *	for the stream `invalid`, all with the same fields
 * Output:
 *	default: the fields that were chosen, with new names and types
 *	invalid: the fields of the input and reason: string (with `invalid:
 *	stream`)
 *
 * Example:
 *	bolts:
 *	  - id: tidy
 *	    plugin: select
 *	    options:
 *	      drop: [password, note]
 *	      rename: {ts: time}
 *	      cast: {ts: int, price: float}
 *	      default: {price: 0}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/aside.h>
#include <gust/kit/buffer.h>
#include <gust/kit/cast.h>
#include <gust/kit/columns.h>
#include <gust/kit/forward.h>

#define SELECT_INVALID "invalid"

/* How much of a value is shown in a reason. */
#define SELECT_SHOWN 80

/* A field of the output. */
struct select_field {
	const char *name; /* in the input */
	enum gust_type type;
	struct gust_field from;
	struct gust_value fallback; /* null if there is none */
};

struct select {
	struct gust_list keep; /* options */
	struct gust_list drop;
	struct gust_map rename;
	struct gust_map cast;
	struct gust_map fallback;
	struct aside aside;

	struct select_field *fields;
	size_t count;
	struct gust_value *row;
	struct buffer scratch;
};

static const struct gust_option select_options[] = {
	{ .name = "keep",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct select, keep),
	  .help = "the fields to emit, in this order; all if left out" },
	{ .name = "drop",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct select, drop),
	  .help = "fields that are not emitted" },
	{ .name = "rename",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct select, rename),
	  .help = "new names: {old: new}" },
	{ .name = "cast",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct select, cast),
	  .help = "new types: {field: type}" },
	{ .name = "default",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct select, fallback),
	  .help = "what stands where a field is null: {field: value}" },
	{ .name = SELECT_INVALID,
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct select, aside.where),
	  .fallback = "dead_letter",
	  .help = "where tuples go that cannot be cast",
	  .choices = aside_choices },
	{ .name = NULL },
};

static bool select_in_list(const struct gust_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i], name) == 0)
			return true;
	return false;
}

/* The value of a key, or NULL. */
static const char *select_in_map(const struct gust_map *map, const char *name)
{
	size_t i;

	for (i = 0; i < map->count; i++)
		if (strcmp(map->keys[i], name) == 0)
			return map->values[i];
	return NULL;
}

/* Whether `name`, which option `option` names, comes in and is emitted. */
static int select_check_name(const struct select *select,
			     const struct gust_declaration *about,
			     const char *option, const char *name,
			     struct gust_error *error)
{
	enum gust_type type;
	int r = gust_declared_type(about, name, &type, error);

	if (r < 0)
		return r;
	if (select->keep.count > 0 ? !select_in_list(&select->keep, name)
				   : select_in_list(&select->drop, name))
		return gust_error_set(error, -EINVAL,
				      "option '%s': field '%s' is not emitted, "
				      "expected one that is",
				      option, name);
	return 0;
}

static int select_check(const struct select *select,
			const struct gust_declaration *about,
			struct gust_error *error)
{
	const struct gust_map *const maps[] = { &select->rename, &select->cast,
						&select->fallback };
	static const char *const names[] = { "rename", "cast", "default" };
	enum gust_type type;
	size_t i, k;
	int r = 0;

	if (select->keep.count > 0 && select->drop.count > 0)
		return gust_error_set(error, -EINVAL,
				      "option 'drop' has no meaning beside "
				      "'keep', expected one of them");
	for (i = 0; r == 0 && i < select->drop.count; i++)
		r = gust_declared_type(about, select->drop.items[i], &type,
				       error);
	for (i = 0; r == 0 && i < sizeof(maps) / sizeof(maps[0]); i++)
		for (k = 0; r == 0 && k < maps[i]->count; k++)
			r = select_check_name(select, about, names[i],
					      maps[i]->keys[k], error);
	return r;
}

/* The field `name` of the input, of that type, as it is emitted. */
static int select_column(const struct select *select, const char *name,
			 enum gust_type type, struct gust_column *column,
			 struct gust_error *error)
{
	const char *renamed = select_in_map(&select->rename, name);
	const char *cast = select_in_map(&select->cast, name);
	const char *fallback = select_in_map(&select->fallback, name);
	struct gust_error why = { 0 };
	struct gust_value value;

	if (cast != NULL && cast_type(cast, &type, &why) < 0)
		return gust_error_set(error, -EINVAL, "option 'cast': %s",
				      why.text);
	if (fallback != NULL &&
	    cast_text(fallback, strlen(fallback), type, &value) < 0)
		return gust_error_set(error, -EINVAL,
				      "option 'default': '%.80s' is no %s, "
				      "expected one for field '%s'",
				      fallback, gust_type_name(type), name);
	*column =
		(struct gust_column){ renamed != NULL ? renamed : name, type };
	return 0;
}

/*
 * The name of field `i` of those that may be emitted; NULL behind the last one
 * and `*dropped` for one that is left out.
 */
static const char *select_name(const struct select *select,
			       const struct gust_column *input, size_t i,
			       bool *dropped)
{
	const char *name;

	*dropped = false;
	if (select->keep.count > 0)
		return i < select->keep.count ? select->keep.items[i] : NULL;
	name = input[i].name;
	*dropped = name != NULL && select_in_list(&select->drop, name);
	return name;
}

/* Fills in what is emitted; there is room for all of the input or of `keep`. */
static int select_columns(const struct select *select,
			  const struct gust_declaration *about,
			  const struct gust_column *input,
			  struct gust_column *columns, struct gust_error *error)
{
	enum gust_type type;
	const char *name;
	size_t i, count = 0;
	bool dropped;
	int r = 0;

	for (i = 0; (name = select_name(select, input, i, &dropped)) != NULL;
	     i++) {
		if (dropped)
			continue;
		r = gust_declared_type(about, name, &type, error);
		if (r == 0)
			r = select_column(select, name, type, &columns[count++],
					  error);
		if (r < 0)
			return r;
	}
	if (count == 0)
		return gust_error_set(error, -EINVAL,
				      "option 'drop' leaves no field, expected "
				      "one at least");
	columns[count] = (struct gust_column){ NULL, GUST_NULL };
	return 0;
}

static int select_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	const struct select *select = self;
	const struct gust_column *input = NULL;
	struct gust_column *columns;
	int r = 0;

	if (select->keep.count == 0)
		r = forward_columns(about, &input, error);
	if (r == 0)
		r = select_check(select, about, error);
	if (r < 0)
		return r;
	columns = calloc(select->keep.count > 0 ? select->keep.count + 1
						: columns_count(input) + 1,
			 sizeof(*columns));
	if (columns == NULL)
		return -ENOMEM;
	r = select_columns(select, about, input, columns, error);
	if (r == 0)
		r = gust_declare_stream(about, "default", columns);
	free(columns);
	return r < 0 ? r
		     : aside_declare(&select->aside, SELECT_INVALID, about,
				     error);
}

static int select_open_field(const struct select *select, const char *name,
			     struct select_field *field, struct gust_task *task,
			     struct gust_error *error)
{
	const char *fallback = select_in_map(&select->fallback, name);

	field->name = name;
	/* declare() has tried it. */
	if (fallback != NULL)
		cast_text(fallback, strlen(fallback), field->type,
			  &field->fallback);
	return gust_field(task, name, GUST_NULL, &field->from, error);
}

static int select_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct select *select = self;
	const struct gust_column *input = gust_task_input(task, 0)->columns;
	const struct gust_column *output = gust_task_output(task, 0)->columns;
	const size_t count = columns_count(output);
	const char *name;
	bool dropped;
	size_t i;
	int r = 0;

	select->fields = calloc(count, sizeof(*select->fields));
	select->row = calloc(count, sizeof(*select->row));
	if (select->fields == NULL || select->row == NULL)
		return -ENOMEM;
	for (i = 0; (name = select_name(select, input, i, &dropped)) != NULL;
	     i++) {
		if (dropped)
			continue;
		select->fields[select->count].type = output[select->count].type;
		r = select_open_field(select, name,
				      &select->fields[select->count++], task,
				      error);
		if (r < 0)
			return r;
	}
	return aside_open(&select->aside, SELECT_INVALID, task, error);
}

/* Fills the row in; `*bad` is the field that could not be cast. */
static int select_row(struct select *select, const struct gust_tuple *in,
		      const struct select_field **bad)
{
	const struct select_field *field;
	size_t i;
	int r;

	for (i = 0; i < select->count; i++) {
		field = *bad = &select->fields[i];
		if (gust_is_null(in, field->from)) {
			select->row[i] = field->fallback;
			continue;
		}
		r = cast_value(gust_value(in, field->from), field->type,
			       &select->scratch, &select->row[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int select_refuse(struct select *select, struct gust_task *task,
			 const struct gust_tuple *in,
			 const struct select_field *bad)
{
	const struct gust_value value = gust_value(in, bad->from);

	if (value.type >= GUST_STRING)
		return aside_put(&select->aside, task, in,
				 "field '%s' is '%.*s', expected %s", bad->name,
				 value.length < SELECT_SHOWN ? (int)value.length
							     : SELECT_SHOWN,
				 value.as.data, gust_type_name(bad->type));
	return aside_put(&select->aside, task, in,
			 "field '%s' is %s that fits no %s", bad->name,
			 gust_type_name((enum gust_type)value.type),
			 gust_type_name(bad->type));
}

static int select_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct select *select = self;
	const struct select_field *bad = NULL;
	const char *data;
	int r;

	/* The row may borrow the scratch, which moves while it grows; it has
	 * room then. */
	do {
		data = select->scratch.data;
		select->scratch.used = 0;
		r = select_row(select, in, &bad);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return select_refuse(select, task, in, bad);
	} while (select->scratch.data != data);
	if (columns_size(select->row, select->count) > gust_tuple_max(task))
		return aside_put(&select->aside, task, in,
				 "it is longer than a tuple may be, %zu bytes",
				 gust_tuple_max(task));
	return gust_emit_values(task, 0, select->row, select->count);
}

static void select_close(void *self)
{
	struct select *select = self;

	free(select->fields);
	free(select->row);
	buffer_destroy(&select->scratch);
	aside_close(&select->aside);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "select",
	.summary = "chooses fields, renames them and changes their types",
	.options = select_options,
	.instance_size = sizeof(struct select),
	.flags = GUST_DETERMINISTIC,
	.declare = select_declare,
	.open = select_open,
	.execute = select_execute,
	.close = select_close,
};
