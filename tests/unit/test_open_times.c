/* SPDX-License-Identifier: MIT */

#include "engine/open_times.h"

#include <string.h>

#include "base/random.h"
#include "test.h"

#define OPEN 500

TEST(the_lowest_is_known)
{
	struct open_times times = { .width = 10 };

	CHECK_INT(open_times_lowest(&times), INT64_MAX);
	CHECK_INT(open_times_add(&times, 57), 0);
	CHECK_INT(open_times_lowest(&times), 50);
	CHECK_INT(open_times_add(&times, -1), 0);
	CHECK_INT(open_times_lowest(&times), -10);
	CHECK_INT(open_times_add(&times, -10), 0);
	open_times_remove(&times, -1);
	CHECK_INT(open_times_lowest(&times), -10);
	open_times_remove(&times, -2);
	CHECK_INT(open_times_lowest(&times), 50);
	/* Nobody has added these. */
	open_times_remove(&times, -3);
	open_times_remove(&times, 1000);
	open_times_remove(&times, 60);
	CHECK_INT(open_times_lowest(&times), 50);
	open_times_remove(&times, 57);
	CHECK_INT(open_times_lowest(&times), INT64_MAX);
	open_times_fini(&times);
}

TEST(the_ends_of_time)
{
	struct open_times times = { .width = 1000003 };

	CHECK_INT(open_times_add(&times, INT64_MAX), 0);
	CHECK(open_times_lowest(&times) <= INT64_MAX);
	CHECK(open_times_lowest(&times) > INT64_MAX - 1000003);
	CHECK_INT(open_times_add(&times, INT64_MIN + 1), 0);
	CHECK_INT(open_times_lowest(&times), INT64_MIN + 1);
	open_times_fini(&times);
}

/* Against a list that is searched, in any order. */
TEST(any_order)
{
	static int64_t open[OPEN];
	struct random random;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct open_times times = { .width = 1 + (int64_t)seed * 7 };
		uint32_t count = 0;
		int64_t now = -100000;

		random_seed(&random, seed);
		for (int i = 0; i < 20000; i++) {
			int64_t lowest = INT64_MAX, said;
			uint32_t at;

			now += random_below(&random, 20);
			/* Far beyond what the ring holds. */
			if (random_below(&random, 1000) == 0)
				now += random_below(&random, 2000000);
			if (count < OPEN && random_below(&random, 2) == 0) {
				open[count] = now - random_below(&random, 3000);
				if (random_below(&random, 100) == 0)
					open[count] -= 1000000;
				open_times_add(&times, open[count++]);
			} else if (count > 0) {
				at = (uint32_t)random_below(&random, count);
				open_times_remove(&times, open[at]);
				open[at] = open[--count];
			}
			for (at = 0; at < count; at++)
				if (open[at] < lowest)
					lowest = open[at];
			said = open_times_lowest(&times);
			CHECK_UINT(times.open, count);
			CHECK(said <= lowest);
			CHECK(count == 0 || said > lowest - times.width);
		}
		/* It does not grow with time. */
		CHECK(times.room <= 4 * OPEN);
		open_times_fini(&times);
	}
}
