/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <string.h>

#include <gust/kit/object.h>

#include "test.h"

static void check_string(const char *text, size_t n, const char *expected)
{
	struct buffer buffer = { 0 };

	CHECK_INT(object_string(&buffer, text, n), 0);
	CHECK_MEM(buffer.data, buffer.used, expected, strlen(expected));
	buffer_destroy(&buffer);
}

TEST(strings_are_always_utf_8)
{
	check_string("a\"\\\n\x01", 5, "\"a\\\"\\\\\\n\\u0001\"");
	check_string("\0", 1, "\"\\u0000\"");
	check_string("\xc3\xa9", 2, "\"\xc3\xa9\"");
	check_string("\xc3", 1, "\"\xef\xbf\xbd\"");
	check_string("\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	check_string("\xed\xa0\x80!", 4,
		     "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd!\"");
	check_string("\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"");
}

TEST(every_type_is_written)
{
	struct buffer buffer = { 0 };
	static const char expected[] =
		"null -5 true 0.5 null \"x\" \"/w==\" [1] null ";
	const struct gust_value values[] = {
		gust_null(),           gust_int(-5),        gust_bool(true),
		gust_float(0.5),       gust_float(NAN),     gust_string("x", 1),
		gust_bytes("\xff", 1), gust_json("[1]", 3), gust_json("", 0),
	};
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		CHECK_INT(object_value(&buffer, values[i]), 0);
		CHECK_INT(buffer_char(&buffer, ' '), 0);
	}
	CHECK_MEM(buffer.data, buffer.used, expected, strlen(expected));
	buffer_destroy(&buffer);
}

static const struct gust_column columns[] = {
	{ "id", GUST_INT },   { "name", GUST_STRING }, { "share", GUST_FLOAT },
	{ "raw", GUST_JSON }, { "data", GUST_BYTES },  { "on", GUST_BOOL },
	{ "gone", GUST_INT }, { NULL, GUST_NULL },
};

TEST(members_become_values)
{
	static const char text[] =
		" {\"id\": 7.0, \"name\": 12, \"share\": 3, \"on\": true,"
		" \"raw\": {\"b\": [1, 2.5]}, \"data\": \"/w==\", \"x\": 1} ";
	struct buffer scratch = { 0 };
	struct gust_value values[7];
	struct gust_error error = { 0 };
	json_t *object = NULL;

	CHECK_INT(object_load(&object, text, strlen(text), &error), 0);
	CHECK_INT(object_values(object, columns, &scratch, values, &error), 0);
	CHECK_INT(values[0].as.integer, 7);
	CHECK_MEM(values[1].as.data, values[1].length, "12", 2);
	CHECK_FLOAT(values[2].as.number, 3.0);
	CHECK_MEM(values[3].as.data, values[3].length, "{\"b\":[1,2.5]}", 13);
	CHECK_MEM(values[4].as.data, values[4].length, "\xff", 1);
	CHECK_INT(values[5].as.integer, 1);
	CHECK_UINT(values[6].type, GUST_NULL);
	json_decref(object);
	buffer_destroy(&scratch);
}

static void check_refused(const char *text, const char *reason)
{
	struct buffer scratch = { 0 };
	struct gust_value values[7];
	struct gust_error error = { 0 };
	json_t *object = NULL;
	int r = object_load(&object, text, strlen(text), &error);

	if (r == 0)
		r = object_values(object, columns, &scratch, values, &error);
	CHECK_INT(r, -EINVAL);
	CHECK_CONTAINS(error.text, reason);
	json_decref(object);
	buffer_destroy(&scratch);
}

TEST(what_does_not_fit_is_named)
{
	check_refused("{\"id\": \"7\"}",
		      "member 'id' is a string, expected int");
	check_refused("{\"id\": 7.5}",
		      "member 'id' is a number with a fraction");
	check_refused("{\"on\": 1}",
		      "member 'on' is an integer, expected bool");
	check_refused("{\"data\": \"!\"}", "member 'data' is a string");
	check_refused("[1]", "not an object");
	check_refused("{\"id\": ", "no JSON");
	check_refused("", "no JSON");
}
