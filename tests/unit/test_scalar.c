/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <math.h>

#include "topology/scalar.h"

static struct scalar read_text(const char *text)
{
	return scalar_read(text, strlen(text));
}

TEST(words_are_strings_unless_the_core_schema_says_otherwise)
{
	static const char *const strings[] = {
		"no",  "yes", "on", "off",   "y",   "1:30", "0b1",    "1_000",
		"nul", "+",   ".",  "e5",    "1e",  "0x",   "0o8",    "tRue",
		"-",   "- 1", "1 ", "+.nan", "inf", "nan",  "0x1.8p3"
	};
	size_t i;

	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (read_text(strings[i]).kind != SCALAR_STRING)
			FAIL("'%s' is %s", strings[i],
			     scalar_kind_name(read_text(strings[i]).kind));
}

TEST(null_has_five_spellings)
{
	CHECK_INT(read_text("").kind, SCALAR_NULL);
	CHECK_INT(read_text("~").kind, SCALAR_NULL);
	CHECK_INT(read_text("null").kind, SCALAR_NULL);
	CHECK_INT(read_text("Null").kind, SCALAR_NULL);
	CHECK_INT(read_text("NULL").kind, SCALAR_NULL);
}

TEST(booleans_are_true_and_false)
{
	CHECK_INT(read_text("True").kind, SCALAR_BOOL);
	CHECK_BOOL(read_text("TRUE").boolean, true);
	CHECK_INT(read_text("false").kind, SCALAR_BOOL);
	CHECK_BOOL(read_text("false").boolean, false);
}

TEST(integers_are_decimal_octal_and_hexadecimal)
{
	CHECK_INT(read_text("-12").integer, -12);
	CHECK_INT(read_text("+12").integer, 12);
	CHECK_INT(read_text("017").integer, 17);
	CHECK_INT(read_text("0o17").integer, 15);
	CHECK_INT(read_text("0x1F").integer, 31);
	CHECK_INT(read_text("9223372036854775807").integer, INT64_MAX);
	CHECK_BOOL(read_text("9223372036854775807").overflow, false);
	CHECK_BOOL(read_text("9223372036854775808").overflow, true);
	CHECK_INT(read_text("9223372036854775808").kind, SCALAR_INT);
	CHECK_FLOAT(read_text("7").number, 7.0);
}

TEST(floats_have_a_point_or_an_exponent)
{
	CHECK_INT(read_text("1.5").kind, SCALAR_FLOAT);
	CHECK_FLOAT(read_text("1.5").number, 1.5);
	CHECK_FLOAT(read_text("-.5").number, -0.5);
	CHECK_FLOAT(read_text("1.").number, 1.0);
	CHECK_FLOAT(read_text("2e3").number, 2000.0);
	CHECK_FLOAT(read_text("-.inf").number, -HUGE_VAL);
	CHECK_FLOAT(read_text(".INF").number, HUGE_VAL);
	CHECK(isnan(read_text(".nan").number));
}

TEST(a_nul_within_makes_a_string)
{
	CHECK_INT(scalar_read("12\0003", 4).kind, SCALAR_STRING);
}
