/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"

static const struct gust_window_spec ten = { .type = GUST_TUMBLING,
					     .length = 10 };

TEST(a_window_is_handed_over_when_the_watermark_is_at_its_end)
{
	scene_start(&ten, true);
	CHECK_INT(windows_next(scene.windows), INT64_MAX);
	CHECK_INT(scene_add(3, 1, 100), 0);
	CHECK_INT(scene_add(9, 1, 101), 0);
	CHECK_INT(scene_add(0, 2, 102), 0);
	CHECK_INT(scene_add(10, 1, 103), 0);
	CHECK_INT(windows_next(scene.windows), 10);
	CHECK(!windows_due(scene.windows, 9));
	CHECK_INT(windows_advance(scene.windows, 9), 0);
	CHECK_TOLD("");
	CHECK(windows_due(scene.windows, 10));
	CHECK_INT(windows_advance(scene.windows, 10), 0);
	CHECK_TOLD("[0,10) 1: 2 201\n[0,10) 2: 1 102\nsettled: 100 101 102\n");
	CHECK_INT(windows_next(scene.windows), 20);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[10,20) 1: 1 103\nsettled: 103\n");
	CHECK_UINT(windows_usage(scene.windows).tuples, 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 0);
	scene_stop();
}

TEST(without_keys_there_is_one_window)
{
	scene_start(&ten, false);
	CHECK_INT(scene_add(3, 1, 100), 0);
	CHECK_INT(scene_add(4, 2, 101), 0);
	CHECK_UINT(windows_usage(scene.windows).windows, 1);
	CHECK_UINT(windows_usage(scene.windows).tuples, 2);
	CHECK_INT(windows_advance(scene.windows, 30), 0);
	CHECK_TOLD("[0,10): 2 201\nsettled: 100 101\n");
	scene_stop();
}

TEST(late_tuples_are_told)
{
	scene_start(&ten, true);
	CHECK_INT(windows_advance(scene.windows, 15), 0);
	CHECK_INT(scene_add(9, 1, 1), WINDOWS_LATE);
	CHECK_INT(scene_add(10, 1, 2), 0);
	/* The watermark never goes back. */
	CHECK_INT(windows_advance(scene.windows, 5), 0);
	CHECK_INT(scene_add(9, 1, 1), WINDOWS_LATE);
	CHECK_INT(windows_advance(scene.windows, 20), 0);
	CHECK_TOLD("[10,20) 1: 1 2\nsettled: 2\n");
	CHECK_INT(scene_add(19, 1, 1), WINDOWS_LATE);
	scene_stop();
}

TEST(late_tuples_that_are_allowed_have_windows_handed_over_again)
{
	struct gust_window_spec spec = ten;

	spec.lateness = 5;
	scene_start(&spec, true);
	CHECK_INT(scene_add(1, 1, 1), 0);
	CHECK_INT(windows_advance(scene.windows, 14), 0);
	CHECK_TOLD("[0,10) 1: 1 1\nsettled: 1\n");
	CHECK(!windows_due(scene.windows, 14));
	CHECK_INT(scene_add(2, 1, 2), 0);
	CHECK_INT(scene_add(2, 2, 3), 0);
	CHECK_INT(scene_add(2, 1, 4), 0);
	CHECK(windows_due(scene.windows, 14));
	CHECK_INT(windows_advance(scene.windows, 14), 0);
	CHECK_TOLD("[0,10) 1: 3 7 late\n[0,10) 2: 1 3 late\n"
		   "settled: 2 3 4\n");
	/* A window that was empty until then. */
	CHECK_INT(windows_advance(scene.windows, 31), 0);
	CHECK_INT(scene_add(29, 1, 5), 0);
	CHECK_INT(scene_add(2, 1, 6), WINDOWS_LATE);
	CHECK_INT(scene_add(19, 1, 6), WINDOWS_LATE);
	CHECK_INT(windows_advance(scene.windows, 35), 0);
	CHECK_TOLD("[20,30) 1: 1 5 late\nsettled: 5\n");
	CHECK_UINT(windows_usage(scene.windows).windows, 0);
	scene_stop();
}

