/* SPDX-License-Identifier: MIT */

#include "base/size.h"

#include <errno.h>

#include "test.h"

static void check_parse(const char *text, uint64_t expected)
{
	struct gust_error error = { 0 };
	uint64_t bytes = 77;

	CHECK_INT(size_parse(text, &bytes, &error), 0);
	CHECK_UINT(bytes, expected);
	CHECK_INT(error.code, 0);
}

static void check_refused(const char *text, int code, const char *message)
{
	struct gust_error error = { 0 };
	uint64_t bytes = 77;

	CHECK_INT(size_parse(text, &bytes, &error), code);
	CHECK_INT(error.code, code);
	CHECK_CONTAINS(error.text, message);
	CHECK_UINT(bytes, 77);
}

TEST(sizes_are_read)
{
	check_parse("64KiB", 65536);
	check_parse("1MiB", 1048576);
	check_parse("1048576", 1048576);
	check_parse("0", 0);
	check_parse("1.5 GiB", UINT64_C(1610612736));
	check_parse("2k", 2048);
	check_parse("2kB", 2000);
	check_parse("10MB", 10000000);
	check_parse("3 TiB", UINT64_C(3) << 40);
	check_parse("17 bytes", 17);
	check_parse("18446744073709551615", UINT64_MAX);
}

TEST(other_text_is_refused_by_name)
{
	check_refused("big", -EINVAL,
		      "'big' is no size, expected a number of bytes or one "
		      "with a unit such as '64KiB' or '1MiB'");
	check_refused("", -EINVAL, "'' is no size");
	check_refused("-1", -EINVAL, "'-1' is no size");
	check_refused("1.5", -EINVAL, "'1.5' is no size");
	check_refused("1 MiB 1", -EINVAL, "'1 MiB 1' is no size");
	check_refused("1 KiBi", -EINVAL, "'1 KiBi' is no size");
	check_refused("18446744073709551616", -ERANGE,
		      "size '18446744073709551616' is too large");
	check_refused("16777216 TiB", -ERANGE, "is too large");
	CHECK_INT(size_parse("x", &(uint64_t){ 0 }, NULL), -EINVAL);
}

static void check_format(uint64_t bytes, const char *expected)
{
	char text[SIZE_TEXT_SIZE];

	CHECK_STR(size_format(text, bytes), expected);
}

TEST(sizes_are_written_for_people)
{
	check_format(0, "0 B");
	check_format(1023, "1023 B");
	check_format(1024, "1 KiB");
	check_format(1536, "1.5 KiB");
	check_format(1300, "1.27 KiB");
	check_format(65536, "64 KiB");
	check_format(1048575, "1.00 MiB");
	check_format(1048576, "1 MiB");
	check_format(UINT64_C(256) << 20, "256 MiB");
	check_format((UINT64_C(12) << 30) + 500000000, "12.5 GiB");
	check_format(UINT64_C(1) << 60, "1 EiB");
	check_format(UINT64_MAX, "16.0 EiB");
}
