/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <string.h>

#include <gust/kit/cast.h>

#include "test.h"

static int cast(const char *text, enum gust_type type, struct gust_value *value)
{
	return cast_text(text, strlen(text), type, value);
}

TEST(ints)
{
	struct gust_value value;

	CHECK_INT(cast("-9223372036854775808", GUST_INT, &value), 0);
	CHECK_INT(value.as.integer, INT64_MIN);
	CHECK_INT(cast("+9223372036854775807", GUST_INT, &value), 0);
	CHECK_INT(value.as.integer, INT64_MAX);
	CHECK_INT(cast("007", GUST_INT, &value), 0);
	CHECK_INT(value.as.integer, 7);
	CHECK_INT(cast("9223372036854775808", GUST_INT, &value), -ERANGE);
	CHECK_INT(cast("-9223372036854775809", GUST_INT, &value), -ERANGE);
	CHECK_INT(cast("", GUST_INT, &value), -EINVAL);
	CHECK_INT(cast("-", GUST_INT, &value), -EINVAL);
	CHECK_INT(cast(" 1", GUST_INT, &value), -EINVAL);
	CHECK_INT(cast("1.0", GUST_INT, &value), -EINVAL);
}

TEST(floats)
{
	struct gust_value value;

	CHECK_INT(cast("1e3", GUST_FLOAT, &value), 0);
	CHECK_FLOAT(value.as.number, 1000.0);
	CHECK_INT(cast("-.5", GUST_FLOAT, &value), 0);
	CHECK_FLOAT(value.as.number, -0.5);
	CHECK_INT(cast("inf", GUST_FLOAT, &value), 0);
	CHECK_INT(cast("1e999", GUST_FLOAT, &value), -ERANGE);
	CHECK_INT(cast("1 ", GUST_FLOAT, &value), -EINVAL);
	CHECK_INT(cast(" 1", GUST_FLOAT, &value), -EINVAL);
	CHECK_INT(cast("", GUST_FLOAT, &value), -EINVAL);
	CHECK_INT(cast_text("1\0", 2, GUST_FLOAT, &value), -EINVAL);
}

TEST(bools_and_json)
{
	struct gust_value value;

	CHECK_INT(cast("YES", GUST_BOOL, &value), 0);
	CHECK_INT(value.as.integer, 1);
	CHECK_INT(cast("off", GUST_BOOL, &value), 0);
	CHECK_INT(value.as.integer, 0);
	CHECK_INT(cast("2", GUST_BOOL, &value), -EINVAL);
	CHECK_INT(cast("[1, 2]", GUST_JSON, &value), 0);
	CHECK_UINT(value.type, GUST_JSON);
	CHECK_INT(cast("[1, 2", GUST_JSON, &value), -EINVAL);
}

TEST(one_type_to_another)
{
	struct buffer scratch = { 0 };
	struct gust_value value;

	CHECK_INT(cast_value(gust_float(3), GUST_INT, &scratch, &value), 0);
	CHECK_UINT(value.type, GUST_INT);
	CHECK_INT(value.as.integer, 3);
	CHECK_INT(cast_value(gust_float(3.5), GUST_INT, &scratch, &value),
		  -EINVAL);
	CHECK_INT(cast_value(gust_float(NAN), GUST_INT, &scratch, &value),
		  -EINVAL);
	CHECK_INT(cast_value(gust_float(1e30), GUST_INT, &scratch, &value),
		  -ERANGE);
	CHECK_INT(cast_value(gust_int(2), GUST_BOOL, &scratch, &value),
		  -EINVAL);
	CHECK_INT(cast_value(gust_bool(true), GUST_INT, &scratch, &value), 0);
	CHECK_UINT(value.type, GUST_INT);
	CHECK_INT(cast_value(gust_int(42), GUST_STRING, &scratch, &value), 0);
	CHECK_MEM(value.as.data, value.length, "42", 2);
	CHECK_INT(cast_value(gust_null(), GUST_STRING, &scratch, &value), 0);
	CHECK_UINT(value.type, GUST_NULL);
	CHECK_INT(cast_value(gust_float(NAN), GUST_JSON, &scratch, &value),
		  -EINVAL);
	buffer_destroy(&scratch);
}

TEST(names_of_types)
{
	struct gust_error error = { 0 };
	enum gust_type type = GUST_NULL;

	CHECK_INT(cast_type("json", &type, &error), 0);
	CHECK_INT(type, GUST_JSON);
	CHECK_INT(cast_type("integer", &type, &error), -EINVAL);
	CHECK_CONTAINS(error.text, "'integer' is not a type");
}
