/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "fake_check.h"

static const struct gust_column columns[] = { { "name", GUST_STRING },
					      { "n", GUST_INT },
					      { NULL, GUST_NULL } };

static struct fake *create(void)
{
	struct fake *fake = fake_create("bolts/sort");

	fake_input(fake, columns);
	fake->watermark = GUST_NO_TIME;
	return fake_opened(fake);
}

static int try(struct fake *fake, const char *name, int64_t time)
{
	const struct gust_value row[] = { gust_string(name, strlen(name)),
					  gust_int(time) };

	fake->at = time;
	return fake_give(fake, row, 2);
}

static void give(struct fake *fake, const char *name, int64_t time)
{
	CHECK_INT(try(fake, name, time), 0);
}

TEST(they_come_in_the_order_of_their_times)
{
	struct fake *fake = create();

	CHECK_UINT(fake->column_count, 2);
	CHECK_STR(fake->columns[1].name, "n");
	give(fake, "c", 5);
	give(fake, "a", -3);
	give(fake, "d", 6);
	give(fake, "b", 4);
	CHECK_STR(fake->emitted.data, "");
	CHECK_UINT(fake->held, 4);
	CHECK_INT(fake_watermark(fake, 5), 0);
	CHECK_STR(fake->emitted.data, "a\t-3\nb\t4\n");
	CHECK_INT(fake->time, 4);
	CHECK_INT(fake->how.kind, GUST_EMIT_ANCHORED);
	CHECK_UINT(fake->how.anchor_count, 1);
	CHECK_UINT(fake->acked, 2);
	CHECK_INT(fake_watermark(fake, 100), 0);
	CHECK_STR(fake->emitted.data, "a\t-3\nb\t4\nc\t5\nd\t6\n");
	CHECK_UINT(fake->held, 0);
	CHECK_UINT(fake->acked, 4);
	CHECK_UINT(fake_counter(fake, "late"), 0);
	fake_destroy(fake);
}

/* That of its time can still come when the watermark is just there. */
TEST(of_equal_times_the_order_stays)
{
	struct fake *fake = create();

	give(fake, "a", 5);
	CHECK_INT(fake_watermark(fake, 5), 0);
	CHECK_STR(fake->emitted.data, "");
	give(fake, "b", 5);
	give(fake, "c", 5);
	CHECK_INT(fake_watermark(fake, 6), 0);
	CHECK_STR(fake->emitted.data, "a\t5\nb\t5\nc\t5\n");
	CHECK_UINT(fake_counter(fake, "late"), 0);
	fake_destroy(fake);
}

TEST(a_late_one_is_passed_on_at_once)
{
	struct fake *fake = create();

	give(fake, "a", 10);
	give(fake, "b", 20);
	CHECK_INT(fake_watermark(fake, 15), 0);
	fake_forget(fake);
	give(fake, "late", 14);
	CHECK_STR(fake->emitted.data, "late\t14\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_PLAIN);
	CHECK_UINT(fake_counter(fake, "late"), 1);
	CHECK_UINT(fake->held, 1);
	fake_destroy(fake);
}

TEST(at_the_end_all_come)
{
	struct fake *fake = create();

	give(fake, "last", INT64_MAX);
	give(fake, "b", 2);
	give(fake, "a", 1);
	fake->room = 0;
	CHECK_INT(fake->bolt->flush(fake->instance, (void *)fake), GUST_MORE);
	CHECK_STR(fake->emitted.data, "a\t1\n");
	CHECK_INT(fake->bolt->flush(fake->instance, (void *)fake), GUST_MORE);
	fake->room = 1000;
	CHECK_INT(fake_flush(fake), 0);
	CHECK_STR(fake->emitted.data,
		  "a\t1\nb\t2\nlast\t9223372036854775807\n");
	CHECK_UINT(fake->held, 0);
	/* A replay is not late, and has nothing to wait for. */
	fake->watermark = INT64_MAX;
	fake_forget(fake);
	give(fake, "again", 1);
	CHECK_STR(fake->emitted.data, "again\t1\n");
	CHECK_UINT(fake_counter(fake, "late"), 0);
	fake_destroy(fake);
}

TEST(where_there_is_no_room_it_goes_on_later)
{
	struct fake *fake = create();

	give(fake, "b", 2);
	give(fake, "a", 1);
	fake->room = 0;
	CHECK_INT(fake_watermark(fake, 10), GUST_MORE);
	CHECK_STR(fake->emitted.data, "");
	CHECK_UINT(fake->held, 2);
	fake->room = 1000;
	CHECK_INT(fake_watermark(fake, 10), 0);
	CHECK_STR(fake->emitted.data, "a\t1\nb\t2\n");
	CHECK_UINT(fake->held, 0);
	fake_destroy(fake);
}

TEST(many_in_any_order)
{
	struct fake *fake = create();
	int64_t number, expected = 0;
	const char *line;

	for (number = 0; number < 1000; number++)
		give(fake, "x", number * 387 % 1000);
	CHECK_INT(fake_watermark(fake, 1000), 0);
	for (line = fake->emitted.data; *line != '\0';
	     line = strchr(line, '\n') + 1)
		CHECK_INT(strtoll(line + 2, NULL, 10), expected++);
	CHECK_INT(expected, 1000);
	fake_destroy(fake);
}

TEST(what_has_no_time_is_rejected)
{
	struct fake *fake = create();

	(void)try(fake, "a", GUST_NO_TIME);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, "it has no event time");
	CHECK_UINT(fake->held, 0);
	fake_destroy(fake);
}

TEST(without_memory_it_fails_and_is_not_lost)
{
	struct fake *fake = create();

	fake->keep_fails = true;
	CHECK_INT(try(fake, "a", 1), -ENOMEM);
	fake->keep_fails = false;
	fake->timer_result = -ENOMEM;
	CHECK_INT(try(fake, "b", 0), -ENOMEM);
	fake->timer_result = 0;
	give(fake, "c", 2);
	fake->emit_result = -ENOMEM;
	CHECK_INT(fake_watermark(fake, 10), 0);
	CHECK_UINT(fake->failed, 1);
	CHECK_UINT(fake->held, 0);
	fake_destroy(fake);
}

TEST(inputs_must_be_alike)
{
	static const struct gust_column other[] = { { "name", GUST_STRING },
						    { NULL, GUST_NULL } };
	struct fake *fake = fake_create("bolts/sort");

	fake_input(fake, columns);
	fake_input(fake, other);
	CHECK_INT(fake_declare(fake), -ENOENT);
	fake_destroy(fake);
}

/* Where tuples still wait, it gives them back. */
TEST(it_closes_at_any_time)
{
	struct fake *fake = create();

	give(fake, "a", 1);
	fake_destroy(fake);
}
