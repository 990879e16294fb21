/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "number", GUST_INT },
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

static struct fake *prepare(const char *pattern)
{
	struct fake *fake = fake_create("bolts/grep");

	fake_input(fake, columns);
	fake_set_string(fake, "field", "line");
	fake_set_string(fake, "pattern", pattern);
	return fake;
}

static int give(struct fake *fake, const char *line, size_t n)
{
	const struct gust_value row[] = { gust_int(7), gust_string(line, n) };

	return fake_give(fake, row, 2);
}

static int give_text(struct fake *fake, const char *line)
{
	return give(fake, line, strlen(line));
}

static int give_null(struct fake *fake)
{
	const struct gust_value row[] = { gust_int(7), gust_null() };

	return fake_give(fake, row, 2);
}

TEST(what_has_the_pattern_goes_through)
{
	struct fake *fake = prepare("^a+$");

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_text(fake, "aaa"), 0);
	CHECK_INT(give_text(fake, "aab"), 0);
	CHECK_INT(give_text(fake, ""), 0);
	CHECK_INT(give_null(fake), 0);
	CHECK_STR(fake->emitted.data, "7\taaa\n");
	CHECK_UINT(fake->rejected, 0);
	fake_destroy(fake);
}

TEST(null_is_no_empty_text)
{
	struct fake *fake = prepare("^$");

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_null(fake), 0);
	CHECK_INT(give_text(fake, ""), 0);
	CHECK_STR(fake->emitted.data, "7\t\n");
	fake_destroy(fake);
}

TEST(inverted_it_is_the_others)
{
	struct fake *fake = prepare("^a+$");

	fake_set_number(fake, "invert", 1);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_text(fake, "aaa"), 0);
	CHECK_INT(give_text(fake, "b"), 0);
	CHECK_INT(give_null(fake), 0);
	CHECK_STR(fake->emitted.data, "7\tb\n7\tnull\n");
	fake_destroy(fake);
}

TEST(groups_become_fields)
{
	struct fake *fake = prepare("(?<who>\\w+)=(?<what>\\w+)(?<more>!)?");

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 3);
	CHECK_STR(fake->columns[0].name, "who");
	CHECK_INT(fake->columns[0].type, GUST_STRING);
	CHECK_INT(give_text(fake, "x a=b"), 0);
	CHECK_INT(give_text(fake, "c=d!"), 0);
	CHECK_INT(give_text(fake, "none"), 0);
	CHECK_STR(fake->emitted.data, "a\tb\tnull\nc\td\t!\n");
	fake_destroy(fake);
}

static const struct gust_column outputs[] = {
	{ "status", GUST_INT },
	{ "number", GUST_INT },
	{ NULL, GUST_NULL },
};

static struct fake *prepare_typed(const char *pattern)
{
	static const char *const keep[] = { "number" };
	struct fake *fake = prepare(pattern);

	fake_output(fake, "default", outputs);
	fake_set_list(fake, "keep", keep, 1);
	return fake;
}

TEST(outputs_give_types_and_keep_the_rest)
{
	struct fake *fake = prepare_typed("(?<status>\\S+)$");

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_text(fake, "x 404"), 0);
	CHECK_INT(fake->rejected, 0);
	CHECK(give_text(fake, "x 4o4") < 0);
	CHECK_STR(fake->reason, "field 'status' is '4o4', expected int");
	CHECK_STR(fake->emitted.data, "404\t7\n");
	fake_destroy(fake);
}

TEST(keep_without_outputs_comes_first)
{
	static const char *const keep[] = { "line", "number" };
	struct fake *fake = prepare("(?<a>.)$");

	fake_set_list(fake, "keep", keep, 2);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_text(fake, "xyz"), 0);
	CHECK_STR(fake->emitted.data, "xyz\t7\tz\n");
	fake_destroy(fake);
}

TEST(the_unmatched_are_kept_aside)
{
	struct fake *fake = prepare("(?<a>a)");

	fake_set_string(fake, "unmatched", "stream");
	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->stream_count, 2);
	CHECK_INT(give_text(fake, "b"), 0);
	CHECK_INT(give_text(fake, "a"), 0);
	CHECK_INT(give_null(fake), 0);
	CHECK_STR(fake->emitted.data,
		  "unmatched: 7\tb\tfield 'line' lacks the pattern\n"
		  "a\n"
		  "unmatched: 7\tnull\tfield 'line' lacks the pattern\n");
	fake_destroy(fake);
}

TEST(the_unmatched_are_rejected)
{
	struct fake *fake = prepare("a");

	fake_set_string(fake, "unmatched", "dead_letter");
	CHECK_INT(fake_open(fake), 0);
	CHECK(give_text(fake, "b") < 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, "field 'line' lacks the pattern");
	fake_destroy(fake);
}

TEST(a_catastrophe_costs_its_own_tuple_only)
{
	struct fake *fake = prepare("^(a+)+$");
	char text[64];

	memset(text, 'a', sizeof(text));
	text[63] = 'b';
	CHECK_INT(fake_open(fake), 0);
	CHECK(give(fake, text, sizeof(text)) < 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason,
		  "field 'line' takes the pattern too many steps");
	CHECK_INT(give_text(fake, "aa"), 0);
	CHECK_STR(fake->emitted.data, "7\taa\n");
	fake_destroy(fake);
}

TEST(any_bytes_are_taken)
{
	struct fake *fake = prepare("(?<rest>b.*)$");

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "\xff\0b\0c", 5), 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length, "b\0c\n", 4);
	fake_destroy(fake);
}

TEST(a_tuple_that_would_grow_too_long_is_put_aside)
{
	struct fake *fake = prepare("(?<a>(?<b>(?<c>.*)))");
	char *text = malloc(500000);

	memset(text, 'x', 500000);
	CHECK_INT(fake_open(fake), 0);
	CHECK(give(fake, text, 500000) < 0);
	CHECK_STR(fake->reason, "what was found is longer than a tuple may "
				"be, 1048576 bytes");
	free(text);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const keep[] = { "line" };
	static const struct gust_column other[] = { { "x", GUST_INT },
						    { NULL, GUST_NULL } };
	struct fake *fake;

	fake_refuse(prepare("a("), -EINVAL,
		    "option 'pattern': 'a(' is no pattern: missing closing "
		    "parenthesis, at character 3");
	fake = prepare("a");
	fake_set_string(fake, "field", "number");
	fake_refuse(fake, -EINVAL,
		    "field 'number' is int, expected string, bytes or json");
	fake = prepare("a");
	fake_set_list(fake, "keep", keep, 1);
	fake_refuse(
		fake, -EINVAL,
		"option 'keep' is for patterns with named groups, expected it "
		"left out: all fields are kept");
	fake = prepare("(?<line>a)");
	fake_set_list(fake, "keep", keep, 1);
	fake_refuse(
		fake, -EINVAL,
		"option 'keep': field 'line' is also what is found, expected "
		"one of the two in 'outputs'");
	fake = prepare("(?<y>a)");
	fake_output(fake, "default", other);
	fake_refuse(
		fake, -EINVAL,
		"field 'x' of 'outputs' is none that can be found, expected a "
		"name that is, or one in 'keep'");
	fake = prepare_typed("(?<status>a)");
	fake->outputs[0].columns = other;
	fake_refuse(
		fake, -EINVAL,
		"option 'keep': field 'number' is not in 'outputs', expected "
		"it there, too");
	fake = prepare("(?<y>a)");
	fake_set_number(fake, "invert", 1);
	fake_refuse(fake, -EINVAL,
		    "option 'invert' is for patterns without named groups, "
		    "expected it left out");
}
