/* SPDX-License-Identifier: MIT */

#include "base/count.h"

#include "test.h"

static void check(uint64_t count, const char *expected)
{
	char text[COUNT_TEXT_SIZE];

	CHECK_STR(count_format(text, count), expected);
}

TEST(thousands_are_set_apart)
{
	check(0, "0");
	check(7, "7");
	check(999, "999");
	check(1000, "1,000");
	check(123456, "123,456");
	check(1234567, "1,234,567");
	check(UINT64_MAX, "18,446,744,073,709,551,615");
}
