/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <math.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "age", GUST_INT },   { "name", GUST_STRING }, { "share", GUST_FLOAT },
	{ "raw", GUST_BYTES }, { "on", GUST_BOOL },     { NULL, GUST_NULL },
};

enum { AGE, NAME, SHARE, RAW, ON, FIELDS };

static struct gust_value row[FIELDS];

static struct gust_value text(const char *name)
{
	return gust_string(name, strlen(name));
}

static struct fake *prepare(const char *option, const char *field,
			    const char *rule)
{
	static const char *pairs[8][2];
	static size_t next;
	struct fake *fake = fake_create("bolts/validate");

	next = (next + 1) % 8;
	pairs[next][0] = field;
	pairs[next][1] = rule;
	fake_input(fake, columns);
	if (rule == NULL)
		fake_set_list(fake, option, pairs[next], 1);
	else
		fake_set_map(fake, option, &pairs[next][0], &pairs[next][1], 1);
	row[AGE] = gust_int(30);
	row[NAME] = gust_string("Ada", 3);
	row[SHARE] = gust_float(0.5);
	row[RAW] = gust_bytes("\0\xff", 2);
	row[ON] = gust_bool(true);
	return fake;
}

static struct fake *opened(const char *option, const char *field,
			   const char *rule)
{
	return fake_opened(prepare(option, field, rule));
}

/* The row with `value` in that place goes through. */
static void passes(struct fake *fake, size_t at, struct gust_value value)
{
	const struct gust_value before = row[at];

	fake_forget(fake);
	row[at] = value;
	if (fake_give(fake, row, FIELDS) != 0)
		FAIL("%s\n", fake->reason);
	CHECK_UINT(fake->emits, 1);
	row[at] = before;
}

static void fails(struct fake *fake, size_t at, struct gust_value value,
		  const char *reason)
{
	const struct gust_value before = row[at];

	fake_forget(fake);
	row[at] = value;
	CHECK(fake_give(fake, row, FIELDS) < 0);
	CHECK_UINT(fake->emits, 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, reason);
	row[at] = before;
}

TEST(required)
{
	struct fake *fake = opened("required", "name", NULL);

	passes(fake, NAME, text(""));
	passes(fake, AGE, gust_null());
	fails(fake, NAME, gust_null(),
	      "field 'name' is null, expected a value");
	fake_destroy(fake);
}

TEST(what_goes_through_is_unchanged)
{
	struct fake *fake = opened("required", "name", NULL);

	CHECK_INT(fake_give(fake, row, FIELDS), 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "30\tAda\t0.5\t\0\xff\t1\n", 16);
	fake_destroy(fake);
}

TEST(ranges)
{
	struct fake *fake = opened("range", "age", "0..150");

	passes(fake, AGE, gust_int(0));
	passes(fake, AGE, gust_int(150));
	passes(fake, AGE, gust_null());
	fails(fake, AGE, gust_int(-1), "field 'age' is -1, expected 0..150");
	fails(fake, AGE, gust_int(151), "field 'age' is 151, expected 0..150");
	fake_destroy(fake);
	fake = opened("range", "age", "9223372036854775807..");
	passes(fake, AGE, gust_int(INT64_MAX));
	fails(fake, AGE, gust_int(INT64_MAX - 1),
	      "field 'age' is 9223372036854775806, expected "
	      "9223372036854775807..");
	fake_destroy(fake);
	fake = opened("range", "share", "..0.75");
	passes(fake, SHARE, gust_float(-INFINITY));
	passes(fake, SHARE, gust_float(0.75));
	fails(fake, SHARE, gust_float(0.76),
	      "field 'share' is 0.76, expected ..0.75");
	fails(fake, SHARE, gust_float(NAN),
	      "field 'share' is nan, expected ..0.75");
	fake_destroy(fake);
	fake = opened("range", "age", "5");
	passes(fake, AGE, gust_int(5));
	fails(fake, AGE, gust_int(6), "field 'age' is 6, expected 5");
	fake_destroy(fake);
}

