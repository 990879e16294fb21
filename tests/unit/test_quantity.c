/* SPDX-License-Identifier: MIT */

#include "base/quantity.h"

#include <errno.h>

#include "test.h"

static const struct quantity_unit units[] = {
	{ "one", 1 },
	{ "ten", 10 },
	{ "Dozen", 12 },
};

static int parse(const char *text, uint64_t *value, const char **rest)
{
	const struct quantity_unit *unit;

	*rest = text;
	return quantity_parse(rest, units, 3, value, &unit);
}

static void check(const char *text, uint64_t expected, const char *rest)
{
	uint64_t value = 0;
	const char *end;

	CHECK_INT(parse(text, &value, &end), 0);
	CHECK_UINT(value, expected);
	CHECK_STR(end, rest);
}

static void check_refused(const char *text, int code)
{
	uint64_t value = 77;
	const char *end;

	CHECK_INT(parse(text, &value, &end), code);
	CHECK_UINT(value, 77);
	CHECK_STR(end, text);
}

TEST(numbers_and_units_are_read)
{
	check("5one", 5, "");
	check("  5\tten  ", 50, "");
	check("007 DOZEN", 84, "");
	check("2ten3one", 20, "3one");
	check("0ten", 0, "");
}

TEST(fractions_are_rounded)
{
	check("1.5 dozen", 18, "");
	check("0.04 ten", 0, "");
	check("0.05 ten", 1, "");
	check("0.99999999999999999999 ten", 10, "");
	check("1.0 one", 1, "");
	check_refused("1.5 one", -EINVAL);
}

TEST(what_is_no_quantity_is_refused)
{
	check_refused("", -EINVAL);
	check_refused("ten", -EINVAL);
	check_refused("5", -EINVAL);
	check_refused("5 twelve", -EINVAL);
	check_refused("5 te", -EINVAL);
	check_refused("5 tens", -EINVAL);
	check_refused("-5 ten", -EINVAL);
	check_refused("+5 ten", -EINVAL);
	check_refused("1. ten", -EINVAL);
	check_refused(".5 ten", -EINVAL);
	check_refused("1e3 ten", -EINVAL);
	check_refused("0x10 ten", -EINVAL);
}

TEST(the_range_ends_at_64_bits)
{
	check("18446744073709551615 one", UINT64_MAX, "");
	check_refused("18446744073709551616 one", -ERANGE);
	check("1844674407370955161.5 ten", UINT64_MAX, "");
	check_refused("1844674407370955161.6 ten", -ERANGE);
	check_refused("1844674407370955162 ten", -ERANGE);
	check_refused("99999999999999999999999999999999999 one", -ERANGE);
}
