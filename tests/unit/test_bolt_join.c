/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include <gust/window.h>

#include "fake_check.h"

#define INPUTS 3

static const struct gust_column clicks[] = { { "user", GUST_STRING },
					     { "page", GUST_STRING },
					     { "at", GUST_INT },
					     { NULL, GUST_NULL } };
static const struct gust_column orders[] = { { "id", GUST_INT },
					     { "at", GUST_INT },
					     { "user", GUST_STRING },
					     { NULL, GUST_NULL } };
static const char *const by_user[] = { "user" };
static const struct gust_window_spec minute = { .type = GUST_TUMBLING,
						.length = 60000000000,
						.slide = 60000000000,
						.keys = by_user,
						.key_count = 1 };

static struct fake *create(const char *type)
{
	struct fake *fake = fake_create("bolts/join");

	fake_input(fake, clicks);
	fake_input(fake, orders);
	fake->inputs[0].component = "clicks";
	fake->inputs[1].component = "orders";
	fake_set_string(fake, "type", type);
	return fake;
}

static struct fake *create_interval(const char *type)
{
	struct fake *fake = create(type);

	fake_set_list(fake, "by", by_user, 1);
	fake_set_number(fake, "within", 10);
	return fake;
}

static struct gust_value text(const char *data)
{
	return data == NULL ? gust_null() : gust_string(data, strlen(data));
}

/* A click of that user; its time is also in it. */
static void click(struct fake *fake, const char *user, int64_t time)
{
	const struct gust_value row[] = { text(user), text("p"),
					  gust_int(time) };

	fake->input = 0;
	fake->at = time;
	CHECK_INT(fake_give(fake, row, 3), 0);
}

static void order(struct fake *fake, const char *user, int64_t time)
{
	const struct gust_value row[] = { gust_int(7), gust_int(time),
					  text(user) };

	fake->input = 1;
	fake->at = time;
	CHECK_INT(fake_give(fake, row, 3), 0);
}

/* What was emitted since the last call. */
static void told(struct fake *fake, const char *expected)
{
	CHECK_STR(fake->emitted.data, expected);
	fake_forget(fake);
}

TEST(columns_that_several_have_get_their_component)
{
	static const char *const names[] = { "user", "page", "clicks_at", "id",
					     "orders_at" };
	struct fake *fake = fake_opened(create_interval("inner"));
	size_t i;

	CHECK_UINT(fake->column_count, 5);
	for (i = 0; i < 5; i++)
		CHECK_STR(fake->columns[i].name, names[i]);
	fake_destroy(fake);
}

TEST(two_streams_of_one_component_are_told_apart)
{
	static const struct gust_column both[] = { { "user", GUST_STRING },
						   { "firing", GUST_INT },
						   { NULL, GUST_NULL } };
	struct gust_window_spec late = minute;
	struct fake *fake = fake_create("bolts/join");

	late.lateness = 1;
	fake_input(fake, both);
	fake_input(fake, both);
	fake->inputs[1].stream = "rest";
	fake->window = &late;
	CHECK_INT(fake_declare(fake), 0);
	CHECK_UINT(fake->column_count, 6);
	CHECK_STR(fake->columns[3].name, "upstream_default_firing");
	CHECK_STR(fake->columns[4].name, "upstream_rest_firing");
	CHECK_STR(fake->columns[5].name, "firing");
	fake_destroy(fake);
}

