/* SPDX-License-Identifier: MIT */

#include "base/clock.h"

#include "test.h"

TEST(monotonic_time_never_goes_back)
{
	uint64_t before = clock_now_ns();

	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now_ns();

		CHECK(now >= before);
		before = now;
	}
}

TEST(wall_time_is_in_this_century)
{
	uint64_t year_ns = UINT64_C(31556952) * CLOCK_NS_PER_S;

	CHECK(clock_wall_ns() > 50 * year_ns);
	CHECK(clock_wall_ns() < 130 * year_ns);
}

TEST(wall_time_is_written_in_utc_and_milliseconds)
{
	char text[CLOCK_TEXT_SIZE];

	CHECK_STR(clock_format(text, 0), "1970-01-01T00:00:00.000Z");
	CHECK_STR(clock_format(text, INT64_C(1795262400123999999)),
		  "2026-11-21T12:00:00.123Z");
	CHECK_STR(clock_format(text, INT64_MAX), "2262-04-11T23:47:16.854Z");
	CHECK_STR(clock_format(text, -1), "1969-12-31T23:59:59.999Z");
	CHECK_STR(clock_format(text, INT64_MIN + 1),
		  "1677-09-21T00:12:43.145Z");
}
