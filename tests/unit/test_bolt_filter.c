/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "status", GUST_INT },
	{ "path", GUST_STRING },
	{ NULL, GUST_NULL },
};

/* The same ones in another order. */
static const struct gust_column turned[] = {
	{ "path", GUST_STRING },
	{ "status", GUST_INT },
	{ NULL, GUST_NULL },
};

static struct fake *filter_create(const char *where)
{
	struct fake *fake = fake_create("bolts/filter");

	fake_input(fake, columns);
	fake_set_string(fake, "where", where);
	fake_set_number(fake, "memory", 1 << 20);
	fake_set_number(fake, "steps", 100000);
	return fake;
}

static struct fake *filter_open(const char *where)
{
	struct fake *fake = filter_create(where);

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->stream_count, 2);
	CHECK_UINT(fake->column_count, 2);
	return fake;
}

static int give(struct fake *fake, struct gust_value status, const char *path)
{
	const struct gust_value row[] = { status,
					  gust_string(path, strlen(path)) };

	return fake_give(fake, row, 2);
}

TEST(what_holds_goes_on_and_what_does_not_goes_to_the_rest)
{
	struct fake *fake = filter_open("status >= 500");

	CHECK_INT(give(fake, gust_int(500), "/a"), 0);
	CHECK_UINT(fake->how.stream, 0);
	CHECK_INT(give(fake, gust_int(499), "/b"), 0);
	CHECK_UINT(fake->how.stream, 1);
	CHECK_STR(fake->emitted.data, "500\t/a\nrest: 499\t/b\n");
	fake_destroy(fake);
}

/* By another way than by their names. */
TEST(all_fields_are_there_if_asked_for)
{
	struct fake *fake = filter_open("field('pa' .. 'th') == '/a'");

	CHECK_INT(give(fake, gust_int(1), "/a"), 0);
	CHECK_INT(give(fake, gust_int(2), "/b"), 0);
	CHECK_STR(fake->emitted.data, "1\t/a\nrest: 2\t/b\n");
	fake_destroy(fake);
}

TEST(null_counts_as_false)
{
	struct fake *fake = filter_open("contains(path, 'x') or nil");

	CHECK_INT(give(fake, gust_null(), "abc"), 0);
	CHECK_UINT(fake->how.stream, 1);
	CHECK_STR(fake->emitted.data, "rest: null\tabc\n");
	fake_destroy(fake);
}

TEST(a_record_that_does_not_suit_is_a_dead_letter)
{
	struct fake *fake = filter_open("status >= 500");

	CHECK(give(fake, gust_null(), "/a") < 0);
	CHECK_UINT(fake->dead, 1);
	CHECK_STR(fake->reason,
		  "option 'where', line 1: attempt to compare number with nil");
	CHECK_INT(give(fake, gust_int(500), "/a"), 0);
	CHECK_UINT(fake->emits, 1);
	fake_destroy(fake);
}

TEST(a_value_that_is_no_bool_is_a_dead_letter)
{
	struct fake *fake = filter_open("status");

	CHECK(give(fake, gust_int(0), "/a") < 0);
	CHECK_UINT(fake->dead, 1);
	CHECK_STR(fake->reason,
		  "option 'where': gave the integer 0, expected bool");
	fake_destroy(fake);
}

TEST(a_record_can_be_rejected)
{
	struct fake *fake = filter_open("status or reject('no status')");

	CHECK(give(fake, gust_null(), "/a") < 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_UINT(fake->dead, 0);
	CHECK_STR(fake->reason, "no status");
	fake_destroy(fake);
}

TEST(a_loop_ends_with_its_tuple)
{
	struct fake *fake = filter_open(
		"(function() while path == 'x' do end return true end)()");

	CHECK(give(fake, gust_int(1), "x") < 0);
	CHECK_STR(fake->reason,
		  "option 'where', line 1: took more than 100000 steps");
	CHECK_INT(give(fake, gust_int(1), "y"), 0);
	CHECK_STR(fake->emitted.data, "1\ty\n");
	fake_destroy(fake);
}

TEST(long_texts_and_nul_bytes_pass)
{
	struct fake *fake = filter_open("len(path) > 3");
	const struct gust_value row[] = { gust_int(1),
					  gust_string("a\0\xff\0", 4) };
	char *text = malloc(200001);

	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_UINT(fake->how.stream, 0);
	memset(text, 'x', 200000);
	text[200000] = '\0';
	CHECK_INT(give(fake, gust_int(1), text), 0);
	CHECK_UINT(fake->emits, 2);
	/* A quarter of the memory is the longest text. */
	free(text);
	text = calloc(1, 300001);
	memset(text, 'x', 300000);
	CHECK(give(fake, gust_int(1), text) < 0);
	CHECK_STR(fake->reason,
		  "option 'where': has a text of more than 262144 bytes, a "
		  "quarter of the option 'memory'");
	free(text);
	fake_destroy(fake);
}

TEST(inputs_may_have_their_fields_in_any_order)
{
	struct fake *fake = filter_create("status > 1");
	const struct gust_value row[] = { gust_string("/a", 2), gust_int(2) };
	struct gust_tuple *in;

	fake_input(fake, turned);
	CHECK_INT(fake_open(fake), 0);
	in = fake_tuple(1, row, 2);
	CHECK_INT(fake->bolt->execute(fake->instance, (void *)fake, in), 0);
	CHECK_STR(fake->emitted.data, "2\t/a\n");
	free(in);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	struct fake *fake = filter_create("statsu > 500");

	fake_refuse(fake, -EINVAL,
		    "option 'where', line 1, column 1: no field or function is "
		    "named 'statsu', expected 'status'");
}
