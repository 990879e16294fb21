/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include <gust/kit/agenda.h>

#include "fake_task.h"

static char names[] = "0123456789";

static void add(struct fake *fake, struct agenda *agenda, int64_t time,
		int name)
{
	CHECK_INT(agenda_reserve(agenda, (void *)fake, time), 0);
	agenda_add(agenda, time, &names[name]);
}

/* What is due up to then, by name. */
static void due(struct agenda *agenda, int64_t upto, const char *expected)
{
	char found[16] = "", *item;
	size_t n = 0;

	while ((item = agenda_due(agenda, upto)) != NULL)
		found[n++] = *item;
	CHECK_STR(found, expected);
}

TEST(items_are_in_the_order_of_times_and_of_arrival)
{
	struct agenda agenda = { 0 };
	struct fake fake = { 0 };

	CHECK_PTR(agenda_due(&agenda, INT64_MAX), NULL);
	add(&fake, &agenda, 5, 0);
	add(&fake, &agenda, INT64_MAX, 1);
	add(&fake, &agenda, 5, 2);
	add(&fake, &agenda, INT64_MIN, 3);
	add(&fake, &agenda, 4, 4);
	add(&fake, &agenda, 5, 5);
	due(&agenda, INT64_MIN, "3");
	due(&agenda, 4, "4");
	add(&fake, &agenda, 5, 6);
	due(&agenda, INT64_MAX - 1, "0256");
	due(&agenda, INT64_MAX, "1");
	agenda_destroy(&agenda);
}

TEST(many_items_come_in_order)
{
	struct agenda agenda = { 0 };
	struct fake fake = { .timer_result = 0 };
	static int64_t times[5000];
	int64_t last = INT64_MIN, *item;
	uint64_t seed = 1;
	int i;

	for (i = 0; i < 5000; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		times[i] = (int64_t)(seed >> 54);
		/* One timer, at the least, is enough. */
		agenda.waiting = true;
		agenda.armed = 0;
		CHECK_INT(agenda_reserve(&agenda, (void *)&fake, times[i]), 0);
		agenda_add(&agenda, times[i], &times[i]);
	}
	for (i = 0; (item = agenda_due(&agenda, INT64_MAX)) != NULL; i++) {
		CHECK(*item >= last);
		last = *item;
	}
	CHECK_INT(i, 5000);
	agenda_destroy(&agenda);
}

TEST(there_is_a_timer_for_the_next_one)
{
	struct agenda agenda = { 0 };
	struct fake fake = { 0 };

	add(&fake, &agenda, 10, 0);
	add(&fake, &agenda, 20, 1);
	CHECK_UINT(fake.event_timer_count, 1);
	add(&fake, &agenda, 5, 2);
	CHECK_UINT(fake.event_timer_count, 2);
	CHECK_INT(fake.event_timers[1].due, 5);
	due(&agenda, 5, "2");
	CHECK_INT(agenda_rest(&agenda, (void *)&fake, 5), 0);
	CHECK_UINT(fake.event_timer_count, 3);
	CHECK_INT(fake.event_timers[2].due, 10);
	/* That of before has no meaning any more, and does no harm. */
	due(&agenda, 10, "0");
	CHECK_INT(agenda_rest(&agenda, (void *)&fake, 10), 0);
	CHECK_INT(fake.event_timers[3].due, 20);
	due(&agenda, 20, "1");
	CHECK_INT(agenda_rest(&agenda, (void *)&fake, 20), 0);
	CHECK_UINT(fake.event_timer_count, 4);
	agenda_destroy(&agenda);
}

TEST(without_a_timer_nothing_is_added)
{
	struct fake fake = { .timer_result = -ENOMEM };
	struct agenda agenda = { 0 };

	CHECK_INT(agenda_reserve(&agenda, (void *)&fake, 1), -ENOMEM);
	fake.timer_result = 0;
	add(&fake, &agenda, 1, 0);
	CHECK_UINT(fake.event_timer_count, 1);
	agenda_destroy(&agenda);
}
