/* SPDX-License-Identifier: MIT */

#include "tuple/type.h"

#include <errno.h>

#include "test.h"

TEST(every_type_has_its_name)
{
	CHECK_STR(gust_type_name(GUST_NULL), "null");
	CHECK_STR(gust_type_name(GUST_BOOL), "bool");
	CHECK_STR(gust_type_name(GUST_INT), "int");
	CHECK_STR(gust_type_name(GUST_FLOAT), "float");
	CHECK_STR(gust_type_name(GUST_STRING), "string");
	CHECK_STR(gust_type_name(GUST_BYTES), "bytes");
	CHECK_STR(gust_type_name(GUST_JSON), "json");
	CHECK_STR(gust_type_name((enum gust_type)7), "unknown");
	CHECK_STR(gust_type_name((enum gust_type) - 1), "unknown");
}

TEST(names_are_read_back)
{
	enum gust_type type, found;

	for (type = GUST_BOOL; type <= GUST_JSON; type++) {
		CHECK_INT(type_parse(gust_type_name(type), &found, NULL), 0);
		CHECK_INT(found, type);
		CHECK(type_is_declarable(type));
	}
	CHECK(!type_is_declarable(GUST_NULL));
	CHECK(!type_is_declarable((enum gust_type)7));
}

TEST(an_unknown_name_is_refused)
{
	enum gust_type type = GUST_JSON;
	struct gust_error error = { 0 };

	CHECK_INT(type_parse("strin", &type, &error), -EINVAL);
	CHECK_STR(error.text, "no type is named 'strin', expected 'string'");
	error.code = 0;
	CHECK_INT(type_parse("null", &type, &error), -EINVAL);
	CHECK_STR(error.text, "no type is named 'null', expected bool, int, "
			      "float, string, bytes or json");
	CHECK_INT(type, GUST_JSON);
}
