/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "number", GUST_INT },
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_column outputs[] = {
	{ "id", GUST_INT },
	{ "number", GUST_INT },
	{ "value", GUST_STRING },
	{ NULL, GUST_NULL },
};

static struct fake *prepare(const char *delimiter, const char *quote)
{
	static const char *const keep[] = { "number" };
	struct fake *fake = fake_create("bolts/parse_csv");

	fake_input(fake, columns);
	fake_output(fake, "default", outputs);
	fake_set_string(fake, "field", "line");
	fake_set_string(fake, "delimiter", delimiter);
	fake_set_string(fake, "quote", quote);
	fake_set_list(fake, "keep", keep, 1);
	return fake;
}

static struct fake *opened(const char *delimiter, const char *quote)
{
	return fake_opened(prepare(delimiter, quote));
}

static int give(struct fake *fake, const char *line, size_t n)
{
	const struct gust_value row[] = { gust_int(7), gust_string(line, n) };

	fake_forget(fake);
	return fake_give(fake, row, 2);
}

static void check(struct fake *fake, const char *line, const char *expected)
{
	if (give(fake, line, strlen(line)) != 0)
		FAIL("'%s' is refused: %s\n", line, fake->reason);
	CHECK_STR(fake->emitted.data, expected);
}

static void refuse(struct fake *fake, const char *line, const char *reason)
{
	CHECK(give(fake, line, strlen(line)) < 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_UINT(fake->emits, 0);
	CHECK_STR(fake->reason, reason);
}

TEST(columns_become_fields)
{
	struct fake *fake = opened(",", "\"");

	check(fake, "5,tea", "5\t7\ttea\n");
	check(fake, "5,\"a,\"\"b\"\"\nc\"\r\n", "5\t7\ta,\"b\"\nc\n");
	check(fake, ",", "null\t7\tnull\n");
	check(fake, "-1,\"\"", "-1\t7\t\n");
	fake_destroy(fake);
}

TEST(other_dialects)
{
	struct fake *fake = opened("\\t", "");

	check(fake, "5\t\"a,b", "5\t7\t\"a,b\n");
	fake_destroy(fake);
}

TEST(what_is_no_such_row_is_put_aside)
{
	struct fake *fake = opened(",", "\"");

	refuse(fake, "", "an empty line");
	refuse(fake, "\n", "an empty line");
	refuse(fake, "5", "1 column, expected 2");
	refuse(fake, "5,a,b", "3 columns, expected 2");
	refuse(fake, "5,a\n6,b", "more than one record, expected one");
	refuse(fake, "five,a", "field 'id' is 'five', expected int");
	CHECK(give(fake, "5,\"a", 4) < 0);
	CHECK(give(fake, "5,\"a\"b", 6) < 0);
	/* It does not spoil the next one. */
	check(fake, "5,b", "5\t7\tb\n");
	fake_destroy(fake);
}

TEST(any_bytes_are_taken)
{
	struct fake *fake = opened(",", "\"");
	const size_t n = 1000000;
	char *text = malloc(n);

	CHECK_INT(give(fake, "1,\0\xff", 4), 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length, "1\t7\t\0\xff\n",
		  7);
	memset(text, ',', n);
	CHECK(give(fake, text, n) < 0);
	CHECK_STR(fake->reason, "1000001 columns, expected 2");
	memset(text, 'x', n);
	memcpy(text, "1,", 2);
	CHECK_INT(give(fake, text, n), 0);
	CHECK_UINT(fake->emitted.length, n + 3);
	free(text);
	fake_destroy(fake);
}

TEST(the_unparsed_are_kept_aside)
{
	struct fake *fake = prepare(",", "\"");

	fake_set_string(fake, "unparsed", "stream");
	CHECK_INT(fake_open(fake), 0);
	check(fake, "x", "unparsed: 7\tx\t1 column, expected 2\n");
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	struct fake *fake = prepare(",,", "\"");

	CHECK_INT(fake_declare(fake), -EINVAL);
	fake_destroy(fake);
	fake = prepare(",", "\"");
	fake->output_count = 0;
	fake_refuse(
		fake, -EINVAL,
		"its fields are not known, expected them in 'outputs', such "
		"as outputs: {default: {id: int, name: string}}");
}
