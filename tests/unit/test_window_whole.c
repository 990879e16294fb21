/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"

/* The numbers of tuples, in their order. */
static void whole_list(const char *name, const struct gust_tuple *const *list,
		       size_t count)
{
	if (count == 0)
		return;
	scene_write(" %s", name);
	for (size_t i = 0; i < count; i++)
		scene_write(" %" PRId64, gust_cells(list[i])[1].as.integer);
}

static int whole_whole(void *self, struct gust_task *task,
		       const struct gust_window *window,
		       const struct gust_window_tuples *tuples)
{
	(void)self;
	(void)task;
	CHECK(scene.open);
	CHECK_UINT(window->count, tuples->all_count);
	scene_write("[%" PRId64 ",%" PRId64 ") %" PRId64 ":", window->begin,
		    window->end, window->keys[0].as.integer);
	whole_list("all", tuples->all, tuples->all_count);
	whole_list("fresh", tuples->fresh, tuples->fresh_count);
	whole_list("expired", tuples->expired, tuples->expired_count);
	scene_write("\n");
	return 0;
}

static const struct gust_windowing whole_windowing = {
	.size = sizeof(whole_windowing),
	.whole = whole_whole,
};

static void whole_start(const struct gust_window_spec *spec)
{
	scene_start_with(spec, true, &whole_windowing);
}

TEST(the_tuples_of_a_window_in_the_order_of_their_times)
{
	const struct gust_window_spec ten = { .type = GUST_TUMBLING,
					      .length = 10 };

	whole_start(&ten);
	CHECK_INT(scene_add(5, 1, 1), 0);
	CHECK_INT(scene_add(3, 1, 2), 0);
	CHECK_INT(scene_add(5, 1, 3), 0);
	CHECK_INT(scene_add(4, 2, 4), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[0,10) 1: all 2 1 3 fresh 2 1 3\n"
		   "[0,10) 2: all 4 fresh 4\nsettled: 1 2 3 4\n");
	scene_stop();
}

TEST(new_ones_and_those_that_have_left)
{
	const struct gust_window_spec spec = { .type = GUST_SLIDING,
					       .length = 10,
					       .slide = 5 };

	whole_start(&spec);
	for (int i = 0; i < 4; i++)
		CHECK_INT(scene_add(5 * i, 1, i), 0);
	CHECK_INT(windows_advance(scene.windows, 15), 0);
	CHECK_TOLD("[-5,5) 1: all 0 fresh 0\n"
		   "[0,10) 1: all 0 1 fresh 1\nsettled: 0\n"
		   "[5,15) 1: all 1 2 fresh 2 expired 0\nsettled: 1\n");
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[10,20) 1: all 2 3 fresh 3 expired 1\nsettled: 2\n"
		   "[15,25) 1: all 3 expired 2\nsettled: 3\n");
	CHECK_UINT(windows_usage(scene.windows).tuples, 0);
	scene_stop();
}

TEST(late_ones_are_new)
{
	const struct gust_window_spec spec = {
		.type = GUST_SLIDING, .length = 10, .slide = 5, .lateness = 10
	};

	whole_start(&spec);
	CHECK_INT(scene_add(0, 1, 0), 0);
	CHECK_INT(scene_add(6, 1, 1), 0);
	CHECK_INT(windows_advance(scene.windows, 10), 0);
	CHECK_TOLD("[-5,5) 1: all 0 fresh 0\n"
		   "[0,10) 1: all 0 1 fresh 1\nsettled: 0\n");
	CHECK_INT(scene_add(7, 1, 2), 0);
	CHECK_INT(windows_advance(scene.windows, 15), 0);
	CHECK_TOLD("[0,10) 1: all 0 1 2 fresh 2\n"
		   "[5,15) 1: all 1 2 expired 0\nsettled: 1 2\n");
	scene_stop();
}

TEST(sessions_and_numbers_of_tuples)
{
	const struct gust_window_spec gap = { .type = GUST_SESSION, .gap = 10 };
	const struct gust_window_spec three = { .type = GUST_SLIDING_COUNT,
						.length = 3,
						.slide = 2 };

	whole_start(&gap);
	CHECK_INT(scene_add(20, 1, 1), 0);
	CHECK_INT(scene_add(5, 1, 2), 0);
	CHECK_INT(scene_add(12, 1, 3), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[5,30) 1: all 2 3 1 fresh 2 3 1\nsettled: 2 1 3\n");
	scene_stop();
	whole_start(&three);
	for (int i = 0; i < 5; i++)
		CHECK_INT(scene_add(i, 1, i), 0);
	CHECK_INT(windows_advance(scene.windows, 0), 0);
	CHECK_TOLD("[0,2) 1: all 0 1 fresh 0 1\nsettled: 0\n"
		   "[1,4) 1: all 1 2 3 fresh 2 3 expired 0\nsettled: 1 2\n");
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[3,5) 1: all 3 4 fresh 4 expired 1 2\nsettled: 3 4\n");
	scene_stop();
}
