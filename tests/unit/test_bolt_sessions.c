/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_accumulator.h"
#include "fake_check.h"

#define SECOND INT64_C(1000000000)

static const struct gust_column columns[] = { { "user", GUST_STRING },
					      { "page", GUST_STRING },
					      { NULL, GUST_NULL } };
static const char *const by_user[] = { "user" };
static const char *const names[] = { "entry", "exit" };
static const char *const formulas[] = { "first(page)", "last(page)" };

static const struct gust_window_spec spec = { .type = GUST_SESSION,
					      .gap = 30 * SECOND,
					      .keys = by_user,
					      .key_count = 1 };

static struct fake *create(void)
{
	struct fake *fake = fake_create("bolts/sessions");

	fake_input(fake, columns);
	fake->window = &spec;
	return fake;
}

static void add(struct fake *fake, struct gust_accumulator *accumulator,
		const char *page, int64_t time)
{
	const struct gust_value row[] = { gust_string("u", 1),
					  gust_string(page, strlen(page)) };

	CHECK_INT(fake_add(fake, accumulator, row, 2, time), 0);
}

TEST(a_session_has_its_ends_and_what_was_in_it)
{
	const struct gust_value user = gust_string("u", 1);
	const struct gust_window window = { .begin = 10 * SECOND,
					    .end = 90 * SECOND + SECOND / 2,
					    .count = 4,
					    .keys = &user,
					    .key_count = 1 };
	struct gust_accumulator early, late;
	struct fake *fake = create();

	fake_set_map(fake, "aggregates", names, formulas, 2);
	fake_opened(fake);
	CHECK_UINT(fake->column_count, 7);
	CHECK_STR(fake->columns[1].name, "session_start");
	CHECK_STR(fake->columns[2].name, "session_end");
	CHECK_STR(fake->columns[3].name, "seconds");
	CHECK_STR(fake->columns[4].name, "count");
	early = fake_accumulator(fake);
	late = fake_accumulator(fake);
	add(fake, &early, "middle", 20 * SECOND);
	add(fake, &early, "home", 10 * SECOND);
	add(fake, &late, "gone", 60 * SECOND + SECOND / 2);
	add(fake, &late, "basket", 50 * SECOND);
	CHECK_INT(fake_merge(fake, &early, &late), 0);
	CHECK_INT(fake_result(fake, &window, &early), 0);
	CHECK_STR(fake->emitted.data, "u\t10000\t60500\t50.5\t4\thome\tgone\n");
	fake_drop(&early);
	fake_drop(&late);
	fake_destroy(fake);
}

TEST(without_aggregates_it_is_short)
{
	const struct gust_value user = gust_string("u", 1);
	const struct gust_window window = { .begin = 0,
					    .end = 30 * SECOND,
					    .count = 1,
					    .keys = &user,
					    .key_count = 1 };
	struct gust_accumulator one;
	struct fake *fake = create();

	fake_set_string(fake, "times", "rfc3339");
	fake_opened(fake);
	one = fake_accumulator(fake);
	add(fake, &one, "home", 0);
	CHECK_INT(fake_result(fake, &window, &one), 0);
	CHECK_STR(fake->emitted.data, "u\t1970-01-01T00:00:00Z\t"
				      "1970-01-01T00:00:00Z\t0\t1\n");
	fake_drop(&one);
	fake_destroy(fake);
}

TEST(texts_that_are_too_long_are_left_out)
{
	const struct gust_value user = gust_string("u", 1);
	const struct gust_window window = {
		.end = 30 * SECOND, .count = 1, .keys = &user, .key_count = 1
	};
	struct gust_accumulator one;
	struct fake *fake = create();

	fake_set_map(fake, "aggregates", names, formulas, 2);
	fake_opened(fake);
	fake->tuple_max = 175;
	one = fake_accumulator(fake);
	add(fake, &one, "a page with a long name", 0);
	CHECK_INT(fake_result(fake, &window, &one), 0);
	CHECK_STR(fake->emitted.data, "u\t0\t0\t0\t1\tnull\tnull\n");
	CHECK_UINT(fake_counter(fake, "shortened"), 1);
	fake_drop(&one);
	fake_destroy(fake);
}

TEST(another_window_or_none_is_refused)
{
	const struct gust_window_spec tumbling = { .type = GUST_TUMBLING };
	struct fake *fake = create();

	fake->window = &tumbling;
	fake_refuse(fake, -EINVAL,
		    "'sessions' needs a window of sessions, expected 'window: "
		    "{type: session, gap: 30m, keys: [FIELD]}'");
	fake = create();
	fake->window = NULL;
	fake_refuse(fake, -EINVAL,
		    "'sessions' needs a window of sessions, expected 'window: "
		    "{type: session, gap: 30m, keys: [FIELD]}'");
}
