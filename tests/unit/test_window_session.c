/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"

static const struct gust_window_spec gap_ten = { .type = GUST_SESSION,
						 .gap = 10 };

TEST(a_session_lasts_until_nothing_comes_for_the_gap)
{
	scene_start(&gap_ten, true);
	CHECK_INT(scene_add(5, 1, 1), 0);
	CHECK_INT(windows_next(scene.windows), 15);
	CHECK_INT(scene_add(14, 1, 2), 0);
	CHECK_INT(scene_add(24, 1, 4), 0);
	CHECK_INT(scene_add(7, 2, 8), 0);
	CHECK_INT(windows_advance(scene.windows, 23), 0);
	CHECK_TOLD("[7,17) 2: 1 8\nsettled: 8\n");
	CHECK_INT(windows_advance(scene.windows, 24), 0);
	CHECK_TOLD("[5,24) 1: 2 3\nsettled: 1 2\n");
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[24,34) 1: 1 4\nsettled: 4\n");
	CHECK_UINT(windows_usage(scene.windows).windows, 0);
	scene_stop();
}

TEST(a_tuple_between_makes_two_sessions_one)
{
	scene_start(&gap_ten, true);
	CHECK_INT(scene_add(30, 1, 4), 0);
	CHECK_INT(scene_add(0, 1, 1), 0);
	CHECK_INT(scene_add(15, 1, 2), 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 3);
	CHECK_INT(scene_add(8, 1, 8), 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 2);
	CHECK_INT(scene_add(24, 1, 16), 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 1);
	CHECK_INT(windows_advance(scene.windows, 39), 0);
	CHECK_TOLD("");
	CHECK_INT(windows_advance(scene.windows, 40), 0);
	CHECK_TOLD("[0,40) 1: 5 31\nsettled: 1 2 8 4 16\n");
	scene_stop();
}

TEST(a_late_tuple_may_belong_to_a_session_that_is_open)
{
	scene_start(&gap_ten, true);
	CHECK_INT(scene_add(12, 1, 1), 0);
	CHECK_INT(windows_advance(scene.windows, 20), 0);
	CHECK_INT(scene_add(2, 1, 2), WINDOWS_LATE);
	CHECK_INT(scene_add(3, 1, 4), 0);
	CHECK_INT(scene_add(3, 2, 4), WINDOWS_LATE);
	CHECK_INT(windows_advance(scene.windows, 22), 0);
	CHECK_TOLD("[3,22) 1: 2 5\nsettled: 1 4\n");
	scene_stop();
}

TEST(sessions_change_after_they_were_handed_over)
{
	struct gust_window_spec spec = gap_ten;

	spec.lateness = 20;
	scene_start(&spec, true);
	CHECK_INT(scene_add(0, 1, 1), 0);
	CHECK_INT(windows_advance(scene.windows, 12), 0);
	CHECK_TOLD("[0,10) 1: 1 1\nsettled: 1\n");
	CHECK_INT(scene_add(1, 1, 2), 0);
	CHECK_INT(windows_advance(scene.windows, 12), 0);
	CHECK_TOLD("[0,11) 1: 2 3 late\nsettled: 2\n");
	/* It is open again. */
	CHECK_INT(scene_add(9, 1, 4), 0);
	CHECK_INT(windows_advance(scene.windows, 18), 0);
	CHECK_TOLD("");
	CHECK_INT(windows_advance(scene.windows, 19), 0);
	CHECK_TOLD("[0,19) 1: 3 7\nsettled: 4\n");
	CHECK_INT(windows_advance(scene.windows, 39), 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 0);
	scene_stop();
}

TEST(without_room_it_goes_on_later)
{
	scene_start(&gap_ten, true);
	CHECK_INT(scene_add(1, 1, 1), 0);
	CHECK_INT(scene_add(0, 2, 2), 0);
	scene.room = 1;
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), GUST_MORE);
	CHECK_TOLD("[0,10) 2: 1 2\nsettled: 2\n");
	scene.room = 1;
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[1,11) 1: 1 1\nsettled: 1\n");
	scene_stop();
}
