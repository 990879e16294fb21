/* SPDX-License-Identifier: MIT */

#include <gust/error.h>

#include <errno.h>

#include "test.h"

TEST(set_returns_the_code_and_keeps_the_text)
{
	struct gust_error error = { 0 };

	CHECK_INT(gust_error_set(&error, -EINVAL, "no bolt is named '%s'", "x"),
		  -EINVAL);
	CHECK_INT(error.code, -EINVAL);
	CHECK_STR(error.text, "no bolt is named 'x'");
	CHECK_INT(error.line, 0);
	CHECK_STR(error.source, "");
}

TEST(the_first_error_wins)
{
	struct gust_error error = { 0 };

	gust_error_set(&error, -ENOENT, "first");
	CHECK_INT(gust_error_set(&error, -EINVAL, "second"), -EINVAL);
	CHECK_INT(error.code, -ENOENT);
	CHECK_STR(error.text, "first");
}

TEST(no_place_for_an_error_is_fine)
{
	CHECK_INT(gust_error_set(NULL, -ENOMEM, "lost"), -ENOMEM);
}

TEST(a_long_text_is_cut)
{
	struct gust_error error = { 0 };

	gust_error_set(&error, -E2BIG, "%1000d", 7);
	CHECK_UINT(strlen(error.text), sizeof(error.text) - 1);
}
