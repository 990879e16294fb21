/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"

TEST(a_window_is_full_with_so_many_tuples_of_its_key)
{
	const struct gust_window_spec three = { .type = GUST_TUMBLING_COUNT,
						.length = 3 };

	scene_start(&three, true);
	CHECK_INT(windows_next(scene.windows), INT64_MAX);
	for (int i = 0; i < 7; i++) {
		CHECK_INT(scene_add(10 + i, 1, 1 << i), 0);
		CHECK_BOOL(windows_due(scene.windows, 0), i >= 2);
	}
	CHECK_INT(scene_add(90, 2, 128), 0);
	CHECK_INT(windows_advance(scene.windows, 0), 0);
	CHECK_TOLD("[10,13) 1: 3 7\nsettled: 1 2 4\n"
		   "[13,16) 1: 3 56\nsettled: 8 16 32\n");
	CHECK_UINT(windows_usage(scene.windows).tuples, 2);
	CHECK(!windows_due(scene.windows, 0));
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[16,17) 1: 1 64\nsettled: 64\n"
		   "[90,91) 2: 1 128\nsettled: 128\n");
	CHECK_UINT(windows_usage(scene.windows).tuples, 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 0);
	scene_stop();
}

TEST(every_so_many_tuples_the_last_ones)
{
	const struct gust_window_spec spec = { .type = GUST_SLIDING_COUNT,
					       .length = 5,
					       .slide = 2 };

	scene_start(&spec, true);
	for (int i = 0; i < 9; i++)
		CHECK_INT(scene_add(i, 1, 1 << i), 0);
	scene.room = 3;
	CHECK_INT(windows_advance(scene.windows, 0), GUST_MORE);
	CHECK_TOLD("[0,2) 1: 2 3\n[0,4) 1: 4 15\nsettled: 1\n"
		   "[1,6) 1: 5 62\nsettled: 2 4\n");
	scene.room = 9;
	CHECK_INT(windows_advance(scene.windows, 0), 0);
	CHECK_TOLD("[3,8) 1: 5 248\nsettled: 8 16\n");
	/* At the end there is one more, with what was in none. */
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[5,9) 1: 4 480\nsettled: 32 64 128 256\n");
	CHECK_INT(scene_add(50, 1, 1), 0);
	CHECK_INT(scene_add(51, 1, 2), 0);
	CHECK_INT(windows_advance(scene.windows, 0), 0);
	CHECK_TOLD("[50,52) 1: 2 3\n");
	/* Nothing new: what is held is let go. */
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("settled: 1 2\n");
	scene_stop();
}

TEST(a_tuple_costs_the_same_however_many_windows_it_is_in)
{
	const struct gust_window_spec spec = { .type = GUST_SLIDING_COUNT,
					       .length = 1000,
					       .slide = 1 };

	scene_start(&spec, true);
	for (int i = 0; i < 10000; i++) {
		CHECK_INT(scene_add(i, 1, i), 0);
		CHECK_INT(windows_advance(scene.windows, 0), 0);
		scene.log[0] = '\0';
	}
	CHECK(scene.merges > 10000);
	CHECK(scene.merges <= 3 * 10000);
	scene_stop();
}
