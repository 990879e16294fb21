/* SPDX-License-Identifier: MIT */

#include "letter.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <gust/kit/object.h>

json_int_t letter_format(const json_t *letter)
{
	const json_t *format = json_object_get(letter, "format");

	return json_is_integer(format) ? json_integer_value(format) : 0;
}

const char *letter_stream(const json_t *letter)
{
	if (json_object_get(letter, "record") != NULL)
		return "record";
	return json_string_value(json_object_get(letter, "stream"));
}

static bool letter_has(const json_t *letter, const char *member,
		       const char *part, bool whole)
{
	const char *text = json_string_value(json_object_get(letter, member));

	if (part == NULL)
		return true;
	if (text == NULL)
		return false;
	return whole ? strcmp(text, part) == 0 : strstr(text, part) != NULL;
}

bool letter_matches(const json_t *letter, const char *component,
		    const char *reason)
{
	return letter_has(letter, "component", component, true) &&
	       letter_has(letter, "reason", reason, false);
}

/* The content of an object with one member, {tag: content}, or NULL. */
static const json_t *letter_tagged(const json_t *json, const char *tag)
{
	return json_object_size(json) == 1 ? json_object_get(json, tag) : NULL;
}

/* Reads {tag: TEXT}, where TEXT is base64. */
static int letter_base64(const json_t *json, const char *tag,
			 struct buffer *scratch, struct gust_value *value)
{
	const struct gust_column column[] = { { tag, GUST_BYTES },
					      { NULL, GUST_NULL } };

	if (!json_is_string(letter_tagged(json, tag)))
		return -EINVAL;
	return object_values(json, column, scratch, value, NULL);
}

static int letter_text(const json_t *json, struct buffer *scratch,
		       struct gust_value *value)
{
	if (!json_is_string(json))
		return letter_base64(json, "base64", scratch, value);
	*value = gust_bytes(json_string_value(json), json_string_length(json));
	return 0;
}

static int letter_float(const json_t *json, struct gust_value *value)
{
	const char *name = json_string_value(letter_tagged(json, "float"));

	if (json_is_number(json))
		*value = gust_float(json_number_value(json));
	else if (name != NULL && strcmp(name, "nan") == 0)
		*value = gust_float(NAN);
	else if (name != NULL && strcmp(name, "inf") == 0)
		*value = gust_float(INFINITY);
	else if (name != NULL && strcmp(name, "-inf") == 0)
		*value = gust_float(-INFINITY);
	else
		return -EINVAL;
	return 0;
}

static int letter_data(const json_t *json, enum gust_type type,
		       struct buffer *scratch, struct gust_value *value)
{
	int r;

	if (type == GUST_BYTES)
		r = letter_base64(json, "bytes", scratch, value);
	else if (type == GUST_JSON)
		r = letter_text(letter_tagged(json, "json"), scratch, value);
	else
		r = letter_text(json, scratch, value);
	if (r == 0)
		value->type = type;
	return r;
}

static int letter_value(const json_t *json, enum gust_type type,
			struct buffer *scratch, struct gust_value *value)
{
	if (json == NULL || json_is_null(json)) {
		*value = gust_null();
		return 0;
	}
	switch (type) {
	case GUST_BOOL:
		*value = gust_bool(json_is_true(json));
		return json_is_boolean(json) ? 0 : -EINVAL;
	case GUST_INT:
		*value = gust_int(json_integer_value(json));
		return json_is_integer(json) ? 0 : -EINVAL;
	case GUST_FLOAT:
		return letter_float(json, value);
	default:
		return letter_data(json, type, scratch, value);
	}
}

int letter_read(const json_t *letter, const struct gust_column *columns,
		struct buffer *scratch, struct gust_value *row,
		struct gust_error *error)
{
	const json_t *record = json_object_get(letter, "record");
	const json_t *fields = json_object_get(letter, "fields"), *field;
	size_t i;
	int r;

	scratch->used = 0;
	for (i = 0; columns[i].name != NULL; i++) {
		field = json_object_get(fields, columns[i].name);
		if (record != NULL && i == 0)
			r = letter_text(record, scratch, &row[i]);
		else
			r = letter_value(field, columns[i].type, scratch,
					 &row[i]);
		if (r == -EINVAL)
			return gust_error_set(error, r,
					      "field '%.60s' is no %s, which "
					      "'outputs:' says",
					      columns[i].name,
					      gust_type_name(columns[i].type));
		if (r < 0)
			return r;
		if (record != NULL && i == 0)
			row[i].type = columns[i].type;
	}
	return 0;
}
