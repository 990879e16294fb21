/* SPDX-License-Identifier: MIT */

#include "journal/exact.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

int exact_load(json_t **json, const char *text, size_t n, json_error_t *place)
{
	json_t *found;

	errno = 0;
	found = json_loadb(text, n, EXACT_LOAD_FLAGS, place);
	/* When memory is short, Jansson may call a token invalid, or leave
	 * bytes of it out and say nothing. */
	if (errno == ENOMEM) {
		json_decref(found);
		return -ENOMEM;
	}
	if (found == NULL)
		return -EBADMSG;
	*json = found;
	return 0;
}

int exact_dump(const json_t *json, size_t flags, char **text, size_t *n)
{
	/* Jansson does not pass on every failure of a callback, nor of its own
	 * buffer, but writing into a given one cannot fail halfway. */
	size_t size = json_dumpb(json, NULL, 0, flags);
	char *p = size == 0 ? NULL : malloc(size + 2);

	if (p == NULL)
		return -ENOMEM;
	if (json_dumpb(json, p, size, flags) != size) {
		free(p);
		return -ENOMEM;
	}
	p[size] = '\n';
	p[size + 1] = '\0';
	*text = p;
	*n = size + 1;
	return 0;
}

/* An object of one member, {tag: content}; takes `content` over. */
static json_t *exact_tagged(const char *tag, json_t *content)
{
	json_t *object = json_object();

	if (json_object_set_new(object, tag, content) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* The content of such an object, or NULL. */
static const json_t *exact_content(const json_t *json, const char *tag)
{
	return json_object_size(json) == 1 ? json_object_get(json, tag) : NULL;
}

static json_t *exact_encoded(const char *tag, const char *p, size_t n)
{
	size_t size = base64_encoded_size(n);
	char *text = malloc(size + 1);
	json_t *json;

	if (text == NULL)
		return NULL;
	base64_encode(text, p, n);
	json = exact_tagged(tag, json_stringn_nocheck(text, size));
	free(text);
	return json;
}

json_t *exact_from_text(const char *p, size_t n)
{
	json_t *json;

	errno = 0;
	json = json_stringn(n == 0 ? "" : p, n);
	if (json != NULL || errno == ENOMEM)
		return json;
	return exact_encoded("base64", p, n);
}

json_t *exact_from_unsigned(uint64_t number)
{
	char text[24];

	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof(text), "%" PRIu64, number);
	return json_string(text);
}

static json_t *exact_from_float(double number)
{
	if (isnan(number))
		return exact_tagged("float", json_string("nan"));
	if (isinf(number))
		return exact_tagged("float",
				    json_string(number < 0 ? "-inf" : "inf"));
	return json_real(number);
}

json_t *exact_from_value(const struct gust_value *value)
{
	const char *data = value->as.data;

	switch ((enum gust_type)value->type) {
	case GUST_NULL:
		return json_null();
	case GUST_BOOL:
		return json_boolean(value->as.integer != 0);
	case GUST_INT:
		return json_integer(value->as.integer);
	case GUST_FLOAT:
		return exact_from_float(value->as.number);
	case GUST_STRING:
		return exact_from_text(data, value->length);
	case GUST_BYTES:
		return exact_encoded("bytes", data, value->length);
	case GUST_JSON:
		break;
	}
	assert(value->type == GUST_JSON);
	return exact_tagged("json", exact_from_text(data, value->length));
}

static int exact_decode(const json_t *json, struct arena *arena,
			struct gust_text *text)
{
	size_t n, size;
	char *p;

	if (!json_is_string(json))
		return -EINVAL;
	n = json_string_length(json);
	p = arena_alloc(arena, base64_decoded_size_max(n) + 1);
	if (p == NULL)
		return -ENOMEM;
	if (base64_decode(p, &size, json_string_value(json), n) < 0)
		return -EINVAL;
	p[size] = '\0';
	text->data = p;
	text->length = size;
	return 0;
}

int exact_to_text(const json_t *json, struct arena *arena,
		  struct gust_text *text)
{
	if (!json_is_string(json))
		return exact_decode(exact_content(json, "base64"), arena, text);
	text->data = json_string_value(json);
	text->length = json_string_length(json);
	return 0;
}

int exact_to_unsigned(const json_t *json, uint64_t *number)
{
	const char *text = json_string_value(json);
	unsigned long long large;
	char *end;

	if (json_is_integer(json) && json_integer_value(json) >= 0) {
		*number = (uint64_t)json_integer_value(json);
		return 0;
	}
	/* Only what exact_from_unsigned() would write, not "-1" or " 1". */
	if (text == NULL || text[0] < '1' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	large = strtoull(text, &end, 10);
	if (errno != 0 || end != text + json_string_length(json))
		return -EINVAL;
	*number = large;
	return 0;
}

static int exact_to_float(const json_t *json, struct gust_value *value)
{
	const char *text = json_string_value(json);

	if (text != NULL && strcmp(text, "nan") == 0)
		*value = gust_float(NAN);
	else if (text != NULL && strcmp(text, "inf") == 0)
		*value = gust_float(INFINITY);
	else if (text != NULL && strcmp(text, "-inf") == 0)
		*value = gust_float(-INFINITY);
	else
		return -EINVAL;
	return 0;
}

/* What is no plain JSON value: a string, or an object with a tag. */
static int exact_to_data(const json_t *json, struct arena *arena,
			 struct gust_value *value)
{
	enum gust_type type = GUST_STRING;
	struct gust_text text;
	int r;

	if (exact_content(json, "float") != NULL)
		return exact_to_float(exact_content(json, "float"), value);
	if (exact_content(json, "bytes") != NULL) {
		type = GUST_BYTES;
		r = exact_decode(exact_content(json, "bytes"), arena, &text);
	} else if (exact_content(json, "json") != NULL) {
		type = GUST_JSON;
		r = exact_to_text(exact_content(json, "json"), arena, &text);
	} else {
		r = exact_to_text(json, arena, &text);
	}
	if (r == 0)
		*value = gust_data(type, text.data, text.length);
	return r;
}

int exact_to_value(const json_t *json, struct arena *arena,
		   struct gust_value *value)
{
	if (json == NULL)
		return -EINVAL;
	switch (json_typeof(json)) {
	case JSON_NULL:
		*value = gust_null();
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		*value = gust_bool(json_is_true(json));
		return 0;
	case JSON_INTEGER:
		*value = gust_int(json_integer_value(json));
		return 0;
	case JSON_REAL:
		*value = gust_float(json_real_value(json));
		return 0;
	case JSON_STRING:
	case JSON_OBJECT:
		return exact_to_data(json, arena, value);
	case JSON_ARRAY:
		break;
	}
	return -EINVAL;
}
