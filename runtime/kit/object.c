/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/object.h>
#include <gust/kit/utf8.h>

#include "base/base64.h"

/* What stands for a byte that is no UTF-8. */
#define OBJECT_REPLACEMENT "\xef\xbf\xbd"

/* Appends a character that cannot stand in a string as it is. */
static int object_escape(struct buffer *buffer, unsigned char c)
{
	static const char letters[] = "0123456789abcdef";
	char text[] = "\\u0000";

	switch (c) {
	case '"':
		return buffer_text(buffer, "\\\"");
	case '\\':
		return buffer_text(buffer, "\\\\");
	case '\n':
		return buffer_text(buffer, "\\n");
	case '\r':
		return buffer_text(buffer, "\\r");
	case '\t':
		return buffer_text(buffer, "\\t");
	default:
		text[4] = letters[c >> 4];
		text[5] = letters[c & 15];
		return buffer_text(buffer, text);
	}
}

int object_string(struct buffer *buffer, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t begin = 0, at = 0, length;
	int r = buffer_char(buffer, '"');

	while (r == 0 && at < n) {
		length = utf8_character(text + at, n - at);
		if (length > 0 && p[at] >= ' ' && p[at] != '"' &&
		    p[at] != '\\') {
			at += length;
			continue;
		}
		r = buffer_append(buffer, text + begin, at - begin);
		if (r < 0)
			return r;
		r = length == 0 ? buffer_text(buffer, OBJECT_REPLACEMENT)
				: object_escape(buffer, p[at]);
		begin = ++at;
	}
	if (r == 0)
		r = buffer_append(buffer, text + begin, n - begin);
	return r == 0 ? buffer_char(buffer, '"') : r;
}

static int object_bytes(struct buffer *buffer, const char *data, size_t n)
{
	const size_t length = base64_encoded_size(n);
	int r = buffer_reserve(buffer, length + 2);

	if (r < 0)
		return r;
	buffer->data[buffer->used] = '"';
	base64_encode(buffer->data + buffer->used + 1, data, n);
	buffer->data[buffer->used + length + 1] = '"';
	buffer->used += length + 2;
	return 0;
}

int object_value(struct buffer *buffer, struct gust_value value)
{
	switch (value.type) {
	case GUST_NULL:
		return buffer_text(buffer, "null");
	case GUST_FLOAT:
		if (!isfinite(value.as.number))
			return buffer_text(buffer, "null");
		return buffer_value(buffer, value);
	case GUST_STRING:
		return object_string(buffer, value.as.data, value.length);
	case GUST_BYTES:
		return object_bytes(buffer, value.as.data, value.length);
	case GUST_JSON:
		if (value.length == 0)
			return buffer_text(buffer, "null");
		return buffer_value(buffer, value);
	default:
		return buffer_value(buffer, value);
	}
}

int object_tuple(struct buffer *buffer, const struct gust_column *columns,
		 const struct gust_tuple *in)
{
	int r = buffer_char(buffer, '{');
	size_t i;

	for (i = 0; r == 0 && i < in->fields; i++) {
		if (i > 0)
			r = buffer_char(buffer, ',');
		if (r == 0)
			r = object_string(buffer, columns[i].name,
					  strlen(columns[i].name));
		if (r == 0)
			r = buffer_char(buffer, ':');
		if (r == 0)
			r = object_value(buffer, gust_value_at(in, i));
	}
	return r == 0 ? buffer_char(buffer, '}') : r;
}

int object_load(json_t **object, const char *text, size_t n,
		struct gust_error *error)
{
	json_error_t place;
	json_t *json =
		json_loadb(text, n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &place);

	if (json == NULL && json_error_code(&place) == json_error_out_of_memory)
		return -ENOMEM;
	if (json == NULL)
		return gust_error_set(error, -EINVAL, "no JSON: %s, at byte %d",
				      place.text, place.position);
	if (!json_is_object(json)) {
		json_decref(json);
		return gust_error_set(error, -EINVAL, "not an object of JSON");
	}
	*object = json;
	return 0;
}

/* What a value of JSON is, in a message. */
static const char *object_kind(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "an integer";
	case JSON_REAL:
		return "a number with a fraction";
	default:
		return "a bool";
	}
}

static int object_read_bytes(const json_t *json, struct buffer *scratch,
			     struct gust_value *value)
{
	const size_t n = json_string_length(json);
	size_t size;
	int r = buffer_reserve(scratch, base64_decoded_size_max(n) + 1);

	if (r < 0)
		return r;
	r = base64_decode(scratch->data + scratch->used, &size,
			  json_string_value(json), n);
	if (r < 0)
		return r;
	*value = gust_bytes(scratch->data + scratch->used, size);
	scratch->used += size;
	return 0;
}

static int object_append_dump(const char *text, size_t n, void *buffer)
{
	return buffer_append(buffer, text, n);
}

static int object_read_json(const json_t *json, struct buffer *scratch,
			    struct gust_value *value)
{
	const size_t before = scratch->used;

	if (json_dump_callback(json, object_append_dump, scratch,
			       JSON_COMPACT | JSON_ENCODE_ANY |
				       JSON_REAL_PRECISION(17)) < 0)
		return -ENOMEM;
	*value = gust_json(scratch->data + before, scratch->used - before);
	return 0;
}

static int object_read(const json_t *json, enum gust_type type,
		       struct buffer *scratch, struct gust_value *value)
{
	if (json == NULL || json_is_null(json)) {
		*value = gust_null();
		return 0;
	}
	if (type == GUST_JSON)
		return object_read_json(json, scratch, value);
	if (json_is_string(json) && type == GUST_BYTES)
		return object_read_bytes(json, scratch, value);
	if (json_is_string(json) && type == GUST_STRING)
		*value = gust_string(json_string_value(json),
				     json_string_length(json));
	else if (json_is_boolean(json) && type == GUST_BOOL)
		*value = gust_bool(json_is_true(json));
	else if (!json_is_number(json) || type == GUST_BOOL ||
		 type == GUST_BYTES)
		return -EINVAL;
	else if (json_is_integer(json))
		return cast_value(gust_int(json_integer_value(json)), type,
				  scratch, value);
	else
		return cast_value(gust_float(json_real_value(json)), type,
				  scratch, value);
	return 0;
}

int object_values(const json_t *object, const struct gust_column *columns,
		  struct buffer *scratch, struct gust_value *values,
		  struct gust_error *error)
{
	const size_t start = scratch->used;
	const json_t *json;
	const char *data;
	size_t i;
	int r;

	/* What had to move has room the next time, so that no value is left
	 * with a place that is gone. */
	do {
		data = scratch->data;
		scratch->used = start;
		for (i = 0; columns[i].name != NULL; i++) {
			json = json_object_get(object, columns[i].name);
			r = object_read(json, columns[i].type, scratch,
					&values[i]);
			if (r == -ENOMEM)
				return r;
			if (r < 0)
				return gust_error_set(
					error, -EINVAL,
					"member '%.80s' is %s, expected %s",
					columns[i].name, object_kind(json),
					gust_type_name(columns[i].type));
		}
	} while (scratch->data != data);
	return 0;
}
