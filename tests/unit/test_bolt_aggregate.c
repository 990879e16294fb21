/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_accumulator.h"
#include "fake_check.h"

static const struct gust_column columns[] = { { "page", GUST_STRING },
					      { "n", GUST_INT },
					      { NULL, GUST_NULL } };
static const char *const by_page[] = { "page" };
static const char *const names[] = { "visits", "total", "pages", "last" };
static const char *const formulas[] = { "count", "sum(n)", "top(page, 2)",
					"last(page)" };

static struct fake *create(void)
{
	struct fake *fake = fake_create("bolts/aggregate");

	fake_input(fake, columns);
	fake_set_map(fake, "aggregates", names, formulas, 4);
	return fake;
}

static struct fake *create_by(const char *emit)
{
	struct fake *fake = create();

	fake_set_list(fake, "by", by_page, 1);
	fake_set_map(fake, "aggregates", names, formulas, 2);
	fake_set_string(fake, "emit", emit);
	return fake_opened(fake);
}

static void give(struct fake *fake, const char *page, int64_t n)
{
	const struct gust_value row[] = { gust_string(page, strlen(page)),
					  gust_int(n) };

	CHECK_INT(fake_give(fake, row, 2), 0);
}

static void add(struct fake *fake, struct gust_accumulator *accumulator,
		const char *page, int64_t n, int64_t time)
{
	const struct gust_value row[] = { gust_string(page, strlen(page)),
					  gust_int(n) };

	CHECK_INT(fake_add(fake, accumulator, row, 2, time), 0);
}

static const struct gust_window_spec spec = { .type = GUST_TUMBLING,
					      .length = 60000000000,
					      .slide = 60000000000,
					      .keys = by_page,
					      .key_count = 1 };

TEST(a_row_for_every_tuple)
{
	struct fake *fake = create_by("running");

	CHECK_UINT(fake->column_count, 3);
	CHECK_STR(fake->columns[0].name, "page");
	CHECK_STR(fake->columns[2].name, "total");
	give(fake, "a", 3);
	give(fake, "b", 1);
	give(fake, "a", -1);
	CHECK_STR(fake->emitted.data, "a\t1\t3\nb\t1\t1\na\t2\t2\n");
	fake_forget(fake);
	CHECK_INT(fake_finish(fake), 0);
	CHECK_STR(fake->emitted.data, "");
	fake_destroy(fake);
}

TEST(a_row_for_every_key_at_the_end)
{
	struct fake *fake = create_by("final");

	give(fake, "b", 1);
	give(fake, "", 3);
	give(fake, "a", -1);
	give(fake, "b", 1);
	CHECK_UINT(fake->emits, 0);
	CHECK_INT(fake_finish(fake), 0);
	CHECK_STR(fake->emitted.data, "\t1\t3\na\t1\t-1\nb\t2\t2\n");
	CHECK_INT(fake_finish(fake), 0);
	CHECK_UINT(fake->emits, 3);
	fake_destroy(fake);
}

TEST(where_there_is_no_room_it_goes_on_later)
{
	struct fake *fake = create_by("final");
	int i;

	give(fake, "b", 1);
	give(fake, "a", 2);
	fake->room = 0;
	for (i = 0; i < 2; i++)
		CHECK_INT(fake_finish(fake), GUST_MORE);
	CHECK_INT(fake_finish(fake), 0);
	CHECK_STR(fake->emitted.data, "a\t1\t2\nb\t1\t1\n");
	fake_destroy(fake);
}

TEST(without_keys_all_tuples_are_one)
{
	struct fake *fake = create();

	fake_set_string(fake, "emit", "final");
	fake_opened(fake);
	give(fake, "b", 1);
	give(fake, "a", 5);
	CHECK_INT(fake_finish(fake), 0);
	CHECK_STR(fake->emitted.data, "2\t6\t[{\"value\":\"a\",\"count\":1},"
				      "{\"value\":\"b\",\"count\":1}]\ta\n");
	fake_destroy(fake);
}

TEST(a_window_has_its_times_and_keys)
{
	const struct gust_value key = gust_string("k", 1);
	const struct gust_window window = { .begin = -60000000001,
					    .end = 59999999999,
					    .count = 4,
					    .keys = &key,
					    .key_count = 1 };
	struct gust_accumulator left, right;
	struct fake *fake = create();

	fake->window = &spec;
	fake_opened(fake);
	CHECK_UINT(fake->column_count, 7);
	CHECK_STR(fake->columns[0].name, "page");
	CHECK_STR(fake->columns[1].name, "window_start");
	CHECK_INT(fake->columns[1].type, GUST_INT);
	CHECK_STR(fake->columns[2].name, "window_end");
	CHECK_STR(fake->columns[6].name, "last");
	left = fake_accumulator(fake);
	right = fake_accumulator(fake);
	add(fake, &left, "a", 1, 10);
	add(fake, &right, "cc", 2, 30);
	add(fake, &left, "b", 3, 20);
	add(fake, &right, "a", 4, 25);
	CHECK_INT(fake_merge(fake, &left, &right), 0);
	CHECK_INT(fake_result(fake, &window, &left), 0);
	CHECK_STR(fake->emitted.data,
		  "k\t-60001\t59999\t4\t10\t[{\"value\":\"a\",\"count\":2},"
		  "{\"value\":\"b\",\"count\":1}]\tcc\n");
	fake_drop(&left);
	fake_drop(&right);
	fake_destroy(fake);
}

