/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

#define MS UINT64_C(1000000)

static const struct gust_column columns[] = { { "n", GUST_INT },
					      { "text", GUST_STRING },
					      { NULL, GUST_NULL } };

static struct fake *create(double by_ns)
{
	struct fake *fake = fake_create("bolts/delay");

	fake_input(fake, columns);
	fake_set_number(fake, "by", by_ns);
	fake->now = 1000 * MS;
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

static int give(struct fake *fake, int64_t n, const char *text)
{
	const struct gust_value row[] = { gust_int(n),
					  gust_string(text, strlen(text)) };

	return fake_give(fake, row, 2);
}

TEST(tuples_come_later_in_their_order)
{
	struct fake *fake = create(100 * MS);

	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_advance(fake, 30 * MS), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(give(fake, 3, ""), 0);
	CHECK_UINT(fake->held, 3);
	CHECK_UINT(fake->timer_count, 1);
	CHECK_INT(fake_advance(fake, 69 * MS), 0);
	CHECK_UINT(fake->emits, 0);
	CHECK_INT(fake_advance(fake, MS), 0);
	CHECK_STR(fake->emitted.data, "1\ta\n");
	CHECK_UINT(fake->acked, 1);
	CHECK_INT(fake->how.kind, GUST_EMIT_ANCHORED);
	CHECK_UINT(fake->how.anchor_count, 1);
	CHECK_INT(fake_advance(fake, 29 * MS), 0);
	CHECK_UINT(fake->emits, 1);
	CHECK_INT(fake_advance(fake, MS), 0);
	CHECK_STR(fake->emitted.data, "1\ta\n2\tb\n3\t\n");
	CHECK_UINT(fake->acked, 3);
	CHECK_UINT(fake->held, 0);
	CHECK_UINT(fake->timer_count, 0);
	fake_destroy(fake);
}

TEST(many_wait_with_one_timer)
{
	struct fake *fake = create(100 * MS);
	char *line;
	int i;

	for (i = 0; i < 1000; i++) {
		CHECK_INT(give(fake, i, "x"), 0);
		CHECK(fake->timer_count <= 1);
		CHECK_INT(fake_advance(fake, MS), 0);
		/* What came 100 ms ago has gone. */
		CHECK_UINT(fake->emits, i < 99 ? 0 : i - 98);
	}
	CHECK_INT(fake_advance(fake, 100 * MS), 0);
	CHECK_UINT(fake->emits, 1000);
	line = fake->emitted.data;
	for (i = 0; i < 1000; i++) {
		CHECK_INT(strtol(line, &line, 10), i);
		line = strchr(line, '\n') + 1;
	}
	fake_destroy(fake);
}

TEST(more_may_wait_than_before)
{
	struct fake *fake = create(100 * MS);
	char expected[16];
	int i;

	/* The queue grows while its oldest is not its first. */
	for (i = 0; i < 50; i++)
		CHECK_INT(give(fake, i, "x"), 0);
	CHECK_INT(fake_advance(fake, 100 * MS), 0);
	CHECK_UINT(fake->emits, 50);
	for (; i < 350; i++) {
		CHECK_INT(give(fake, i, "x"), 0);
		CHECK_INT(fake_advance(fake, MS / 10), 0);
	}
	CHECK_UINT(fake->emits, 50);
	for (i = 50; i < 350; i++) {
		fake_forget(fake);
		CHECK(fake_tick(fake));
		snprintf(expected, sizeof(expected), "%d\tx\n", i);
		CHECK_STR(fake->emitted.data, expected);
	}
	fake_destroy(fake);
}

TEST(the_end_waits_for_the_last_one)
{
	struct fake *fake = create(100 * MS);

	CHECK_INT(fake_flush(fake), 0);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_flush(fake), -EAGAIN);
	CHECK_UINT(fake->emits, 0);
	CHECK_INT(fake_advance(fake, 100 * MS), 0);
	CHECK_UINT(fake->emits, 1);
	CHECK_INT(fake_flush(fake), 0);
	/* A flush may find it due before the timer does. */
	CHECK_INT(give(fake, 2, "b"), 0);
	fake->now += 100 * MS;
	CHECK_INT(fake_flush(fake), 0);
	CHECK_UINT(fake->emits, 2);
	CHECK_UINT(fake->held, 0);
	CHECK_INT(fake_advance(fake, 100 * MS), 0);
	CHECK_UINT(fake->emits, 2);
	fake_destroy(fake);
}

TEST(without_room_the_rest_comes_soon)
{
	struct fake *fake = create(100 * MS);

	CHECK_INT(give(fake, 1, "a"), 0);
	fake->room = 0;
	CHECK_INT(fake_advance(fake, 105 * MS), 0);
	CHECK_UINT(fake->emits, 0);
	CHECK_UINT(fake->timer_count, 1);
	CHECK_INT(fake_flush(fake), -EAGAIN);
	fake->room = 100;
	CHECK_INT(fake_advance(fake, MS), 0);
	CHECK_UINT(fake->emits, 1);
	fake_destroy(fake);
}

TEST(short_memory_fails_a_tuple_and_no_other)
{
	struct fake *fake = create(100 * MS);

	fake->keep_fails = true;
	CHECK_INT(give(fake, 1, "a"), -ENOMEM);
	fake->keep_fails = false;
	CHECK_INT(fake_advance(fake, 50 * MS), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	/* The timer of the first one finds nothing due. */
	CHECK_INT(fake_advance(fake, 99 * MS), 0);
	CHECK_UINT(fake->emits, 0);
	fake->emit_result = -ENOMEM;
	CHECK_INT(fake_advance(fake, MS), 0);
	CHECK_UINT(fake->failed, 1);
	CHECK_UINT(fake->acked, 0);
	CHECK_UINT(fake->held, 0);
	fake->emit_result = 0;
	CHECK_INT(give(fake, 3, "c"), 0);
	CHECK_INT(fake_advance(fake, 100 * MS), 0);
	CHECK_STR(fake->emitted.data, "3\tc\n");
	fake_destroy(fake);
}

TEST(without_a_timer_nothing_is_taken)
{
	struct fake *fake = create(100 * MS);

	fake->timer_result = -ENOMEM;
	CHECK_INT(give(fake, 1, "a"), -ENOMEM);
	CHECK_UINT(fake->held, 0);
	fake->timer_result = 0;
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(fake_advance(fake, 100 * MS), 0);
	CHECK_STR(fake->emitted.data, "2\tb\n");
	fake_destroy(fake);
}