TEST(without_room_it_goes_on_later)
{
	scene_start(&ten, true);
	for (int i = 0; i < 5; i++)
		CHECK_INT(scene_add(1, i, i), 0);
	CHECK_INT(scene_add(11, 7, 7), 0);
	scene.room = 2;
	CHECK_INT(windows_advance(scene.windows, 20), GUST_MORE);
	CHECK_TOLD("[0,10) 0: 1 0\n[0,10) 1: 1 1\n");
	CHECK(windows_due(scene.windows, 20));
	CHECK_INT(scene_add(1, 8, 8), WINDOWS_LATE);
	scene.room = 3;
	CHECK_INT(windows_advance(scene.windows, 20), GUST_MORE);
	CHECK_TOLD("[0,10) 2: 1 2\n[0,10) 3: 1 3\n[0,10) 4: 1 4\n"
		   "settled: 0 1 2 3 4\n");
	scene.room = 9;
	CHECK_INT(windows_advance(scene.windows, 20), 0);
	CHECK_TOLD("[10,20) 7: 1 7\nsettled: 7\n");
	scene_stop();
}

TEST(tuples_that_come_while_there_is_no_room_are_not_lost)
{
	struct gust_window_spec spec = ten;

	spec.lateness = 10;
	scene_start(&spec, true);
	CHECK_INT(scene_add(1, 1, 1), 0);
	CHECK_INT(scene_add(1, 2, 2), 0);
	scene.room = 1;
	CHECK_INT(windows_advance(scene.windows, 10), GUST_MORE);
	CHECK_INT(scene_add(1, 1, 4), 0);
	CHECK_INT(scene_add(1, 2, 8), 0);
	CHECK_INT(scene_add(1, 3, 16), 0);
	scene.room = 2;
	CHECK_INT(windows_advance(scene.windows, 10), GUST_MORE);
	CHECK_TOLD("[0,10) 1: 1 1\n[0,10) 2: 2 10\n[0,10) 3: 1 16\n");
	scene.room = 2;
	CHECK_INT(windows_advance(scene.windows, 10), 0);
	CHECK_TOLD("[0,10) 1: 2 5 late\nsettled: 1 2 4 8 16\n");
	CHECK(!windows_due(scene.windows, 10));
	scene_stop();
}

TEST(early_ones_are_those_that_have_changed)
{
	struct gust_window_spec spec = ten;

	spec.early = 1;
	scene_start(&spec, true);
	CHECK_INT(scene_add(1, 1, 1), 0);
	CHECK_INT(scene_add(1, 2, 2), 0);
	CHECK_INT(scene_add(11, 1, 3), 0);
	scene.room = 2;
	CHECK_INT(windows_early(scene.windows), GUST_MORE);
	scene.room = 9;
	CHECK_INT(windows_early(scene.windows), 0);
	CHECK_TOLD("[0,10) 1: 1 1 early\n[0,10) 2: 1 2 early\n"
		   "[10,20) 1: 1 3 early\n");
	CHECK_INT(scene_add(1, 2, 4), 0);
	CHECK_INT(windows_early(scene.windows), 0);
	CHECK_TOLD("[0,10) 2: 2 6 early\n");
	CHECK_INT(windows_early(scene.windows), 0);
	CHECK_TOLD("");
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[0,10) 1: 1 1\n[0,10) 2: 2 6\nsettled: 1 2 4\n"
		   "[10,20) 1: 1 3\nsettled: 3\n");
	scene_stop();
}

TEST(times_before_1970_and_at_the_ends)
{
	scene_start(&ten, true);
	CHECK_INT(scene_add(-1, 1, 1), 0);
	CHECK_INT(scene_add(-10, 1, 2), 0);
	CHECK_INT(scene_add(-11, 1, 4), 0);
	CHECK_INT(scene_add(INT64_MIN + 1, 1, 8), 0);
	CHECK_INT(scene_add(INT64_MIN + 9, 1, 16), 0);
	CHECK_INT(scene_add(INT64_MAX, 1, 32), 0);
	CHECK_INT(scene_add(INT64_MAX - 8, 1, 64), 0);
	CHECK_INT(windows_advance(scene.windows, 0), 0);
	CHECK_TOLD("[-9223372036854775808,-9223372036854775800) 1: 1 8\n"
		   "settled: 8\n"
		   "[-9223372036854775800,-9223372036854775790) 1: 1 16\n"
		   "settled: 16\n"
		   "[-20,-10) 1: 1 4\nsettled: 4\n"
		   "[-10,0) 1: 2 3\nsettled: 1 2\n");
	CHECK_INT(windows_advance(scene.windows, INT64_MAX - 1), 0);
	CHECK_TOLD("[9223372036854775790,9223372036854775800) 1: 1 64\n"
		   "settled: 64\n");
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[9223372036854775800,9223372036854775807) 1: 1 32\n"
		   "settled: 32\n");
	scene_stop();
}

