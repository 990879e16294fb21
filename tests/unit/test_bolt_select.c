/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "id", GUST_INT },       { "name", GUST_STRING },
	{ "price", GUST_STRING }, { "note", GUST_STRING },
	{ NULL, GUST_NULL },
};

static struct fake *prepare(void)
{
	struct fake *fake = fake_create("bolts/select");

	fake_input(fake, columns);
	return fake;
}

static int give(struct fake *fake, const char *price)
{
	const struct gust_value row[] = {
		gust_int(1), gust_string("tea", 3),
		price == NULL ? gust_null() : gust_string(price, strlen(price)),
		gust_null()
	};

	return fake_give(fake, row, 4);
}

static void set_list(struct fake *fake, const char *option, const char *a,
		     const char *b)
{
	static const char *items[8][2];
	static size_t next;

	next = (next + 1) % 8;
	items[next][0] = a;
	items[next][1] = b;
	fake_set_list(fake, option, items[next], b == NULL ? 1 : 2);
}

static void set_map(struct fake *fake, const char *option, const char *key,
		    const char *value)
{
	static const char *pairs[8][2];
	static size_t next;

	next = (next + 1) % 8;
	pairs[next][0] = key;
	pairs[next][1] = value;
	fake_set_map(fake, option, &pairs[next][0], &pairs[next][1], 1);
}

TEST(without_options_all_goes_through)
{
	struct fake *fake = prepare();

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "2.5"), 0);
	CHECK_STR(fake->emitted.data, "1\ttea\t2.5\tnull\n");
	fake_destroy(fake);
}

TEST(kept_fields_come_in_their_order)
{
	struct fake *fake = prepare();

	set_list(fake, "keep", "price", "id");
	set_map(fake, "rename", "price", "cost");
	CHECK_INT(fake_open(fake), 0);
	CHECK_STR(fake->columns[0].name, "cost");
	CHECK_STR(fake->columns[1].name, "id");
	CHECK_INT(fake->columns[1].type, GUST_INT);
	CHECK_INT(give(fake, "2.5"), 0);
	CHECK_STR(fake->emitted.data, "2.5\t1\n");
	fake_destroy(fake);
}

TEST(dropped_fields_are_gone)
{
	struct fake *fake = prepare();

	set_list(fake, "drop", "id", "note");
	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 2);
	CHECK_INT(give(fake, "2.5"), 0);
	CHECK_STR(fake->emitted.data, "tea\t2.5\n");
	fake_destroy(fake);
}

TEST(inputs_may_differ_where_fields_are_named)
{
	static const struct gust_column other[] = { { "price", GUST_STRING },
						    { "x", GUST_INT },
						    { "id", GUST_INT },
						    { NULL, GUST_NULL } };
	const struct gust_value row[] = { gust_string("9", 1), gust_int(0),
					  gust_int(3) };
	struct fake *fake = prepare();
	struct gust_tuple *in = fake_tuple(1, row, 3);

	fake_input(fake, other);
	set_list(fake, "keep", "id", "price");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake->bolt->execute(fake->instance, (void *)fake, in), 0);
	CHECK_STR(fake->emitted.data, "3\t9\n");
	free(in);
	fake_destroy(fake);
}

TEST(casts_and_defaults)
{
	struct fake *fake = prepare();

	set_map(fake, "cast", "price", "float");
	set_map(fake, "default", "price", "0.5");
	set_map(fake, "rename", "price", "cost");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake->columns[2].type, GUST_FLOAT);
	CHECK_INT(give(fake, "2.5"), 0);
	CHECK_INT(give(fake, NULL), 0);
	CHECK(give(fake, "dear") < 0);
	CHECK_STR(fake->reason, "field 'price' is 'dear', expected float");
	CHECK(give(fake, "") < 0);
	CHECK_STR(fake->reason, "field 'price' is '', expected float");
	CHECK_UINT(fake->rejected, 2);
	CHECK_STR(fake->emitted.data, "1\ttea\t2.5\tnull\n1\ttea\t0.5\tnull\n");
	fake_destroy(fake);
}

