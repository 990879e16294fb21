/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

#define SECOND UINT64_C(1000000000)

static const struct gust_column columns[] = { { "n", GUST_INT },
					      { NULL, GUST_NULL } };

static struct fake *create(double rate, double burst, uint32_t tasks)
{
	struct fake *fake = fake_create("bolts/throttle");

	fake_input(fake, columns);
	fake_set_number(fake, "rate", rate);
	fake_set_number(fake, "burst", burst);
	fake->count = tasks;
	fake->now = 77 * SECOND;
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

/* How many of `most` tuples pass now, before one has to wait. */
static size_t pass(struct fake *fake, size_t most)
{
	size_t before = fake->emits, i;
	int r = 0;

	for (i = 0; i < most && r == 0; i++) {
		const struct gust_value n = gust_int(1);

		r = fake_give(fake, &n, 1);
		CHECK(r == 0 || r == -EAGAIN);
	}
	return fake->emits - before;
}

TEST(a_burst_passes_at_once)
{
	struct fake *fake = create(10, 5, 1);

	CHECK_UINT(pass(fake, 100), 5);
	CHECK_UINT(pass(fake, 100), 0);
	/* One timer, whoever asks how often. */
	CHECK_UINT(fake->timer_count, 1);
	CHECK_INT(fake_advance(fake, SECOND / 10 - 10), 0);
	CHECK_UINT(pass(fake, 100), 0);
	CHECK_INT(fake_advance(fake, 11), 0);
	CHECK_UINT(fake->timer_count, 0);
	CHECK_UINT(pass(fake, 100), 1);
	/* A long rest brings no more than a burst. */
	CHECK_INT(fake_advance(fake, 3600 * SECOND), 0);
	CHECK_UINT(pass(fake, 100), 5);
	fake_destroy(fake);
}

TEST(a_rest_in_the_middle_of_a_burst_adds_nothing_beyond)
{
	struct fake *fake = create(10, 5, 1);

	CHECK_UINT(pass(fake, 1), 1);
	CHECK_INT(fake_advance(fake, 3600 * SECOND), 0);
	CHECK_UINT(pass(fake, 100), 5);
	fake_destroy(fake);
}

/* Passes for `seconds`, called when a timer is due and late by `late`. */
static size_t run(struct fake *fake, uint64_t seconds, uint64_t late)
{
	const uint64_t end = fake->now + seconds * SECOND;
	size_t passed = 0;

	while (fake->now < end) {
		passed += pass(fake, SIZE_MAX);
		CHECK_UINT(fake->timer_count, 1);
		CHECK(fake->timers[0].due > fake->now);
		CHECK_INT(fake_advance(fake,
				       fake->timers[0].due - fake->now + late),
			  0);
	}
	return passed;
}

TEST(the_rate_is_kept)
{
	static const struct {
		double rate;
		uint64_t seconds, late;
	} cases[] = {
		{ 10, 100, 0 },        { 10, 100, 50000000 },
		{ 1000, 10, 300000 },  { 333.3, 30, 1000000 },
		{ 0.5, 100, 1000000 }, { 100000, 1, 2000000 },
		{ 1e6, 1, 5000000 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *fake = create(cases[i].rate, 0, 1);
		double expected = cases[i].rate * (double)cases[i].seconds;
		size_t passed = run(fake, cases[i].seconds, cases[i].late);

		CHECK_NEAR((double)passed, expected, 2 + expected / 50);
		fake_destroy(fake);
	}
}

TEST(tasks_share_the_rate)
{
	struct fake *fake = create(100, 1, 4);

	CHECK_NEAR((double)run(fake, 10, 0), 250.0, 2.0);
	fake_destroy(fake);
}

TEST(what_could_not_be_emitted_has_not_passed)
{
	struct fake *fake = create(1, 1, 1);
	const struct gust_value n = gust_int(1);

	fake->emit_result = -ENOMEM;
	CHECK_INT(fake_give(fake, &n, 1), -ENOMEM);
	fake->emit_result = 0;
	CHECK_INT(fake_give(fake, &n, 1), 0);
	CHECK_INT(fake_give(fake, &n, 1), -EAGAIN);
	fake_destroy(fake);
}

TEST(without_a_timer_it_still_waits)
{
	struct fake *fake = create(1, 1, 1);

	fake->timer_result = -ENOMEM;
	CHECK_UINT(pass(fake, 10), 1);
	CHECK_UINT(fake->timer_count, 0);
	fake->now += SECOND + 1;
	CHECK_UINT(pass(fake, 10), 1);
	fake_destroy(fake);
}

TEST(values_are_passed_on_as_they_are)
{
	struct fake *fake = create(1, 3, 1);
	const struct gust_value n = gust_int(INT64_MIN), none = gust_null();

	CHECK_INT(fake_give(fake, &n, 1), 0);
	CHECK_INT(fake_give(fake, &none, 1), 0);
	CHECK_STR(fake->emitted.data, "-9223372036854775808\nnull\n");
	fake_destroy(fake);
}
