/* SPDX-License-Identifier: MIT */

#include "plugin/option_value.h"

#include <errno.h>
#include <math.h>

#include "test.h"

static struct gust_option of(enum gust_option_type type)
{
	const struct gust_option option = { .name = "x", .type = type };

	return option;
}

static void refuses(const struct gust_option *option, const char *text,
		    int code, const char *message)
{
	union option_value value, before;
	struct gust_error error = { 0 };

	memset(&value, 0x5a, sizeof(value));
	before = value;
	CHECK_INT(option_value_parse(option, text, &value, &error), code);
	CHECK_INT(error.code, code);
	CHECK_STR(error.text, message);
	CHECK_MEM(&value, sizeof(value), &before, sizeof(before));
}

static int64_t integer(const char *text)
{
	const struct gust_option option = of(GUST_OPTION_INT);
	union option_value value;

	CHECK_INT(option_value_parse(&option, text, &value, NULL), 0);
	return value.integer;
}

static double number(const char *text)
{
	const struct gust_option option = of(GUST_OPTION_FLOAT);
	union option_value value;

	CHECK_INT(option_value_parse(&option, text, &value, NULL), 0);
	return value.number;
}

TEST(integers)
{
	CHECK_INT(integer("0"), 0);
	CHECK_INT(integer("+42"), 42);
	CHECK_INT(integer("-7"), -7);
	CHECK_INT(integer("007"), 7);
	CHECK_INT(integer("0x1F"), 31);
	CHECK_INT(integer("0o17"), 15);
	CHECK_INT(integer("9223372036854775807"), INT64_MAX);
	CHECK_INT(integer("-9223372036854775808"), INT64_MIN);
}

TEST(what_is_no_integer)
{
	static const char *const texts[] = { "",    " 1",  "1 ",   "1.0",
					     "1e3", "0x",  "0o",   "0o8",
					     "--1", "+-1", "+0x1", "0o-1",
					     "-",   "one", "0x-1", "1_000" };
	const struct gust_option option = of(GUST_OPTION_INT);
	union option_value value;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (option_value_parse(&option, texts[i], &value, NULL) !=
		    -EINVAL)
			FAIL("'%s' was taken for an integer", texts[i]);
	refuses(&option, "ten", -EINVAL,
		"option 'x': 'ten' is no int, expected a whole number such as "
		"'42'");
	refuses(&option, "9223372036854775808", -ERANGE,
		"option 'x': '9223372036854775808' is out of range, expected "
		"what 64 bits hold");
}

TEST(floats)
{
	CHECK_FLOAT(number("0.5"), 0.5);
	CHECK_FLOAT(number("-3"), -3);
	CHECK_FLOAT(number("1e3"), 1000);
	CHECK_FLOAT(number(".5"), 0.5);
	CHECK_FLOAT(number("5."), 5);
	CHECK_FLOAT(number(".inf"), INFINITY);
	CHECK_FLOAT(number("-.inf"), -INFINITY);
}

TEST(what_is_no_float)
{
	const struct gust_option option = of(GUST_OPTION_FLOAT);

	refuses(&option, "half", -EINVAL,
		"option 'x': 'half' is no float, expected a number such as "
		"'0.5'");
	refuses(&option, ".nan", -EINVAL,
		"option 'x': '.nan' is no float, expected a number such as "
		"'0.5'");
	refuses(&option, "0x1p3", -EINVAL,
		"option 'x': '0x1p3' is no float, expected a number such as "
		"'0.5'");
	refuses(&option, "", -EINVAL,
		"option 'x': '' is no float, expected a number such as '0.5'");
	refuses(&option, "1e999", -ERANGE,
		"option 'x': '1e999' is out of range, expected what 64 bits "
		"hold");
}

TEST(bools)
{
	static const char *const words[] = { "true",  "True",  "TRUE",
					     "false", "False", "FALSE" };
	const struct gust_option option = of(GUST_OPTION_BOOL);
	union option_value value;
	size_t i;

	for (i = 0; i < 6; i++) {
		CHECK_INT(option_value_parse(&option, words[i], &value, NULL),
			  0);
		CHECK_BOOL(value.truth, i < 3);
	}
	refuses(&option, "no", -EINVAL,
		"option 'x': 'no' is no bool, expected 'true' or 'false'");
	refuses(&option, "1", -EINVAL,
		"option 'x': '1' is no bool, expected 'true' or 'false'");
}