TEST(lengths)
{
	struct fake *fake = opened("length", "name", "1..3");

	passes(fake, NAME, text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
	passes(fake, NAME, gust_string("\0\0\0", 3));
	fails(fake, NAME, text(""),
	      "field 'name' is 0 characters long, expected 1..3");
	fails(fake, NAME, text("four"),
	      "field 'name' is 4 characters long, expected 1..3");
	fake_destroy(fake);
	fake = opened("length", "raw", "2");
	passes(fake, RAW, gust_bytes("\xc3\xa4", 2));
	fails(fake, RAW, gust_bytes("x", 1),
	      "field 'raw' is 1 bytes long, expected 2");
	fake_destroy(fake);
}

TEST(types)
{
	static const char *const keys[] = { "name" }, *const type[] = { "int" },
				 *const range[] = { "1.." };
	struct fake *fake = prepare("type", "name", "int");

	CHECK_INT(fake_open(fake), 0);
	passes(fake, NAME, text("-5"));
	fails(fake, NAME, text("5x"), "field 'name' is '5x', expected int");
	fails(fake, NAME, text(""), "field 'name' is '', expected int");
	fake_destroy(fake);
	fake = fake_create("bolts/validate");
	fake_input(fake, columns);
	fake_set_map(fake, "type", keys, type, 1);
	fake_set_map(fake, "range", keys, range, 1);
	CHECK_INT(fake_open(fake), 0);
	passes(fake, NAME, text("5"));
	fails(fake, NAME, text("0"), "field 'name' is '0', expected 1..");
	fails(fake, NAME, text("x"), "field 'name' is 'x', expected int");
	fake_destroy(fake);
}

TEST(patterns)
{
	struct fake *fake = opened("pattern", "name", "^(a+)+$");
	char many[41];

	passes(fake, NAME, text("aaa"));
	fails(fake, NAME, text("b"),
	      "field 'name' is 'b', expected the pattern ^(a+)+$");
	fails(fake, NAME, text("a\xff"),
	      "field 'name' is 'a\\xff', expected the pattern ^(a+)+$");
	memset(many, 'a', 40);
	many[39] = 'b';
	many[40] = '\0';
	fails(fake, NAME, text(many),
	      "field 'name' is 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', "
	      "expected fewer steps for the pattern ^(a+)+$");
	fake_destroy(fake);
}

TEST(choices)
{
	struct fake *fake = opened("one_of", "name", "Ada, Bob ,,C d");

	passes(fake, NAME, text("Bob"));
	passes(fake, NAME, text("C d"));
	passes(fake, NAME, text(""));
	fails(fake, NAME, text("Ad"),
	      "field 'name' is 'Ad', expected one of Ada, Bob ,,C d");
	fake_destroy(fake);
	fake = opened("one_of", "share", "0.50, 1");
	passes(fake, SHARE, gust_float(1));
	fails(fake, SHARE, gust_float(2),
	      "field 'share' is 2, expected one of 0.50, 1");
	fake_destroy(fake);
	fake = opened("one_of", "on", "yes");
	fails(fake, ON, gust_bool(false),
	      "field 'on' is false, expected one of yes");
	fake_destroy(fake);
}

TEST(all_that_is_wrong_is_said)
{
	static const char *const keys[] = { "age", "share" },
				 *const ranges[] = { "0..", "5..6" };
	static const char *const required[] = { "name" };
	struct fake *fake = prepare("length", "name", "2");

	fake_set_map(fake, "range", keys, ranges, 2);
	fake_set_list(fake, "required", required, 1);
	fake_set_string(fake, "invalid", "stream");
	CHECK_INT(fake_open(fake), 0);
	row[NAME] = gust_null();
	row[RAW] = gust_null();
	CHECK_INT(fake_give(fake, row, FIELDS), 0);
	CHECK_STR(fake->emitted.data,
		  "invalid: 30\tnull\t0.5\tnull\t1\tfield 'name' is null, "
		  "expected a value; field 'share' is 0.5, expected 5..6\n");
	fake_destroy(fake);
}

TEST(long_values_are_cut)
{
	struct fake *fake = opened("length", "name", "2");
	char *name = malloc(1000000);

	memset(name, 'x', 1000000);
	fails(fake, NAME, gust_string(name, 1000000),
	      "field 'name' is 1000000 characters long, expected 2");
	fake_destroy(fake);
	fake = opened("one_of", "name", "a");
	row[NAME] = gust_string(name, 1000000);
	CHECK(fake_give(fake, row, FIELDS) < 0);
	CHECK_UINT(strlen(fake->reason), strlen("field 'name' is '', expected "
						"one of a") +
						 80);
	free(name);
	fake_destroy(fake);
}

static void refuse(const char *option, const char *field, const char *rule,
		   const char *why)
{
	struct fake *fake = prepare(option, field, rule);

	CHECK(fake_declare(fake) < 0);
	CHECK_STR(fake->error.text, why);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	struct fake *fake = fake_create("bolts/validate");

	fake_input(fake, columns);
	fake_refuse(fake, -EINVAL,
		    "it has no rules, expected 'required', 'type', 'range', "
		    "'length', 'pattern' or 'one_of'");
	refuse("required", "nmae", NULL, "no field is named 'nmae'");
	refuse("range", "nmae", "1..", "no field is named 'nmae'");
	refuse("range", "name", "1..2",
	       "option 'range': field 'name' is string, expected int or "
	       "float, or one of them in 'type'");
	refuse("range", "age", "1-2",
	       "option 'range': '1-2' is no range, expected one such as "
	       "1..80, 1.. or ..80");
	refuse("range", "age", "2..1",
	       "option 'range': '2..1' is no range, expected one such as "
	       "1..80, 1.. or ..80");
	refuse("range", "age", "..",
	       "option 'range': '..' is no range, expected one such as 1..80, "
	       "1.. or ..80");
	refuse("length", "name", "-1..",
	       "option 'length': '-1..' is no length, expected one such as "
	       "1..80, 1.. or ..80");
	refuse("length", "name", "1.5",
	       "option 'length': '1.5' is no length, expected one such as "
	       "1..80, 1.. or ..80");
	refuse("length", "age", "1",
	       "option 'length': field 'age' is int, expected a text");
	refuse("pattern", "age", "1",
	       "option 'pattern': field 'age' is int, expected a text");
	refuse("pattern", "name", "(",
	       "option 'pattern': '(' is no pattern: missing closing "
	       "parenthesis, at character 2");
	refuse("type", "name", "number",
	       "option 'type': 'number' is not a type, expected bool, int, "
	       "float, string, bytes or json");
	refuse("type", "age", "int",
	       "option 'type': field 'age' is int, expected a text: of others "
	       "the type is certain");
	refuse("one_of", "age", "1, two",
	       "option 'one_of': '1, two' is no list of values of field "
	       "'age', expected int with commas between them");
}
