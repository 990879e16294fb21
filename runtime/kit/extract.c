/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/columns.h>
#include <gust/kit/extract.h>

/* How much of a value is shown in a reason. */
#define EXTRACT_SHOWN 80

struct extract_place {
	bool kept;
	struct gust_field field; /* if it is kept */
	size_t number;           /* among `columns`, if not */
};

static bool extract_keeps(const struct extract *extract, const char *name)
{
	size_t i;

	for (i = 0; i < extract->keep.count; i++)
		if (strcmp(extract->keep.items[i], name) == 0)
			return true;
	return false;
}

/* The columns that `outputs:` gives to `default`, or NULL. */
static const struct gust_column *
extract_outputs(const struct gust_declaration *about)
{
	const struct gust_stream *stream;
	size_t i;

	for (i = 0; i < gust_declared_outputs(about); i++) {
		stream = gust_declared_output(about, i);
		if (strcmp(stream->name, "default") == 0)
			return stream->columns;
	}
	return NULL;
}

/* Whether the input has what the options name, in types that will do. */
static int extract_check_input(const struct extract *extract,
			       const struct gust_declaration *about,
			       struct gust_error *error)
{
	enum gust_type type;
	size_t i;
	int r;

	r = gust_declared_type(about, extract->field, &type, error);
	if (r < 0)
		return r;
	if (type < GUST_STRING)
		return gust_error_set(error, -EINVAL,
				      "field '%s' is %s, expected string, "
				      "bytes or json",
				      extract->field, gust_type_name(type));
	for (i = 0; i < extract->keep.count; i++) {
		r = gust_declared_type(about, extract->keep.items[i], &type,
				       error);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Whether `outputs:` agrees with `keep` and with what the bolt knows. */
static int extract_check_outputs(const struct extract *extract,
				 const struct gust_declaration *about,
				 const struct gust_column *outputs,
				 const struct gust_column *known,
				 struct gust_error *error)
{
	const struct gust_column *column;
	enum gust_type type;
	size_t i;

	for (i = 0; i < extract->keep.count; i++)
		if (columns_find(outputs, extract->keep.items[i]) < 0)
			return gust_error_set(
				error, -EINVAL,
				"option 'keep': field '%s' is not in "
				"'outputs', expected it there, too",
				extract->keep.items[i]);
	for (column = outputs; column->name != NULL; column++) {
		if (!extract_keeps(extract, column->name)) {
			if (known == NULL ||
			    columns_find(known, column->name) >= 0)
				continue;
			return gust_error_set(
				error, -EINVAL,
				"field '%s' of 'outputs' is none that can be "
				"found, expected a name that is, or one in "
				"'keep'",
				column->name);
		}
		i = (size_t)gust_declared_type(about, column->name, &type,
					       error);
		assert(i == 0);
		if (type != column->type)
			return gust_error_set(
				error, -EINVAL,
				"field '%s' of 'outputs' is %s, expected %s, "
				"as in the input",
				column->name, gust_type_name(column->type),
				gust_type_name(type));
	}
	return 0;
}

/* Without `outputs:`: what is kept, then what is known. */
static int extract_declare_known(const struct extract *extract,
				 struct gust_declaration *about,
				 const struct gust_column *known,
				 struct gust_error *error)
{
	const size_t kept = extract->keep.count, count = columns_count(known);
	struct gust_column *columns;
	size_t i;
	int r = 0;

	columns = malloc((kept + count + 1) * sizeof(*columns));
	if (columns == NULL)
		return -ENOMEM;
	for (i = 0; i < kept && r == 0; i++) {
		columns[i].name = extract->keep.items[i];
		r = gust_declared_type(about, columns[i].name, &columns[i].type,
				       error);
		columns[i + 1] = (struct gust_column){ NULL, GUST_NULL };
		if (r == 0 && columns_find(known, columns[i].name) >= 0)
			r = gust_error_set(
				error, -EINVAL,
				"option 'keep': field '%s' is also what is "
				"found, expected one of the two in 'outputs'",
				columns[i].name);
	}
	memcpy(columns + kept, known, (count + 1) * sizeof(*columns));
	if (r == 0)
		r = gust_declare_stream(about, "default", columns);
	free(columns);
	return r;
}

int extract_declare(const struct extract *extract,
		    struct gust_declaration *about,
		    const struct gust_column *known, bool all,
		    struct gust_error *error)
{
	const struct gust_column *outputs = extract_outputs(about);
	int r = extract_check_input(extract, about, error);

	if (r < 0)
		return r;
	if (outputs == NULL && known == NULL)
		return gust_error_set(error, -EINVAL,
				      "its fields are not known, expected "
				      "them in 'outputs', such as outputs: "
				      "{default: {id: int, name: string}}");
	if (outputs == NULL)
		return extract_declare_known(extract, about, known, error);
	r = extract_check_outputs(extract, about, outputs, all ? known : NULL,
				  error);
	return r < 0 ? r : gust_declare_stream(about, "default", outputs);
}

static int extract_allocate(struct extract *extract, size_t count)
{
	extract->place_count = count;
	extract->places = calloc(count, sizeof(*extract->places));
	extract->row = calloc(count, sizeof(*extract->row));
	extract->values = calloc(count, sizeof(*extract->values));
	extract->columns = calloc(count + 1, sizeof(*extract->columns));
	return extract->places == NULL || extract->row == NULL ||
			       extract->values == NULL ||
			       extract->columns == NULL
		       ? -ENOMEM
		       : 0;
}

int extract_open(struct extract *extract, struct gust_task *task,
		 struct gust_error *error)
{
	const struct gust_column *columns = gust_task_output(task, 0)->columns;
	struct extract_place *place;
	size_t i;
	int r;

	r = gust_field(task, extract->field, GUST_NULL, &extract->text, error);
	if (r == 0)
		r = extract_allocate(extract, columns_count(columns));
	for (i = 0; r == 0 && i < extract->place_count; i++) {
		place = &extract->places[i];
		place->kept = extract_keeps(extract, columns[i].name);
		if (place->kept) {
			r = gust_field(task, columns[i].name, columns[i].type,
				       &place->field, error);
			continue;
		}
		place->number = extract->count++;
		extract->columns[place->number] = columns[i];
	}
	return r;
}

int extract_begin(struct extract *extract, struct gust_task *task,
		  const struct gust_tuple *in, struct gust_text *text,
		  int *result)
{
	size_t i;

	extract->scratch.used = 0;
	for (i = 0; i < extract->count; i++)
		extract->values[i] = gust_null();
	*text = gust_text(in, extract->text);
	if (!gust_is_null(in, extract->text))
		return 0;
	*result = aside_put(&extract->aside, task, in, "field '%s' is null",
			    extract->field);
	return 1;
}

/* Fills the row in; the number of the column that could not be cast. */
static int extract_row(struct extract *extract, const struct gust_tuple *in,
		       size_t *bad)
{
	const struct extract_place *place;
	size_t i;
	int r;

	for (i = 0; i < extract->place_count; i++) {
		place = &extract->places[i];
		if (place->kept) {
			extract->row[i] = gust_value(in, place->field);
			continue;
		}
		*bad = place->number;
		r = cast_value(extract->values[place->number],
			       extract->columns[place->number].type,
			       &extract->scratch, &extract->row[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int extract_refuse(struct extract *extract, struct gust_task *task,
			  const struct gust_tuple *in, size_t bad)
{
	const struct gust_column *column = &extract->columns[bad];
	struct gust_value *value = &extract->values[bad];

	if (value->type >= GUST_STRING)
		return aside_put(
			&extract->aside, task, in,
			"field '%s' is '%.*s', expected %s", column->name,
			value->length < EXTRACT_SHOWN ? (int)value->length
						      : EXTRACT_SHOWN,
			value->as.data, gust_type_name(column->type));
	return aside_put(&extract->aside, task, in,
			 "field '%s' is %s, expected %s", column->name,
			 gust_type_name((enum gust_type)value->type),
			 gust_type_name(column->type));
}

int extract_emit(struct extract *extract, struct gust_task *task,
		 const struct gust_tuple *in)
{
	const size_t before = extract->scratch.used;
	const char *data;
	size_t bad = 0;
	int r;

	/* The row may borrow the scratch, which moves while it grows. It has
	 * room then, and the same values stay where they are. */
	do {
		data = extract->scratch.data;
		extract->scratch.used = before;
		r = extract_row(extract, in, &bad);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return extract_refuse(extract, task, in, bad);
	} while (extract->scratch.data != data);
	if (columns_size(extract->row, extract->place_count) >
	    gust_tuple_max(task))
		return aside_put(&extract->aside, task, in,
				 "what was found is longer than a tuple may "
				 "be, %zu bytes",
				 gust_tuple_max(task));
	return gust_emit_values(task, 0, extract->row, extract->place_count);
}

void extract_close(struct extract *extract)
{
	free(extract->places);
	free(extract->row);
	free(extract->values);
	free(extract->columns);
	buffer_destroy(&extract->scratch);
	aside_close(&extract->aside);
}