TEST(why_it_comes_is_told_where_it_may_come_again)
{
	static const char *const expected[] = { "on_time\n", "early\n",
						"late\n" };
	struct gust_window_spec often = spec;
	struct gust_window window = { .begin = 1, .end = 1234567890 };
	struct gust_accumulator empty;
	struct fake *fake = create();
	int i;

	often.key_count = 0;
	often.lateness = 1;
	fake->window = &often;
	fake_set_map(fake, "aggregates", names, formulas, 1);
	fake_set_string(fake, "times", "rfc3339");
	fake_opened(fake);
	CHECK_UINT(fake->column_count, 4);
	CHECK_STR(fake->columns[3].name, "firing");
	CHECK_INT(fake->columns[0].type, GUST_STRING);
	empty = fake_accumulator(fake);
	for (i = 0; i < 3; i++) {
		window.firing = (enum gust_firing)i;
		fake_forget(fake);
		CHECK_INT(fake_result(fake, &window, &empty), 0);
		CHECK_CONTAINS(fake->emitted.data,
			       "1970-01-01T00:00:00.000000001Z\t"
			       "1970-01-01T00:00:01.234567890Z\t0\t");
		CHECK_CONTAINS(fake->emitted.data, expected[i]);
	}
	fake_drop(&empty);
	fake_destroy(fake);
}

TEST(texts_that_are_too_long_are_left_out)
{
	struct fake *fake = create();
	char text[5001] = "";

	memset(text, 'x', 5000);
	fake_opened(fake);
	fake->tuple_max = 8000;
	give(fake, "a", 1);
	fake_forget(fake);
	give(fake, text, 1);
	CHECK_STR(fake->emitted.data, "2\t2\tnull\tnull\n");
	CHECK_UINT(fake_counter(fake, "shortened"), 1);
	fake_destroy(fake);
}

/* Bytes that a run with other aggregates has left in a store. */
TEST(what_other_aggregates_have_left_ends_the_run)
{
	struct fake *old = create(), *fake = create();
	const struct gust_value row[] = { gust_string("a", 1), gust_int(1) };
	struct gust_window window = { 0 };
	struct gust_accumulator stored, fresh;

	old->window = fake->window = &spec;
	fake_set_map(old, "aggregates", names, formulas + 1, 1);
	fake_opened(old);
	fake_opened(fake);
	stored = fake_accumulator(old);
	fresh = fake_accumulator(fake);
	CHECK_INT(fake_add(fake, &stored, row, 2, 0), -EBADMSG);
	CHECK_STR(fake->log, "the state has other aggregates than these, "
			     "expected those of the run before");
	CHECK_INT(fake_merge(fake, &fresh, &stored), -EBADMSG);
	window.keys = row;
	window.key_count = 1;
	CHECK_INT(fake_result(fake, &window, &stored), -EBADMSG);
	fake_drop(&stored);
	fake_drop(&fresh);
	fake_destroy(old);
	fake_destroy(fake);
}

/* The state of one bolt is given to another one, which does not open. */
static void refuse_state_of(struct fake *fake, const struct fake *old)
{
	fake->keyspace = old->keyspace;
	CHECK_INT(fake_open(fake), -EBADMSG);
	CHECK_STR(fake->error.text,
		  "the state has other aggregates than these, expected those "
		  "of the run before");
	fake->keyspace = NULL;
	fake_destroy(fake);
}

TEST(a_state_of_other_aggregates_is_refused_at_once)
{
	struct fake *old = create_by("final"), *fake = create();

	give(old, "a", 1);
	fake_set_list(fake, "by", by_page, 1);
	fake_set_map(fake, "aggregates", names, formulas + 1, 1);
	refuse_state_of(fake, old);
	fake = create();
	fake_set_list(fake, "by", by_page, 1);
	fake_set_map(fake, "aggregates", names, formulas, 2);
	fake->keyspace = old->keyspace;
	fake_opened(fake);
	give(fake, "a", 2);
	CHECK_STR(fake->emitted.data, "a\t2\t3\n");
	fake->keyspace = NULL;
	fake_destroy(fake);
	fake_destroy(old);
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const bad[] = { "sum(page)" };
	static const char *const many[33] = { "page" };
	struct fake *fake = create();

	fake_set_map(fake, "aggregates", names, bad, 1);
	fake_refuse(fake, -EINVAL,
		    "option 'aggregates': visits: field 'page' is string, "
		    "expected int or float");
	fake = create();
	fake->window = &spec;
	fake_set_list(fake, "by", by_page, 1);
	fake_refuse(fake, -EINVAL,
		    "option 'by' has no meaning beside a window, expected "
		    "'keys' of 'window'");
	fake = create();
	fake_set_list(fake, "by", many, 33);
	fake_refuse(fake, -EINVAL,
		    "option 'by' names 33 fields, expected at most 32");
	fake = create();
	fake_set_list(fake, "by", formulas, 1);
	fake_refuse(fake, -ENOENT, "no field is named 'count'");
}

TEST(keys_of_other_fields_are_refused)
{
	struct fake *old = create_by("final"), *fake = create();
	static const char *const by_both[] = { "page", "n" };

	give(old, "/", 1);
	fake_set_list(fake, "by", by_both, 2);
	fake_set_map(fake, "aggregates", names, formulas, 2);
	refuse_state_of(fake, old);
	fake_destroy(old);
}