TEST(durations_and_sizes)
{
	const struct gust_option duration = of(GUST_OPTION_DURATION);
	const struct gust_option size = of(GUST_OPTION_SIZE);
	union option_value value;

	CHECK_INT(option_value_parse(&duration, "1.5s", &value, NULL), 0);
	CHECK_UINT(value.amount, 1500000000);
	CHECK_INT(option_value_parse(&size, "64KiB", &value, NULL), 0);
	CHECK_UINT(value.amount, 65536);
	refuses(&duration, "5 parsecs", -EINVAL,
		"option 'x': '5 parsecs' is no duration, expected a number and "
		"a unit such as '250ms', '10s' or '1.5 min'");
	refuses(&size, "large", -EINVAL,
		"option 'x': 'large' is no size, expected a number of bytes or "
		"one with a unit such as '64KiB' or '1MB'");
	refuses(&duration, "1000000 d", -ERANGE,
		"option 'x': '1000000 d' is out of range, expected what 64 "
		"bits hold");
}

TEST(enums)
{
	static const char *const modes[] = { "running", "final", NULL };
	struct gust_option option = of(GUST_OPTION_ENUM);
	union option_value value;

	option.choices = modes;
	CHECK_INT(option_value_parse(&option, "final", &value, NULL), 0);
	CHECK_INT(value.choice, 1);
	refuses(&option, "fnal", -EINVAL,
		"option 'x': 'fnal' is unknown, expected 'final'");
	refuses(&option, "elephant", -EINVAL,
		"option 'x': 'elephant' is unknown, expected one of 'running', "
		"'final'");
}

TEST(ranges)
{
	struct gust_option option = of(GUST_OPTION_INT);
	union option_value value;

	option.min = 1;
	option.max = 5;
	CHECK_INT(option_value_parse(&option, "1", &value, NULL), 0);
	CHECK_INT(option_value_parse(&option, "5", &value, NULL), 0);
	refuses(&option, "0", -ERANGE,
		"option 'x': '0' is out of range, expected 1 to 5");
	refuses(&option, "6", -ERANGE,
		"option 'x': '6' is out of range, expected 1 to 5");
	option.max = INFINITY;
	refuses(&option, "-2", -ERANGE,
		"option 'x': '-2' is out of range, expected at least 1");
	option.min = -INFINITY;
	option.max = 5;
	refuses(&option, "6", -ERANGE,
		"option 'x': '6' is out of range, expected at most 5");
	option.type = GUST_OPTION_FLOAT;
	option.min = 0.25;
	option.max = 0.75;
	refuses(&option, "1.0", -ERANGE,
		"option 'x': '1.0' is out of range, expected 0.25 to 0.75");
}

TEST(ranges_of_durations_and_sizes_have_units)
{
	struct gust_option option = of(GUST_OPTION_DURATION);

	option.min = 1e6;
	option.max = 60e9;
	refuses(&option, "10 min", -ERANGE,
		"option 'x': '10 min' is out of range, expected 1 ms to "
		"1 min");
	option.type = GUST_OPTION_SIZE;
	option.min = 512;
	option.max = INFINITY;
	refuses(&option, "0", -ERANGE,
		"option 'x': '0' is out of range, expected at least 512 B");
}

TEST(a_secret_is_never_shown)
{
	static const char *const modes[] = { "running", "final", NULL };
	struct gust_option option = of(GUST_OPTION_INT);

	option.flags = GUST_SECRET;
	refuses(&option, "hunter2", -EINVAL,
		"option 'x': its value is no int, expected a whole number such "
		"as '42'");
	option.min = 1;
	option.max = 5;
	refuses(&option, "1234", -ERANGE,
		"option 'x': its value is out of range, expected 1 to 5");
	option.type = GUST_OPTION_ENUM;
	option.choices = modes;
	refuses(&option, "hunter2", -EINVAL,
		"option 'x': expected one of 'running', 'final'");
}
