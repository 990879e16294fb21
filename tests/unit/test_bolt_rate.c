/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <math.h>

#include "fake_accumulator.h"
#include "fake_check.h"

#define SECOND UINT64_C(1000000000)

static const struct gust_column columns[] = { { "host", GUST_STRING },
					      { "bytes", GUST_INT },
					      { "load", GUST_FLOAT },
					      { NULL, GUST_NULL } };
static const char *const by_host[] = { "host" };

static struct fake *create(const char *of)
{
	struct fake *fake = fake_create("bolts/rate");

	fake_input(fake, columns);
	fake_set_list(fake, "by", by_host, 1);
	fake_set_string(fake, "of", of);
	return fake;
}

static void give(struct fake *fake, const char *host, int64_t bytes,
		 double load)
{
	const struct gust_value row[] = { gust_string(host, strlen(host)),
					  gust_int(bytes), gust_float(load) };

	CHECK_INT(fake_give(fake, row, 3), 0);
}

static void tick(struct fake *fake, uint64_t ns, const char *expected)
{
	fake->now += ns;
	fake_forget(fake);
	CHECK_INT(fake->bolt->tick(fake->instance, (void *)fake), 0);
	CHECK_STR(fake->emitted.data, expected);
}

TEST(what_came_since_the_last_tick)
{
	struct fake *fake = fake_opened(create(NULL));

	CHECK_UINT(fake->column_count, 3);
	CHECK_STR(fake->columns[1].name, "count");
	CHECK_STR(fake->columns[2].name, "rate");
	tick(fake, SECOND, "");
	give(fake, "b", 5, 1);
	give(fake, "a", 5, 1);
	give(fake, "b", 5, 1);
	tick(fake, 4 * SECOND, "a\t1\t0.25\nb\t2\t0.5\n");
	give(fake, "b", 5, 1);
	tick(fake, 2 * SECOND, "a\t0\t0\nb\t1\t0.5\n");
	tick(fake, SECOND, "b\t0\t0\n");
	tick(fake, SECOND, "");
	fake_destroy(fake);
}

TEST(the_end_is_a_tick)
{
	struct fake *fake = fake_opened(create(NULL));

	give(fake, "b", 5, 1);
	fake->now += SECOND / 2;
	CHECK_INT(fake_finish(fake), 0);
	CHECK_STR(fake->emitted.data, "b\t1\t2\n");
	fake_destroy(fake);
}

TEST(sums_of_a_field)
{
	struct fake *ints = fake_opened(create("bytes"));
	struct fake *floats = fake_opened(create("load"));

	CHECK_STR(ints->columns[1].name, "bytes");
	give(ints, "a", 100, 1);
	give(ints, "a", -40, 1);
	tick(ints, 2 * SECOND, "a\t60\t30\n");
	give(ints, "a", INT64_MAX, 1);
	give(ints, "a", 1, 1);
	tick(ints, SECOND, "a\t9223372036854775807\t9.2233720368547758e+18\n");
	CHECK_INT(floats->columns[1].type, GUST_FLOAT);
	give(floats, "a", 100, 0.5);
	give(floats, "a", 100, NAN);
	give(floats, "a", 100, 0.25);
	tick(floats, SECOND / 2, "a\t0.75\t1.5\n");
	fake_destroy(ints);
	fake_destroy(floats);
}

TEST(a_window_says_over_how_long)
{
	const struct gust_window_spec spec = { .type = GUST_SLIDING,
					       .length = 10 * SECOND,
					       .slide = 5 * SECOND,
					       .early = 1,
					       .keys = by_host,
					       .key_count = 1 };
	const struct gust_value host = gust_string("h", 1);
	const struct gust_value row[] = { host, gust_int(3), gust_null() };
	struct gust_window window = { .begin = 0,
				      .end = 10 * (int64_t)SECOND,
				      .keys = &host,
				      .key_count = 1 };
	struct gust_accumulator left, right;
	struct fake *fake = create(NULL);

	fake_set_list(fake, "by", NULL, 0);
	fake->window = &spec;
	fake_opened(fake);
	left = fake_accumulator(fake);
	right = fake_accumulator(fake);
	CHECK_INT(fake_add(fake, &left, row, 3, 1), 0);
	CHECK_INT(fake_add(fake, &right, row, 3, 2), 0);
	CHECK_INT(fake_merge(fake, &left, &right), 0);
	CHECK_INT(fake_result(fake, &window, &left), 0);
	CHECK_STR(fake->emitted.data, "h\t0\t10000\t2\t0.20000000000000001"
				      "\ton_time\n");
	fake_forget(fake);
	window.firing = GUST_EARLY;
	fake->watermark = 4 * (int64_t)SECOND;
	CHECK_INT(fake_result(fake, &window, &left), 0);
	CHECK_STR(fake->emitted.data, "h\t0\t10000\t2\t0.5\tearly\n");
	fake_drop(&left);
	fake_drop(&right);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	const struct gust_window_spec spec = { .type = GUST_TUMBLING };
	struct fake *fake = create("host");

	fake_refuse(fake, -EINVAL,
		    "option 'of': field 'host' is string, expected int or "
		    "float");
	fake_refuse(create("byte"), -ENOENT, "no field is named 'byte'");
	fake = create(NULL);
	fake->window = &spec;
	fake_refuse(fake, -EINVAL,
		    "option 'by' has no meaning beside a window, expected "
		    "'keys' of 'window'");
}
