/* SPDX-License-Identifier: MIT */

#include "base/duration.h"

#include <errno.h>

#include "test.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)

static void check_parse(const char *text, uint64_t expected)
{
	struct gust_error error = { 0 };
	uint64_t ns = 77;

	CHECK_INT(duration_parse(text, &ns, &error), 0);
	CHECK_UINT(ns, expected);
	CHECK_INT(error.code, 0);
}

static void check_refused(const char *text, int code, const char *message)
{
	struct gust_error error = { 0 };
	uint64_t ns = 77;

	CHECK_INT(duration_parse(text, &ns, &error), code);
	CHECK_INT(error.code, code);
	CHECK_CONTAINS(error.text, message);
	CHECK_UINT(ns, 77);
	CHECK_INT(duration_parse(text, &ns, NULL), code);
}

TEST(durations_are_read)
{
	check_parse("10s", 10 * S);
	check_parse("1.5 min", 90 * S);
	check_parse("250ms", 250 * MS);
	check_parse("1h30m", 5400 * S);
	check_parse("2 d 3 h", 51 * 3600 * S);
	check_parse("17 us", 17000);
	check_parse("3ns", 3);
	check_parse(" 2 Hours ", 7200 * S);
	check_parse("0.25s", 250 * MS);
	check_parse("0", 0);
	check_parse("0 s", 0);
}

TEST(other_text_is_refused_by_name)
{
	check_refused("10", -EINVAL,
		      "'10' is no duration, expected a number and a unit such "
		      "as '250ms', '10s' or '1.5 min'");
	check_refused("", -EINVAL, "'' is no duration");
	check_refused("ten s", -EINVAL, "'ten s' is no duration");
	check_refused("-1s", -EINVAL, "'-1s' is no duration");
	check_refused("10s x", -EINVAL, "'10s x' is no duration");
	check_refused("30s 1m", -EINVAL, "'30s 1m' is no duration");
	check_refused("1s 1s", -EINVAL, "'1s 1s' is no duration");
	check_refused("1.5ns", -EINVAL, "'1.5ns' is no duration");
	check_refused("00", -EINVAL, "'00' is no duration");
}

TEST(durations_end_at_64_bits)
{
	check_parse("18446744073709551615 ns", UINT64_MAX);
	check_parse("213503 days", 213503 * UINT64_C(86400) * S);
	check_refused("213504 days", -ERANGE,
		      "duration '213504 days' is too large");
	check_refused("213503 days 100 h", -ERANGE, "is too large");
	check_refused("18446744073709551616 ns", -ERANGE, "is too large");
}

static void check_format(uint64_t ns, const char *expected)
{
	char text[DURATION_TEXT_SIZE];

	CHECK_STR(duration_format(text, ns), expected);
}

TEST(durations_are_written_for_people)
{
	check_format(0, "0 s");
	check_format(1, "1 ns");
	check_format(999, "999 ns");
	check_format(1000, "1 us");
	check_format(1234, "1.23 us");
	check_format(12345, "12.3 us");
	check_format(123456, "123 us");
	check_format(999499, "999 us");
	check_format(999500, "1.00 ms");
	check_format(250 * MS, "250 ms");
	check_format(1250 * MS, "1.25 s");
	check_format(9996 * MS, "10.0 s");
	check_format(59 * S + 940 * MS, "59.9 s");
	check_format(59 * S + 960 * MS, "1 min");
	check_format(60 * S, "1 min");
	check_format(125 * S, "2 min 5 s");
	check_format(3600 * S, "1 h");
	check_format(12000 * S, "3 h 20 min");
	check_format(86400 * S, "1 d");
	check_format(176400 * S, "2 d 1 h");
	check_format(UINT64_MAX, "213503 d 23 h");
}

TEST(what_is_written_can_be_read)
{
	char text[DURATION_TEXT_SIZE];

	for (uint64_t ns = 1; ns < UINT64_MAX / 3; ns = ns * 3 - ns / 7) {
		uint64_t again = 0;

		duration_format(text, ns);
		CHECK_INT(duration_parse(text, &again, NULL), 0);
		CHECK_NEAR((double)again / (double)ns, 1.0, 0.05);
	}
}
