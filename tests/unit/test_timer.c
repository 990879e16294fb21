/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "base/random.h"
#include "engine/timer.h"
#include "starve.h"
#include "test.h"

static void set(struct timers *timers, uint64_t due_ns, uint64_t cookie)
{
	CHECK_INT(timers_set(timers, due_ns, TIMER_USER, 5, cookie), 0);
}

TEST(none_is_due_for_ever)
{
	struct timers timers = { 0 };

	CHECK_UINT(timers_due(&timers), UINT64_MAX);
	timers_fini(&timers);
}

TEST(a_timer_comes_back_as_it_was_set)
{
	struct timers timers = { 0 };
	struct timer timer;

	CHECK_INT(timers_set(&timers, 77, TIMER_REPLAY, 3, UINT64_MAX), 0);
	CHECK_UINT(timers_due(&timers), 77);
	timer = timers_take(&timers);
	CHECK_UINT(timer.due_ns, 77);
	CHECK_UINT(timer.kind, TIMER_REPLAY);
	CHECK_UINT(timer.task, 3);
	CHECK_UINT(timer.cookie, UINT64_MAX);
	CHECK_UINT(timers_due(&timers), UINT64_MAX);
	timers_fini(&timers);
}

TEST(the_earliest_comes_first)
{
	struct timers timers = { 0 };

	set(&timers, 30, 3);
	set(&timers, 10, 1);
	set(&timers, 0, 0);
	set(&timers, UINT64_MAX - 1, 4);
	set(&timers, 20, 2);
	for (uint64_t i = 0; i < 5; i++)
		CHECK_UINT(timers_take(&timers).cookie, i);
	timers_fini(&timers);
}

TEST(equals_come_in_the_order_they_were_set)
{
	struct timers timers = { 0 };

	for (uint64_t i = 0; i < 1000; i++)
		set(&timers, i % 3, i);
	for (uint64_t due = 0; due < 3; due++)
		for (uint64_t i = due; i < 1000; i += 3)
			CHECK_UINT(timers_take(&timers).cookie, i);
	timers_fini(&timers);
}

#define TIMERS 400u

/* What is set and not taken, in the order of setting. */
static struct {
	uint64_t due_ns, cookie;
} table[TIMERS];
static uint32_t table_count;

static uint32_t table_first(void)
{
	uint32_t first = 0;

	for (uint32_t i = 1; i < table_count; i++)
		if (table[i].due_ns < table[first].due_ns)
			first = i;
	return first;
}

static void table_remove(uint32_t at)
{
	table_count--;
	for (uint32_t i = at; i < table_count; i++)
		table[i] = table[i + 1];
}

TEST(it_agrees_with_a_table)
{
	struct timers timers = { 0 };
	struct random random;

	random_seed(&random, 4);
	table_count = 0;
	for (uint64_t round = 0; round < 50000; round++) {
		/* Few enough due times that many are equal. */
		uint64_t due = random_below(&random, 100);
		/* It grows and shrinks in waves. */
		uint32_t odds = round / 5000 % 2 == 0 ? 70 : 30;

		if (random_below(&random, 100) < odds && table_count < TIMERS) {
			set(&timers, due, round);
			table[table_count].due_ns = due;
			table[table_count++].cookie = round;
		} else if (table_count > 0) {
			uint32_t first = table_first();

			CHECK_UINT(timers_take(&timers).cookie,
				   table[first].cookie);
			table_remove(first);
		}
		CHECK_UINT(timers.count, table_count);
		CHECK_UINT(timers_due(&timers),
			   table_count == 0 ? UINT64_MAX
					    : table[table_first()].due_ns);
	}
	timers_fini(&timers);
}

TEST(short_memory_leaves_what_was_set)
{
	for (unsigned long n = 1; starve(n); n++) {
		struct timers timers = { 0 };
		uint64_t count = 0;
		int r = 0;

		while (count < 40 && r == 0) {
			r = timers_set(&timers, 100 - count, TIMER_USER, 0,
				       count);
			count += r == 0;
		}
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		CHECK_UINT(timers.count, count);
		while (count > 0)
			CHECK_UINT(timers_take(&timers).cookie, --count);
		timers_fini(&timers);
	}
}