TEST(pairs_are_near_in_time)
{
	struct fake *fake = fake_opened(create_interval("inner"));

	click(fake, "a", 100);
	told(fake, "");
	order(fake, "a", 110);
	told(fake, "a\tp\t100\t7\t110\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_ANCHORED);
	CHECK_UINT(fake->how.anchor_count, 2);
	order(fake, "a", 90);
	told(fake, "a\tp\t100\t7\t90\n");
	order(fake, "a", 89);
	order(fake, "a", 111);
	order(fake, "b", 100);
	order(fake, NULL, 100);
	told(fake, "");
	click(fake, NULL, 100);
	told(fake, "null\tp\t100\t7\t100\n");
	click(fake, "a", 104);
	CHECK_UINT(fake->emits, 2);
	CHECK_UINT(fake->acked, 0);
	CHECK_UINT(fake->held, 9);
	fake_destroy(fake);
}

TEST(what_nothing_can_fit_is_let_go)
{
	struct fake *fake = fake_opened(create_interval("inner"));

	click(fake, "a", 100);
	click(fake, "b", 95);
	order(fake, "a", 120);
	CHECK_UINT(fake->held, 3);
	CHECK_INT(fake_watermark(fake, 105), 0);
	CHECK_UINT(fake->held, 3);
	CHECK_INT(fake_watermark(fake, 106), 0);
	CHECK_UINT(fake->held, 2);
	order(fake, "b", 106);
	told(fake, "");
	order(fake, "a", 110);
	told(fake, "a\tp\t100\t7\t110\n");
	CHECK_INT(fake_watermark(fake, 120), 0);
	CHECK_UINT(fake->held, 2);
	CHECK_INT(fake_flush(fake), 0);
	CHECK_UINT(fake->held, 0);
	CHECK_UINT(fake->acked, 5);
	CHECK_UINT(fake->failed, 0);
	told(fake, "");
	fake_destroy(fake);
}

TEST(those_without_a_partner)
{
	static const char *const types[] = { "inner", "left", "full" };
	static const char *const expected[] = {
		"", "b\tp\t5\tnull\tnull\n",
		"b\tp\t5\tnull\tnull\nc\tnull\tnull\t7\t6\n"
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		struct fake *fake = fake_opened(create_interval(types[i]));

		click(fake, "a", 4);
		order(fake, "a", 4);
		told(fake, "a\tp\t4\t7\t4\n");
		order(fake, "c", 6);
		click(fake, "b", 5);
		told(fake, "");
		CHECK_INT(fake_watermark(fake, 1000), 0);
		told(fake, expected[i]);
		CHECK_UINT(fake->held, 0);
		CHECK_UINT(fake->acked, 4);
		fake_destroy(fake);
	}
}

/* Against every pair, in an order that a seed makes. */
TEST(pairs_are_those_of_all_with_all)
{
	struct fake *fake = fake_opened(create_interval("inner"));
	int64_t times[2][300];
	size_t i, k, expected = 0, emitted = 0;
	uint64_t seed = 3;
	char user[2] = "";

	for (i = 0; i < 600; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		times[i % 2][i / 2] = (int64_t)(i / 3 + (seed >> 60));
		user[0] = (char)('a' + i / 2 % 5);
		if (i % 2 == 0)
			click(fake, user, times[0][i / 2]);
		else
			order(fake, user, times[1][i / 2]);
		/* What is to come is not older. */
		CHECK_INT(fake_watermark(fake, (int64_t)(i / 3)), 0);
	}
	for (i = 0; i < 300; i++)
		for (k = 0; k < 300; k++)
			expected += i % 5 == k % 5 &&
				    llabs(times[0][i] - times[1][k]) <= 10;
	emitted = fake->emits;
	CHECK_UINT(emitted, expected);
	CHECK(expected > 500);
	CHECK_INT(fake_flush(fake), 0);
	CHECK_UINT(fake->held, 0);
	fake_destroy(fake);
}

TEST(times_may_be_as_far_apart_as_they_can)
{
	struct fake *fake = fake_opened(create_interval("inner"));

	click(fake, "a", INT64_MIN + 1);
	order(fake, "a", INT64_MAX);
	click(fake, "a", INT64_MAX - 3);
	told(fake, "a\tp\t9223372036854775804\t7\t9223372036854775807\n");
	CHECK_INT(fake_flush(fake), 0);
	CHECK_UINT(fake->held, 0);
	fake_destroy(fake);
}

TEST(without_room_it_goes_on_later)
{
	struct fake *fake = fake_opened(create_interval("full"));

	click(fake, "a", 1);
	click(fake, "b", 2);
	fake->room = 0;
	/* A timer of the clock would be too late. */
	CHECK_INT(fake_watermark(fake, 1000), GUST_MORE);
	CHECK_UINT(fake->held, 2);
	CHECK_UINT(fake->timer_count, 0);
	CHECK_INT(fake->bolt->flush(fake->instance, (void *)fake), GUST_MORE);
	fake->room = 100;
	CHECK_INT(fake_watermark(fake, 1000), 0);
	CHECK_UINT(fake->held, 0);
	CHECK_UINT(fake->emits, 2);
	CHECK_INT(fake->time, 2 + 10 + 1);
	fake_destroy(fake);
}

TEST(a_tuple_without_a_time_is_rejected)
{
	struct fake *fake = fake_opened(create_interval("inner"));
	const struct gust_value row[] = { text("a"), text("p"), gust_int(1) };

	fake->at = GUST_NO_TIME;
	CHECK_INT(fake_give(fake, row, 3), -EBADMSG);
	CHECK_STR(fake->reason, "it has no event time");
	fake_destroy(fake);
}

TEST(a_row_that_is_too_long_is_counted)
{
	struct fake *fake = fake_opened(create_interval("inner"));

	click(fake, "a", 1);
	fake->tuple_max = 100;
	order(fake, "a", 1);
	told(fake, "");
	CHECK_UINT(fake_counter(fake, "too_long"), 1);
	fake_destroy(fake);
}

/* A window of the tuples of some letters: A to C are of the inputs 0 to 2. */
static void window(struct fake *fake, const char *letters, const char *expected)
{
	const struct gust_value user = text("u");
	const struct gust_window window = {
		.begin = 0, .end = 60000000000, .keys = &user, .key_count = 1
	};
	struct gust_tuple *all[16];
	struct gust_window_tuples tuples = { .all = (void *)all };
	size_t i;

	for (i = 0; letters[i] != '\0'; i++) {
		const struct gust_value row[] = { gust_int((int64_t)i), user };
		const struct gust_value swapped[] = { user,
						      gust_int((int64_t)i) };

		all[i] = letters[i] == 'B'
				 ? fake_tuple(1, swapped, 2)
				 : fake_tuple((uint32_t)(letters[i] - 'A'), row,
					      2);
	}
	tuples.all_count = i;
	fake_forget(fake);
	CHECK_INT(fake->bolt->windowing->whole(fake->instance, (void *)fake,
					       &window, &tuples),
		  0);
	CHECK_STR(fake->emitted.data, expected);
	while (i-- > 0)
		free(all[i]);
}

static struct fake *create_window(const char *type)
{
	static const struct gust_column columns[INPUTS][3] = {
		{ { "a", GUST_INT }, { "user", GUST_STRING } },
		{ { "user", GUST_STRING }, { "b", GUST_INT } },
		{ { "c", GUST_INT }, { "user", GUST_STRING } },
	};
	struct fake *fake = fake_create("bolts/join");
	int i;

	for (i = 0; i < INPUTS; i++)
		fake_input(fake, columns[i]);
	fake_set_string(fake, "type", type);
	fake_set_string(fake, "times", "s");
	fake->window = &minute;
	CHECK_INT(fake_declare(fake), 0);
	CHECK_STR(fake->columns[2].name, "window_end");
	CHECK_STR(fake->columns[3].name, "a");
	CHECK_STR(fake->columns[4].name, "b");
	CHECK_STR(fake->columns[5].name, "c");
	fake->opened = true;
	CHECK_INT(fake->bolt->open(fake->instance, (void *)fake, &fake->error),
		  0);
	return fake;
}

TEST(all_combinations_of_a_window)
{
	struct fake *inner = create_window("inner");
	struct fake *left = create_window("left");
	struct fake *full = create_window("full");

	window(inner, "ABC", "u\t0\t60\t0\t1\t2\n");
	window(inner, "BCABC",
	       "u\t0\t60\t2\t0\t1\nu\t0\t60\t2\t0\t4\n"
	       "u\t0\t60\t2\t3\t1\nu\t0\t60\t2\t3\t4\n");
	window(inner, "AAB", "");
	window(left, "BC", "");
	window(left, "AAC", "u\t0\t60\t0\tnull\t2\nu\t0\t60\t1\tnull\t2\n");
	window(left, "A", "u\t0\t60\t0\tnull\tnull\n");
	window(full, "C", "u\t0\t60\tnull\tnull\t0\n");
	window(full, "CB", "u\t0\t60\tnull\t1\t0\n");
	fake_destroy(inner);
	fake_destroy(left);
	fake_destroy(full);
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const by_at[] = { "page" };
	struct fake *fake;

	fake_refuse(create("inner"), -EINVAL,
		    "without a window it needs 'by', with 1 to 32 fields, and "
		    "'within'");
	fake = create_interval("inner");
	fake_set_list(fake, "by", by_at, 1);
	fake_refuse(fake, -ENOENT, "no field is named 'page'");
	fake = create_interval("inner");
	fake_input(fake, clicks);
	fake_refuse(fake, -EINVAL,
		    "it has 3 inputs, expected 2 where there is no window");
	fake = create_interval("inner");
	fake->window = &minute;
	fake_refuse(fake, -EINVAL,
		    "option 'by' has no meaning beside a window, expected "
		    "'keys' and 'length' of 'window'");
	fake = create("inner");
	fake->input_count = 1;
	fake->window = &minute;
	fake_refuse(fake, -EINVAL, "it has 1 inputs, expected 2 to 8");
}
