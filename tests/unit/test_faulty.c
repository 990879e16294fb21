/* SPDX-License-Identifier: MIT */

#include "sim/faulty.h"

#include "test.h"

static void check_parse(const char *text, bool good, uint64_t first,
			uint64_t every)
{
	struct faulty faulty = { 0 };

	CHECK_BOOL(faulty_parse(&faulty, text), good);
	CHECK_UINT(faulty.first, first);
	CHECK_UINT(faulty.every, every);
}

TEST(faults_as_people_write_them)
{
	check_parse("always", true, 0, 1);
	check_parse("every 3rd", true, 0, 3);
	check_parse("every 3", true, 0, 3);
	check_parse("every 21st", true, 0, 21);
	check_parse("every 2nd", true, 0, 2);
	check_parse("every 10th", true, 0, 10);
	check_parse("first 2", true, 2, 0);
	check_parse("every", false, 0, 0);
	check_parse("every 0", false, 0, 0);
	check_parse("every other", false, 0, 0);
	check_parse("every 3xx", false, 0, 0);
	check_parse("every 3rd one", false, 0, 0);
	check_parse("last 2", false, 0, 0);
	check_parse("", false, 0, 0);
	check_parse("never", false, 0, 0);
}
