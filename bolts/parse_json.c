/* SPDX-License-Identifier: MIT */

/*
 * parse_json: takes fields out of a text of JSON.
 *
 * The text must be one object. Each field of `outputs` is the member of that
 * name: null where there is none or where it is null, and of a fitting type
 * else. A float takes any number, an int one without a fraction, a string also
 * a number, bytes a string in base64, json any member as it stands. Members
 * that no field names are left out.
 *
 * `paths` says where fields are that lie deeper or have another name: names of
 * members with dots between them, and numbers, from 0, for elements of arrays.
 * `keep` names fields of the input that are emitted as they are; they stand in
 * `outputs`, too.
 *
 * What is no object of JSON, or has a member of another type, goes to the dead
 * letters with its reason, or to the stream `unparsed`.
 *
 * Input:
 *	any streams with the field `field` (line), a text; for the stream
 *	`unparsed` all with the same fields
 * Output:
 *	default: what `outputs` says
 *	unparsed: the fields of the input and reason: string (with `unparsed:
 *	stream`)
 *
 * Example:
 *	bolts:
 *	  - id: orders
 *	    plugin: parse_json
 *	    options: {paths: {city: customer.address.city, first: items.0.name}}
 *	    outputs: {default: {id: int, total: float, city: string,
 *	                        first: string}}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <gust/bolt.h>
#include <gust/kit/columns.h>
#include <gust/kit/extract.h>
#include <gust/kit/object.h>

struct parse_json {
	struct gust_map paths; /* options */
	struct extract extract;

	struct buffer scratch;
};

static const struct gust_option parse_json_options[] = {
	EXTRACT_OPTIONS(struct parse_json, extract),
	{ .name = "paths",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct parse_json, paths),
	  .help = "where fields are that are no members of that name" },
	EXTRACT_UNPARSED_OPTION(struct parse_json, extract),
	{ .name = NULL },
};

/* Each path must be one, for a field that is emitted and not kept. */
static int parse_json_check_path(const struct parse_json *json, size_t at,
				 const struct gust_declaration *about,
				 struct gust_error *error)
{
	const char *name = json->paths.keys[at], *path = json->paths.values[at];
	const size_t n = strlen(path);
	const struct gust_stream *stream;
	size_t i;

	if (n == 0 || path[0] == '.' || path[n - 1] == '.' ||
	    strstr(path, "..") != NULL)
		return gust_error_set(error, -EINVAL,
				      "option 'paths': '%.100s' is no path, "
				      "expected names with dots between them",
				      path);
	for (i = 0; i < json->extract.keep.count; i++)
		if (strcmp(json->extract.keep.items[i], name) == 0)
			return gust_error_set(error, -EINVAL,
					      "option 'paths': field '%s' is "
					      "in 'keep', expected one of both",
					      name);
	for (i = 0; i < gust_declared_outputs(about); i++) {
		stream = gust_declared_output(about, i);
		if (strcmp(stream->name, "default") == 0 &&
		    columns_find(stream->columns, name) >= 0)
			return 0;
	}
	return gust_error_set(error, -EINVAL,
			      "option 'paths': field '%s' is not in 'outputs', "
			      "expected it there, with its type",
			      name);
}

static int parse_json_declare(void *self, struct gust_declaration *about,
			      struct gust_error *error)
{
	const struct parse_json *json = self;
	size_t i;
	int r;

	r = extract_declare(&json->extract, about, NULL, false, error);
	for (i = 0; r == 0 && i < json->paths.count; i++)
		r = parse_json_check_path(json, i, about, error);
	return r < 0 ? r
		     : aside_declare(&json->extract.aside, EXTRACT_UNPARSED,
				     about, error);
}

static int parse_json_open(void *self, struct gust_task *task,
			   struct gust_error *error)
{
	struct parse_json *json = self;
	int r = extract_open(&json->extract, task, error);

	return r < 0 ? r
		     : aside_open(&json->extract.aside, EXTRACT_UNPARSED, task,
				  error);
}

/* An element of an array, where a part of a path is a number. */
static json_t *parse_json_element(const json_t *array, const char *number,
				  size_t n)
{
	size_t i, at = 0;

	if (n > 9)
		return NULL;
	for (i = 0; i < n; i++) {
		if (number[i] < '0' || number[i] > '9')
			return NULL;
		at = 10 * at + (size_t)(number[i] - '0');
	}
	return json_array_get(array, at);
}

/* What a path leads to, or NULL. */
static json_t *parse_json_follow(json_t *from, const char *path)
{
	char name[256];
	size_t n;

	for (;; path += n + 1) {
		n = strcspn(path, ".");
		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		from = json_is_array(from) ? parse_json_element(from, name, n)
					   : json_object_get(from, name);
		if (from == NULL || path[n] == '\0')
			return from;
	}
}

/*
 * What the columns are read from: the object itself, or a new one of its
 * members that the columns name and what the paths lead to.
 */
static json_t *parse_json_gather(const struct parse_json *json, json_t *object)
{
	const struct gust_column *column = json->extract.columns;
	json_t *gathered, *found;
	size_t i;
	int r = 0;

	if (json->paths.count == 0)
		return json_incref(object);
	gathered = json_object();
	for (; column->name != NULL && r == 0; column++) {
		found = json_object_get(object, column->name);
		for (i = 0; i < json->paths.count; i++)
			if (strcmp(json->paths.keys[i], column->name) == 0)
				found = parse_json_follow(
					object, json->paths.values[i]);
		if (found != NULL)
			r = json_object_set(gathered, column->name, found);
	}
	if (r == 0)
		return gathered;
	json_decref(gathered);
	return NULL;
}

static int parse_json_execute(void *self, struct gust_task *task,
			      const struct gust_tuple *in)
{
	struct parse_json *json = self;
	struct extract *extract = &json->extract;
	struct gust_error error = { 0 };
	json_t *object = NULL, *members = NULL;
	struct gust_text text;
	int r;

	if (extract_begin(extract, task, in, &text, &r) != 0)
		return r;
	json->scratch.used = 0;
	r = object_load(&object, text.data, text.length, &error);
	if (r == 0) {
		members = parse_json_gather(json, object);
		r = members == NULL ? -ENOMEM
				    : object_values(members, extract->columns,
						    &json->scratch,
						    extract->values, &error);
	}
	if (r == 0)
		r = extract_emit(extract, task, in);
	else if (r == -EINVAL)
		r = aside_put(&extract->aside, task, in, "%s", error.text);
	json_decref(members);
	json_decref(object);
	return r;
}

static void parse_json_close(void *self)
{
	struct parse_json *json = self;

	extract_close(&json->extract);
	buffer_destroy(&json->scratch);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "parse_json",
	.summary = "takes fields out of a text of JSON",
	.options = parse_json_options,
	.instance_size = sizeof(struct parse_json),
	.flags = GUST_DETERMINISTIC,
	.declare = parse_json_declare,
	.open = parse_json_open,
	.execute = parse_json_execute,
	.close = parse_json_close,
};
