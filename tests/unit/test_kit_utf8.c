/* SPDX-License-Identifier: MIT */

#include <gust/kit/utf8.h>

#include "test.h"

static void check(const char *text, size_t left, size_t expected)
{
	CHECK_UINT(utf8_character(text, left), expected);
}

TEST(characters)
{
	check("a", 1, 1);
	check("\0", 1, 1);
	check("\x7f", 1, 1);
	check("\xc2\x80", 2, 2);
	check("\xdf\xbf", 2, 2);
	check("\xe0\xa0\x80", 3, 3);
	check("\xed\x9f\xbf", 3, 3);
	check("\xee\x80\x80", 3, 3);
	check("\xf0\x90\x80\x80", 4, 4);
	check("\xf4\x8f\xbf\xbf", 4, 4);
}

TEST(what_is_none)
{
	check("\x80", 1, 0);
	check("\xbf", 1, 0);
	check("\xc0\x80", 2, 0);
	check("\xc1\xbf", 2, 0);
	check("\xc2", 1, 0);
	check("\xc2\x41", 2, 0);
	check("\xe0\x9f\xbf", 3, 0);
	check("\xe2\x82", 2, 0);
	check("\xed\xa0\x80", 3, 0);
	check("\xf0\x8f\xbf\xbf", 4, 0);
	check("\xf0\x90\x80", 3, 0);
	check("\xf4\x90\x80\x80", 4, 0);
	check("\xf5\x80\x80\x80", 4, 0);
	check("\xff", 1, 0);
}