TEST(windows_may_be_moved)
{
	struct gust_window_spec spec = ten;

	spec.offset = -3;
	scene_start(&spec, true);
	CHECK_INT(scene_add(6, 1, 1), 0);
	CHECK_INT(scene_add(7, 1, 2), 0);
	CHECK_INT(scene_add(-3, 1, 4), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[-3,7) 1: 2 5\nsettled: 1 4\n"
		   "[7,17) 1: 1 2\nsettled: 2\n");
	scene_stop();
}

TEST(what_lies_between_windows_is_in_none)
{
	struct gust_window_spec spec = { .type = GUST_SLIDING,
					 .length = 4,
					 .slide = 10 };

	scene_start(&spec, true);
	CHECK_INT(scene_add(3, 1, 1), 0);
	CHECK_INT(scene_add(4, 1, 2), 0);
	CHECK_INT(scene_add(9, 1, 4), 0);
	CHECK_INT(scene_add(10, 1, 8), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[0,4) 1: 1 1\nsettled: 1\n[10,14) 1: 1 8\nsettled: 8\n");
	scene_stop();
}

static struct {
	char value[256];
	size_t value_length;
} head;

static int keep_head(void *context, enum windows_group group,
		     struct gust_text key, const struct gust_text *value)
{
	(void)context;
	if (group != WINDOWS_ABOUT || key.length != 1 ||
	    key.data[0] != WINDOWS_HEAD[0])
		return 0;
	CHECK(value != NULL && value->length <= sizeof(head.value));
	memcpy(head.value, value->data, value->length);
	head.value_length = value->length;
	return 0;
}

static int restore_format(int64_t format)
{
	int r;

	memcpy(head.value, &format, sizeof(format));
	scene_start(&ten, true);
	r = windows_restore(
		scene.windows, WINDOWS_ABOUT,
		(struct gust_text){ WINDOWS_HEAD, 1 },
		(struct gust_text){ head.value, head.value_length });
	scene_stop();
	return r;
}

TEST(a_newer_format_is_refused)
{
	int64_t format = 0;

	scene_start(&ten, true);
	scene.durable = true;
	CHECK_INT(windows_save(scene.windows, keep_head, NULL), 0);
	CHECK_INT(scene_add(5, 1, 1), 0);
	CHECK_INT(windows_advance(scene.windows, 20), 0);
	CHECK_INT(windows_save(scene.windows, keep_head, NULL), 0);
	scene_stop();
	memcpy(&format, head.value, sizeof(format));
	CHECK_INT(format, WINDOWS_FORMAT);
	CHECK_INT(restore_format(WINDOWS_FORMAT), 0);
	CHECK_INT(restore_format(WINDOWS_FORMAT + 1), -ENOTSUP);
	CHECK_INT(restore_format(0), -EBADMSG);
}

/* Were they gone through one by one, this would take years. */
TEST(empty_windows_are_neither_handed_over_nor_gone_through)
{
	const int64_t far = INT64_C(4000000000000000000);
	struct gust_window_spec spec = ten;
	const char *at;
	int64_t told;

	for (int64_t slide = 1; slide <= 10; slide += 9) {
		spec.type = slide < 10 ? GUST_SLIDING : GUST_TUMBLING;
		spec.slide = slide;
		scene_start(&spec, true);
		CHECK_INT(scene_add(-far, 1, 1), 0);
		CHECK_INT(windows_advance(scene.windows, 0), 0);
		CHECK_INT(windows_early(scene.windows), 0);
		CHECK_INT(windows_next(scene.windows), INT64_MAX);
		CHECK_INT(scene_add(far, 1, 2), 0);
		CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
		told = 0;
		for (at = scene_told(); *at != '\0'; at++)
			told += *at == '[';
		CHECK_INT(told, 2 * 10 / slide);
		CHECK_UINT(windows_usage(scene.windows).windows, 0);
		scene_stop();
	}
}

TEST(after_a_flush_the_watermark_is_what_it_was)
{
	scene_start(&ten, true);
	CHECK_INT(windows_advance(scene.windows, 15), 0);
	CHECK_INT(scene_add(25, 1, 1), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_INT(scene_add(9, 1, 2), WINDOWS_LATE);
	CHECK_INT(scene_add(25, 1, 4), 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("[20,30) 1: 1 1\nsettled: 1\n"
		   "[20,30) 1: 1 4\nsettled: 4\n");
	scene_stop();
}

TEST(a_tuple_that_is_refused_changes_nothing)
{
	scene_start(&ten, true);
	scene.fails = -EINVAL;
	CHECK_INT(scene_add(1, 1, 1), -EINVAL);
	scene.fails = 0;
	CHECK_UINT(windows_usage(scene.windows).tuples, 0);
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
	CHECK_TOLD("");
	scene_stop();
}
