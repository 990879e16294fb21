/* SPDX-License-Identifier: MIT */

/*
 * to_json: puts the fields of a tuple into one text of JSON.
 *
 * The text is an object on one line, with a member for each field of `fields`,
 * in that order; without them it has all fields. Ints, floats and bools are
 * written as such, bytes in base64, json as it stands. Floats that JSON has no
 * word for become null, and bytes of a string that are no UTF-8 U+FFFD.
 *
 * `keep` names fields of the input that are emitted in front of the text. A
 * tuple whose text would be too long for a tuple goes to the dead letters.
 *
 * Input:
 *	any streams that have all fields of `fields` and `keep`
 * Output:
 *	default: the fields of `keep`, then the field `into` (json: json)
 *
 * Example:
 *	bolts:
 *	  - {id: all, plugin: to_json}
 *	  - id: some
 *	    plugin: to_json
 *	    options: {fields: [time, message], into: record, keep: host}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>
#include <gust/kit/object.h>

struct to_json {
	struct gust_list fields; /* options */
	struct gust_list keep;
	const char *into;
	bool skip_null;

	struct gust_field *handles; /* of `fields`, then of `keep` */
	struct gust_value *row;
	struct buffer text;
};

static const struct gust_option to_json_options[] = {
	{ .name = "fields",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct to_json, fields),
	  .help = "the fields to put in; all if left out" },
	{ .name = "keep",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct to_json, keep),
	  .help = "fields of the input that are emitted, too" },
	{ .name = "into",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct to_json, into),
	  .fallback = "json",
	  .help = "the name of the field that holds the text" },
	{ .name = "skip_null",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct to_json, skip_null),
	  .fallback = "false",
	  .help = "leaves fields out that are null" },
	{ .name = NULL },
};

static int to_json_declare(void *self, struct gust_declaration *about,
			   struct gust_error *error)
{
	const struct to_json *json = self;
	const size_t kept = json->keep.count;
	struct gust_column *columns;
	enum gust_type type;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < json->fields.count; i++)
		r = gust_declared_type(about, json->fields.items[i], &type,
				       error);
	if (r < 0)
		return r;
	columns = calloc(kept + 2, sizeof(*columns));
	if (columns == NULL)
		return -ENOMEM;
	for (i = 0; r == 0 && i < kept; i++) {
		columns[i].name = json->keep.items[i];
		r = gust_declared_type(about, columns[i].name, &columns[i].type,
				       error);
		if (r == 0 && strcmp(columns[i].name, json->into) == 0)
			r = gust_error_set(error, -EINVAL,
					   "option 'into': field '%s' is in "
					   "'keep', expected another name",
					   json->into);
	}
	columns[kept] = (struct gust_column){ json->into, GUST_JSON };
	if (r == 0)
		r = gust_declare_stream(about, "default", columns);
	free(columns);
	return r;
}

static int to_json_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct to_json *json = self;
	const size_t fields = json->fields.count, kept = json->keep.count;
	size_t i;
	int r = 0;

	json->handles = calloc(fields + kept + 1, sizeof(*json->handles));
	json->row = calloc(kept + 1, sizeof(*json->row));
	if (json->handles == NULL || json->row == NULL)
		return -ENOMEM;
	for (i = 0; r == 0 && i < fields + kept; i++)
		r = gust_field(task,
			       i < fields ? json->fields.items[i]
					  : json->keep.items[i - fields],
			       GUST_NULL, &json->handles[i], error);
	return r;
}

/* Appends a member, unless it is null and those are left out. */
static int to_json_member(struct to_json *json, const char *name,
			  struct gust_value value)
{
	struct buffer *text = &json->text;
	int r = 0;

	if (value.type == GUST_NULL && json->skip_null)
		return 0;
	if (text->used > 1)
		r = buffer_char(text, ',');
	if (r == 0)
		r = object_string(text, name, strlen(name));
	if (r == 0)
		r = buffer_char(text, ':');
	return r == 0 ? object_value(text, value) : r;
}

static int to_json_write(struct to_json *json, const struct gust_task *task,
			 const struct gust_tuple *in)
{
	const struct gust_column *columns;
	size_t i;
	int r;

	json->text.used = 0;
	r = buffer_char(&json->text, '{');
	for (i = 0; r == 0 && i < json->fields.count; i++)
		r = to_json_member(json, json->fields.items[i],
				   gust_value(in, json->handles[i]));
	if (json->fields.count == 0) {
		columns = gust_tuple_input(task, in)->columns;
		for (i = 0; r == 0 && i < in->fields; i++)
			r = to_json_member(json, columns[i].name,
					   gust_value_at(in, i));
	}
	return r == 0 ? buffer_char(&json->text, '}') : r;
}

static int to_json_execute(void *self, struct gust_task *task,
			   const struct gust_tuple *in)
{
	struct to_json *json = self;
	const size_t kept = json->keep.count;
	size_t i;
	int r = to_json_write(json, task, in);

	if (r < 0)
		return r;
	for (i = 0; i < kept; i++)
		json->row[i] =
			gust_value(in, json->handles[json->fields.count + i]);
	json->row[kept] = gust_json(json->text.data, json->text.used);
	if (columns_size(json->row, kept + 1) > gust_tuple_max(task))
		return gust_reject(task, in,
				   "its text of JSON is longer than a tuple "
				   "may be, %zu bytes",
				   gust_tuple_max(task));
	return gust_emit_values(task, 0, json->row, kept + 1);
}

static void to_json_close(void *self)
{
	struct to_json *json = self;

	free(json->handles);
	free(json->row);
	buffer_destroy(&json->text);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "to_json",
	.summary = "puts the fields of a tuple into one text of JSON",
	.options = to_json_options,
	.instance_size = sizeof(struct to_json),
	.flags = GUST_DETERMINISTIC,
	.declare = to_json_declare,
	.open = to_json_open,
	.execute = to_json_execute,
	.close = to_json_close,
};