TEST(a_default_in_place_of_null)
{
	struct fake *fake = prepare();

	set_map(fake, "default", "note", "none");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, NULL), 0);
	CHECK_STR(fake->emitted.data, "1\ttea\tnull\tnone\n");
	fake_destroy(fake);
}

TEST(what_cannot_be_cast_goes_to_a_stream)
{
	struct fake *fake = prepare();

	set_list(fake, "keep", "price", NULL);
	set_map(fake, "cast", "price", "int");
	fake_set_string(fake, "invalid", "stream");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "x"), 0);
	CHECK_INT(give(fake, "-5"), 0);
	CHECK_STR(fake->emitted.data,
		  "invalid: 1\ttea\tx\tnull\tfield 'price' is 'x', expected "
		  "int\n-5\n");
	fake_destroy(fake);
}

TEST(numbers_that_become_texts_stay_where_they_are)
{
	enum { MANY = 40 };
	static char names[MANY][4];
	static const char *keys[MANY], *types[MANY];
	static struct gust_column many[MANY + 1];
	struct gust_value row[MANY];
	struct fake *fake = fake_create("bolts/select");
	char expected[MANY * 21 + 1] = "";
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "f%d", i);
		many[i] = (struct gust_column){ names[i], GUST_INT };
		keys[i] = names[i];
		types[i] = "string";
		row[i] = gust_int(INT64_MIN + i);
		snprintf(expected + strlen(expected), 22, "%lld%c",
			 (long long)(INT64_MIN + i),
			 i < MANY - 1 ? '\t' : '\n');
	}
	fake_input(fake, many);
	fake_set_map(fake, "cast", keys, types, MANY);
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 3; i++) {
		fake_forget(fake);
		CHECK_INT(fake_give(fake, row, MANY), 0);
		CHECK_STR(fake->emitted.data, expected);
	}
	fake_destroy(fake);
}

TEST(bytes_that_are_none_of_a_type_are_named)
{
	static const struct gust_column one[] = { { "n", GUST_BYTES },
						  { NULL, GUST_NULL } };
	const struct gust_value row = gust_bytes("\xff\0", 2);
	struct fake *fake = fake_create("bolts/select");

	fake_input(fake, one);
	set_map(fake, "cast", "n", "bool");
	CHECK_INT(fake_open(fake), 0);
	CHECK(fake_give(fake, &row, 1) < 0);
	CHECK_STR(fake->reason, "field 'n' is '\\xff', expected bool");
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	struct fake *fake = prepare();

	set_list(fake, "keep", "id", NULL);
	set_list(fake, "drop", "name", NULL);
	fake_refuse(
		fake, -EINVAL,
		"option 'drop' has no meaning beside 'keep', expected one of "
		"them");
	fake = prepare();
	set_list(fake, "keep", "nmae", NULL);
	fake_refuse(fake, -ENOENT, "no field is named 'nmae'");
	fake = prepare();
	set_list(fake, "drop", "nmae", NULL);
	fake_refuse(fake, -ENOENT, "no field is named 'nmae'");
	fake = prepare();
	set_list(fake, "drop", "name", NULL);
	set_map(fake, "cast", "name", "json");
	fake_refuse(
		fake, -EINVAL,
		"option 'cast': field 'name' is not emitted, expected one that "
		"is");
	fake = prepare();
	set_map(fake, "cast", "name", "text");
	fake_refuse(fake, -EINVAL,
		    "option 'cast': 'text' is not a type, expected bool, int, "
		    "float, string, bytes or json");
	fake = prepare();
	set_map(fake, "default", "id", "x");
	fake_refuse(
		fake, -EINVAL,
		"option 'default': 'x' is no int, expected one for field 'id'");
}

TEST(something_must_be_left)
{
	static const struct gust_column one[] = { { "n", GUST_INT },
						  { NULL, GUST_NULL } };
	struct fake *fake = fake_create("bolts/select");

	fake_input(fake, one);
	set_list(fake, "drop", "n", NULL);
	fake_refuse(fake, -EINVAL,
		    "option 'drop' leaves no field, expected one at least");
}
