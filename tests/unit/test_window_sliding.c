/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"

static const struct gust_window_spec ten_by_five = { .type = GUST_SLIDING,
						     .length = 10,
						     .slide = 5 };

TEST(a_tuple_is_in_every_window_that_has_its_time)
{
	scene_start(&ten_by_five, true);
	CHECK_INT(scene_add(7, 1, 1), 0);
	CHECK_INT(windows_next(scene.windows), 10);
	CHECK_INT(scene_add(3, 1, 2), 0);
	CHECK_INT(windows_next(scene.windows), 5);
	CHECK_INT(scene_add(3, 2, 4), 0);
	CHECK_INT(windows_advance(scene.windows, 10), 0);
	CHECK_TOLD("[-5,5) 1: 1 2\n[-5,5) 2: 1 4\n"
		   "[0,10) 1: 2 3\n[0,10) 2: 1 4\nsettled: 2 4\n");
	CHECK_INT(windows_next(scene.windows), 15);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[5,15) 1: 1 1\nsettled: 1\n");
	CHECK_INT(windows_next(scene.windows), INT64_MAX);
	CHECK_UINT(windows_usage(scene.windows).tuples, 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 0);
	scene_stop();
}

TEST(the_length_need_not_be_a_multiple_of_the_slide)
{
	struct gust_window_spec spec = ten_by_five;

	spec.length = 7;
	scene_start(&spec, true);
	for (int i = 0; i < 10; i++)
		CHECK_INT(scene_add(i, 1, 1 << i), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[-5,2) 1: 2 3\n[0,7) 1: 7 127\n"
		   "settled: 4 8 16\nsettled: 1 2\n"
		   "[5,12) 1: 5 992\nsettled: 128 256 512\nsettled: 32 64\n");
	scene_stop();
}

TEST(a_late_tuple_is_in_the_windows_that_are_still_there)
{
	scene_start(&ten_by_five, true);
	CHECK_INT(scene_add(7, 1, 1), 0);
	CHECK_INT(windows_advance(scene.windows, 12), 0);
	CHECK_TOLD("[0,10) 1: 1 1\n");
	CHECK_INT(scene_add(4, 1, 2), WINDOWS_LATE);
	CHECK_INT(scene_add(5, 1, 4), 0);
	CHECK(windows_due(scene.windows, 12));
	CHECK_INT(windows_advance(scene.windows, 15), 0);
	CHECK_TOLD("[5,15) 1: 2 5\nsettled: 1 4\n");
	scene_stop();
}

TEST(windows_that_late_tuples_change_are_handed_over_again)
{
	struct gust_window_spec spec = ten_by_five;

	spec.lateness = 5;
	scene_start(&spec, true);
	CHECK_INT(scene_add(2, 1, 1), 0);
	CHECK_INT(scene_add(12, 1, 2), 0);
	CHECK_INT(windows_advance(scene.windows, 13), 0);
	CHECK_TOLD("[-5,5) 1: 1 1\n[0,10) 1: 1 1\nsettled: 1\n");
	/* Two of its windows were handed over; the first has gone. */
	CHECK_INT(scene_add(3, 1, 4), 0);
	CHECK_INT(windows_advance(scene.windows, 13), 0);
	CHECK_TOLD("[0,10) 1: 2 5 late\nsettled: 4\n");
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[5,15) 1: 1 2\n[10,20) 1: 1 2\nsettled: 2\n");
	scene_stop();
}

TEST(without_room_it_goes_on_later)
{
	scene_start(&ten_by_five, true);
	for (int i = 0; i < 4; i++)
		CHECK_INT(scene_add(1, i, i), 0);
	scene.room = 3;
	CHECK_INT(windows_advance(scene.windows, 20), GUST_MORE);
	CHECK_TOLD("[-5,5) 0: 1 0\n[-5,5) 1: 1 1\n[-5,5) 2: 1 2\n");
	CHECK(windows_due(scene.windows, 20));
	scene.room = 2;
	CHECK_INT(windows_advance(scene.windows, 20), GUST_MORE);
	CHECK_TOLD("[-5,5) 3: 1 3\n[0,10) 0: 1 0\n");
	scene.room = 3;
	CHECK_INT(windows_advance(scene.windows, 20), 0);
	CHECK_TOLD("[0,10) 1: 1 1\n[0,10) 2: 1 2\n[0,10) 3: 1 3\n"
		   "settled: 0 1 2 3\n");
	scene_stop();
}

TEST(early_ones_are_all_that_are_open_and_have_changed)
{
	struct gust_window_spec spec = ten_by_five;

	spec.early = 1;
	scene_start(&spec, true);
	CHECK_INT(scene_add(3, 1, 1), 0);
	CHECK_INT(scene_add(7, 1, 2), 0);
	CHECK_INT(windows_early(scene.windows), 0);
	CHECK_TOLD("[-5,5) 1: 1 1 early\n[0,10) 1: 2 3 early\n"
		   "[5,15) 1: 1 2 early\n");
	CHECK_INT(scene_add(9, 1, 4), 0);
	scene.room = 1;
	CHECK_INT(windows_early(scene.windows), GUST_MORE);
	scene.room = 9;
	CHECK_INT(windows_early(scene.windows), 0);
	CHECK_TOLD("[0,10) 1: 3 7 early\n[5,15) 1: 2 6 early\n");
	CHECK_INT(windows_early(scene.windows), 0);
	CHECK_TOLD("");
	CHECK_INT(windows_advance(scene.windows, 10), 0);
	CHECK_TOLD("[-5,5) 1: 1 1\n[0,10) 1: 3 7\nsettled: 1\n");
	scene_stop();
}

TEST(a_tuple_costs_the_same_however_many_windows_it_is_in)
{
	struct gust_window_spec spec = { .type = GUST_SLIDING,
					 .length = 1000,
					 .slide = 1 };

	scene_start(&spec, true);
	for (int i = 0; i < 10000; i++) {
		CHECK_INT(scene_add(i, 1, i), 0);
		CHECK_INT(windows_advance(scene.windows, i), 0);
		scene.log[0] = '\0';
	}
	/* Two at most for its place in the queue, one for the window. */
	CHECK(scene.merges > 10000);
	CHECK(scene.merges <= 3 * 10000);
	scene_stop();
}
