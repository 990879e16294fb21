/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = { { "user", GUST_STRING },
					      { "event", GUST_STRING },
					      { NULL, GUST_NULL } };
static const char *const by_user[] = { "user" };

static struct fake *create(double at_least)
{
	struct fake *fake = fake_create("bolts/sequence");

	fake_input(fake, columns);
	fake_set_list(fake, "by", by_user, 1);
	fake_set_string(fake, "first", "event == 'A'");
	fake_set_string(fake, "then", "event == 'B' or event == 'X'");
	fake_set_string(fake, "without", "event == 'C' or event == 'X'");
	fake_set_string(fake, "times", "ns");
	fake_set_number(fake, "within", 10);
	fake_set_number(fake, "at_least", at_least);
	fake_set_number(fake, "memory", 16 * 1024 * 1024);
	fake_set_number(fake, "steps", 1000000);
	return fake;
}

static void give(struct fake *fake, const char *user, const char *event,
		 int64_t time)
{
	const struct gust_value row[] = { gust_string(user, strlen(user)),
					  gust_string(event, strlen(event)) };

	fake->at = time;
	CHECK_INT(fake_give(fake, row, 2), 0);
}

/* Events of a user: letters with the time that they stand at. */
static void play(struct fake *fake, const char *events)
{
	char event[2] = "";
	int64_t time;

	for (time = 0; events[time] != '\0'; time++) {
		event[0] = events[time];
		if (event[0] != '.')
			give(fake, "u", event, time);
	}
}

/* What it comes to when all have come. */
static void finish(struct fake *fake, const char *expected)
{
	CHECK_INT(fake_flush(fake), 0);
	CHECK_STR(fake->emitted.data, expected);
	CHECK_UINT(fake->held, 0);
	CHECK_UINT(fake->failed, 0);
	fake_destroy(fake);
}

static void expect(double at_least, const char *events, const char *expected)
{
	struct fake *fake = fake_opened(create(at_least));

	play(fake, events);
	finish(fake, expected);
}

TEST(one_follows_another)
{
	struct fake *fake = fake_opened(create(1));

	CHECK_UINT(fake->column_count, 4);
	CHECK_STR(fake->columns[2].name, "since");
	CHECK_INT(fake->columns[2].type, GUST_INT);
	CHECK_STR(fake->columns[3].name, "count");
	fake_destroy(fake);
	expect(1, "AB", "u\tB\t0\t1\n");
	expect(1, "BA", "");
	expect(1, "ABB", "u\tB\t0\t1\n");
	expect(1, "ABAB", "u\tB\t0\t1\nu\tB\t2\t1\n");
	expect(1, "A.........B", "u\tB\t0\t1\n");
	expect(1, "A..........B", "");
	expect(1, "A.A........B", "u\tB\t2\t1\n");
	expect(1, "A.A.......B", "u\tB\t0\t2\n");
}

TEST(nothing_may_come_between)
{
	expect(1, "ACB", "");
	expect(1, "ACAB", "u\tB\t2\t1\n");
	expect(1, "ABC", "u\tB\t0\t1\n");
	expect(1, "CAB", "u\tB\t1\t1\n");
	/* It ends what was before; then there is nothing that it follows. */
	expect(1, "AX", "");
}

TEST(it_may_take_several)
{
	expect(3, "AAB", "");
	expect(3, "AAAB", "u\tB\t0\t3\n");
	expect(3, "AAABB", "u\tB\t0\t3\n");
	expect(3, "AABAB", "u\tB\t0\t3\n");
	expect(3, "AACAB", "");
	expect(3, "AA.........AB", "");
}

TEST(the_times_count_and_not_the_order)
{
	struct fake *fake = fake_opened(create(1));

	give(fake, "u", "B", 5);
	give(fake, "u", "A", 3);
	give(fake, "v", "A", 6);
	give(fake, "u", "other", 6);
	CHECK_UINT(fake->held, 3);
	CHECK_INT(fake_watermark(fake, 5), 0);
	CHECK_STR(fake->emitted.data, "");
	CHECK_UINT(fake->held, 2);
	CHECK_INT(fake_watermark(fake, 6), 0);
	CHECK_STR(fake->emitted.data, "u\tB\t3\t1\n");
	CHECK_INT(fake->time, 5);
	CHECK_INT(fake->how.kind, GUST_EMIT_ANCHORED);
	CHECK_UINT(fake->how.anchor_count, 1);
	CHECK_INT(fake_watermark(fake, 100), 0);
	CHECK_UINT(fake->held, 0);
	CHECK_UINT(fake->acked, 3);
	fake_destroy(fake);
}

TEST(of_equal_times_the_order_counts)
{
	struct fake *fake = fake_opened(create(1));

	give(fake, "u", "A", 5);
	give(fake, "u", "B", 5);
	give(fake, "v", "B", 5);
	give(fake, "v", "A", 5);
	finish(fake, "u\tB\t5\t1\n");
}

TEST(keys_are_apart)
{
	struct fake *fake = fake_opened(create(1));

	give(fake, "u", "A", 1);
	give(fake, "v", "B", 2);
	give(fake, "v", "C", 3);
	give(fake, "u", "B", 4);
	finish(fake, "u\tB\t1\t1\n");
}

TEST(of_many_the_oldest_are_forgotten)
{
	struct fake *fake = create(1);
	int i;

	fake_set_number(fake, "within", 1e9);
	fake_opened(fake);
	for (i = 0; i < 1500; i++) {
		give(fake, "u", "A", i);
		CHECK_INT(fake_watermark(fake, i + 1), 0);
	}
	give(fake, "u", "B", i);
	finish(fake, "u\tB\t500\t1000\n");
}

TEST(without_room_it_goes_on_later)
{
	struct fake *fake = fake_opened(create(1));

	play(fake, "ABAB");
	fake->room = 0;
	/* A timer of the clock would be too late. */
	CHECK_INT(fake_watermark(fake, 100), GUST_MORE);
	CHECK_UINT(fake->held, 4);
	CHECK_UINT(fake->timer_count, 0);
	CHECK_INT(fake->bolt->flush(fake->instance, (void *)fake), GUST_MORE);
	fake->room = 100;
	CHECK_INT(fake_watermark(fake, 100), 0);
	CHECK_UINT(fake->held, 0);
	CHECK_STR(fake->emitted.data, "u\tB\t0\t1\nu\tB\t2\t1\n");
	fake_destroy(fake);
}

TEST(what_cannot_be_judged_is_a_dead_letter)
{
	struct fake *fake = create(1);
	const struct gust_value row[] = { gust_null(), gust_null() };

	fake_set_string(fake, "then", "event .. 'x' == 'y'");
	fake_opened(fake);
	CHECK_INT(fake_give(fake, row, 2), -EBADMSG);
	CHECK_UINT(fake->dead, 1);
	fake->at = GUST_NO_TIME;
	fake_destroy(fake);
}

TEST(times_may_be_as_far_apart_as_they_can)
{
	struct fake *fake = fake_opened(create(1));

	give(fake, "u", "A", INT64_MIN + 1);
	give(fake, "u", "B", INT64_MAX);
	give(fake, "u", "A", INT64_MAX);
	finish(fake, "");
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const wrong[] = { "usr" };
	struct fake *fake = create(1);

	fake_set_list(fake, "by", wrong, 1);
	fake_refuse(fake, -ENOENT, "no field is named 'usr'");
	fake = create(1);
	fake_set_string(fake, "then", "evnt == 'B'");
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "option 'then'");
	CHECK_CONTAINS(fake->error.text, "'event'");
	fake_destroy(fake);
}
