/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <string.h>

#include <gust/kit/buffer.h>

#include "test.h"

TEST(bytes_are_appended_and_taken)
{
	struct buffer buffer = { 0 };
	size_t i;

	for (i = 0; i < 1000; i++)
		CHECK_INT(buffer_append(&buffer, "ab\0", 3), 0);
	CHECK_UINT(buffer.used, 3000);
	buffer_take(&buffer, 2997);
	CHECK_MEM(buffer.data, buffer.used, "ab\0", 3);
	buffer_take(&buffer, 3);
	CHECK_UINT(buffer.used, 0);
	buffer_destroy(&buffer);
	CHECK_PTR(buffer.data, NULL);
}

static void check(struct gust_value value, const char *expected)
{
	struct buffer buffer = { 0 };

	CHECK_INT(buffer_value(&buffer, value), 0);
	CHECK_MEM(buffer.data, buffer.used, expected, strlen(expected));
	buffer_destroy(&buffer);
}

TEST(values_as_people_read_them)
{
	check(gust_int(0), "0");
	check(gust_int(INT64_MIN), "-9223372036854775808");
	check(gust_int(INT64_MAX), "9223372036854775807");
	check(gust_bool(true), "true");
	check(gust_bool(false), "false");
	check(gust_null(), "");
	check(gust_float(0.1), "0.1");
	check(gust_float(1.0 / 3), "0.3333333333333333");
	check(gust_float(1e300), "1e+300");
	check(gust_float(INFINITY), "inf");
	check(gust_string("text", 4), "text");
}

TEST(what_cannot_be_had_changes_nothing)
{
	struct buffer buffer = { 0 };

	CHECK_INT(buffer_text(&buffer, "kept"), 0);
	CHECK_INT(buffer_reserve(&buffer, SIZE_MAX - 2), -ENOMEM);
	CHECK_MEM(buffer.data, buffer.used, "kept", 4);
	buffer_destroy(&buffer);
}
