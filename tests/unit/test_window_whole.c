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
		scene_write(" %" PRId64, pair_number(list[i]));
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

/* Ten tuples; some of them are spilled. */
static void spill_play(const struct gust_window_spec *spec, size_t every)
{
	whole_start(spec);
	scene.spill.every = every;
	for (int i = 0; i < 10; i++)
		CHECK_INT(scene_add(7 * i % 10 + 2 * i, i % 2, i), 0);
	if (spec->early > 0)
		CHECK_INT(windows_early(scene.windows), 0);
	CHECK_INT(windows_advance(scene.windows, 12), 0);
	if (spec->lateness > 0)
		CHECK_INT(scene_add(5, 1, 99), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_UINT(windows_usage(scene.windows).tuples, 0);
	CHECK_UINT(scene.spill.given, scene.spill.taken);
	CHECK_UINT(scene.spill.taken > 0, every > 0);
	CHECK_UINT(scene.spill.rested > 0, every > 0);
}

static const struct gust_window_spec spill_kinds[] = {
	{ .type = GUST_TUMBLING, .length = 10, .lateness = 20 },
	{ .type = GUST_SLIDING, .length = 10, .slide = 4, .lateness = 20 },
	{ .type = GUST_SLIDING, .length = 10, .slide = 3, .early = 1 },
	{ .type = GUST_SESSION, .gap = 3 },
	{ .type = GUST_TUMBLING_COUNT, .length = 3 },
	{ .type = GUST_SLIDING_COUNT, .length = 4, .slide = 2, .early = 1 },
};
#define SPILL_KINDS (sizeof(spill_kinds) / sizeof(*spill_kinds))

TEST(what_is_spilled_is_handed_over_as_if_it_were_not)
{
	for (size_t i = 0; i < SPILL_KINDS; i++) {
		static char expected[sizeof(scene.log)];

		spill_play(&spill_kinds[i], 0);
		memcpy(expected, scene_told(), sizeof(expected));
		scene_stop();
		for (size_t every = 1; every < 4; every++) {
			spill_play(&spill_kinds[i], every);
			CHECK_TOLD(expected);
			scene_stop();
		}
	}
}

TEST(what_is_spilled_takes_no_memory_but_its_place)
{
	const struct gust_window_spec ten = { .type = GUST_TUMBLING,
					      .length = 10 };
	uint64_t before;

	whole_start(&ten);
	scene.spill.every = 1;
	CHECK_INT(scene_add(5, 1, 0), 0);
	before = windows_usage(scene.windows).bytes;
	for (int i = 0; i < 1000; i++)
		CHECK_INT(scene_add(5, 1, i), 0);
	/* What grows has some room left. */
	CHECK(windows_usage(scene.windows).bytes - before <= 1000 * 12);
	CHECK_UINT(windows_usage(scene.windows).tuples, 1001);
	scene_stop();
}

TEST(a_tuple_for_which_there_is_no_room_may_come_again)
{
	for (size_t i = 0; i < SPILL_KINDS; i++) {
		static char expected[sizeof(scene.log)];

		whole_start(&spill_kinds[i]);
		for (int n = 0; n < 6; n++)
			CHECK_INT(scene_add(n, 1, n), 0);
		CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
		memcpy(expected, scene_told(), sizeof(expected));
		scene_stop();
		whole_start(&spill_kinds[i]);
		for (int n = 0; n < 6; n++) {
			scene.spill.fails = -ENOSPC;
			CHECK_INT(scene_add(n, 1, n), -ENOSPC);
			CHECK_UINT(windows_usage(scene.windows).tuples,
				   (uint64_t)n);
			scene.spill.fails = 0;
			CHECK_INT(scene_add(n, 1, n), 0);
		}
		CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
		CHECK_TOLD(expected);
		scene_stop();
	}
}
