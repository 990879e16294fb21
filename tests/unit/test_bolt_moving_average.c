/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <math.h>

#include "fake_accumulator.h"
#include "fake_check.h"

static const struct gust_column columns[] = { { "device", GUST_STRING },
					      { "value", GUST_FLOAT },
					      { NULL, GUST_NULL } };
static const char *const by_device[] = { "device" };

static struct fake *create(double last)
{
	struct fake *fake = fake_create("bolts/moving_average");

	fake_input(fake, columns);
	fake_set_list(fake, "by", by_device, 1);
	fake_set_string(fake, "of", "value");
	fake_set_string(fake, "output", "average");
	fake_set_number(fake, "last", last);
	return fake;
}

static void give(struct fake *fake, const char *device, double value,
		 const char *expected)
{
	const struct gust_value row[] = { gust_string(device, strlen(device)),
					  gust_float(value) };

	fake_forget(fake);
	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_STR(fake->emitted.data, expected);
}

TEST(the_last_values_of_each_key)
{
	struct fake *fake = fake_opened(create(3));

	CHECK_UINT(fake->column_count, 3);
	CHECK_STR(fake->columns[0].name, "device");
	CHECK_STR(fake->columns[2].name, "average");
	CHECK_INT(fake->columns[2].type, GUST_FLOAT);
	give(fake, "a", 1, "a\t1\t1\n");
	give(fake, "a", 2, "a\t2\t1.5\n");
	give(fake, "b", 8, "b\t8\t8\n");
	give(fake, "a", 3, "a\t3\t2\n");
	give(fake, "a", 7, "a\t7\t4\n");
	give(fake, "a", 2, "a\t2\t4\n");
	give(fake, "b", 10, "b\t10\t9\n");
	fake_destroy(fake);
}

TEST(one_value_is_its_own_average)
{
	struct fake *fake = fake_opened(create(1));

	give(fake, "a", 1, "a\t1\t1\n");
	give(fake, "a", 2, "a\t2\t2\n");
	fake_destroy(fake);
}

TEST(null_and_nan_count_for_nothing)
{
	const struct gust_value null[] = { gust_string("a", 1), gust_null() };
	struct fake *fake = fake_opened(create(2));

	CHECK_INT(fake_give(fake, null, 2), 0);
	CHECK_STR(fake->emitted.data, "a\tnull\tnull\n");
	give(fake, "a", 4, "a\t4\t4\n");
	fake_forget(fake);
	CHECK_INT(fake_give(fake, null, 2), 0);
	CHECK_STR(fake->emitted.data, "a\tnull\t4\n");
	give(fake, "a", NAN, "a\tnan\t4\n");
	give(fake, "a", 6, "a\t6\t5\n");
	fake_destroy(fake);
}

TEST(what_was_infinite_is_forgotten)
{
	struct fake *fake = fake_opened(create(2));

	give(fake, "a", 1, "a\t1\t1\n");
	give(fake, "a", INFINITY, "a\tinf\tinf\n");
	give(fake, "a", 3, "a\t3\tinf\n");
	give(fake, "a", 5, "a\t5\t4\n");
	fake_destroy(fake);
}

/* Against sums that are made anew each time: no drift. */
TEST(it_is_exact_after_many)
{
	struct fake *fake = fake_opened(create(100));
	double values[100] = { 0 }, value, sum, found;
	struct gust_value row[2];
	int i, k;

	for (i = 0; i < 20000; i++) {
		value = i % 977 == 0 ? 1e12 : (i * 7919 % 1000) / 7.0;
		values[i % 100] = value;
		for (sum = 0, k = 0; k < 100; k++)
			sum += values[k];
		row[0] = gust_string("a", 1);
		row[1] = gust_float(value);
		fake_forget(fake);
		CHECK_INT(fake_give(fake, row, 2), 0);
		found = atof(strrchr(fake->emitted.data, '\t'));
		/* A sum of 1e12 rounds to about 1e-4. */
		if (i >= 100)
			CHECK(fabs(found - sum / 100) < 1e-3);
		if (i >= 100 && i % 977 >= 300)
			CHECK(fabs(found - sum / 100) < 1e-9);
	}
	fake_destroy(fake);
}

TEST(a_window_has_one_average)
{
	const struct gust_window_spec spec = { .type = GUST_TUMBLING,
					       .length = 60000000000,
					       .slide = 60000000000,
					       .keys = by_device,
					       .key_count = 1 };
	const struct gust_value device = gust_string("d", 1);
	struct gust_value row[] = { device, gust_float(1) };
	struct gust_window window = {
		.begin = 0, .end = 2000000, .keys = &device, .key_count = 1
	};
	struct gust_accumulator left, right;
	struct fake *fake = create(3);
	int i;

	fake_set_list(fake, "by", NULL, 0);
	fake->window = &spec;
	fake_opened(fake);
	CHECK_UINT(fake->column_count, 5);
	left = fake_accumulator(fake);
	right = fake_accumulator(fake);
	CHECK_INT(fake_merge(fake, &left, &right), 0);
	CHECK_INT(fake_result(fake, &window, &left), 0);
	CHECK_STR(fake->emitted.data, "d\t0\t2\tnull\t0\n");
	for (i = 1; i <= 6; i++) {
		row[1] = gust_float(i);
		CHECK_INT(fake_add(fake, i < 3 ? &left : &right, row, 2, i), 0);
	}
	row[1] = gust_null();
	CHECK_INT(fake_add(fake, &right, row, 2, i), 0);
	CHECK_INT(fake_merge(fake, &left, &right), 0);
	fake_forget(fake);
	CHECK_INT(fake_result(fake, &window, &left), 0);
	CHECK_STR(fake->emitted.data, "d\t0\t2\t3.5\t6\n");
	fake_drop(&left);
	fake_drop(&right);
	fake_destroy(fake);
}

TEST(a_tuple_that_gets_too_long_is_rejected)
{
	struct fake *fake = fake_opened(create(3));
	const struct gust_value row[] = { gust_string("a", 1), gust_float(1) };

	fake->tuple_max = 95;
	CHECK_INT(fake_give(fake, row, 2), -EBADMSG);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, "it is longer with its average than a tuple "
				"may be, 95 bytes");
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	const struct gust_window_spec spec = { .type = GUST_TUMBLING };
	struct fake *fake = create(3);

	fake_set_string(fake, "of", "device");
	fake_refuse(fake, -EINVAL,
		    "option 'of': field 'device' is string, expected int or "
		    "float");
	fake = create(3);
	fake_set_string(fake, "of", "valeu");
	fake_refuse(fake, -ENOENT, "no field is named 'valeu'");
	fake = create(3);
	fake->window = &spec;
	fake_refuse(fake, -EINVAL,
		    "option 'by' has no meaning beside a window, expected "
		    "'keys' of 'window'");
}
