/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

static const struct gust_column columns[] = {
	{ "item", GUST_STRING },
	{ "price", GUST_FLOAT },
	{ "n", GUST_INT },
	{ NULL, GUST_NULL },
};

static struct fake *map_create(const char *const *names,
			       const char *const *values, size_t count,
			       const char *const *typed,
			       const char *const *types, size_t type_count)
{
	struct fake *fake = fake_create("bolts/map");

	fake_input(fake, columns);
	fake_set_map(fake, "set", names, values, count);
	fake_set_map(fake, "types", typed, types, type_count);
	fake_set_number(fake, "memory", 1 << 20);
	fake_set_number(fake, "steps", 100000);
	return fake;
}

static int give(struct fake *fake, const char *item, double price, int64_t n)
{
	const struct gust_value row[] = { gust_string(item, strlen(item)),
					  gust_float(price), gust_int(n) };

	return fake_give(fake, row, 3);
}

TEST(fields_are_set_and_others_stay)
{
	const char *const names[] = { "total", "item", "cheap" };
	const char *const values[] = { "price * n", "upper(item)",
				       "price < 1" };
	const char *const typed[] = { "total", "cheap" };
	const char *const types[] = { "float", "bool" };
	struct fake *fake = map_create(names, values, 3, typed, types, 2);

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 5);
	CHECK_STR(fake->columns[0].name, "item");
	CHECK_STR(fake->columns[3].name, "total");
	CHECK_INT(fake->columns[3].type, GUST_FLOAT);
	CHECK_STR(fake->columns[4].name, "cheap");
	CHECK_INT(fake->columns[4].type, GUST_BOOL);
	CHECK_INT(give(fake, "tea", 0.5, 3), 0);
	CHECK_INT(give(fake, "", 2, 0), 0);
	CHECK_STR(fake->emitted.data, "TEA\t0.5\t3\t1.5\t1\n\t2\t0\t0\t0\n");
	fake_destroy(fake);
}

TEST(expressions_see_the_tuple_as_it_came_in)
{
	const char *const names[] = { "n", "price" };
	const char *const values[] = { "n + 1", "n * 10.0" };
	struct fake *fake = map_create(names, values, 2, NULL, NULL, 0);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a", 0, 1), 0);
	CHECK_STR(fake->emitted.data, "a\t10\t2\n");
	fake_destroy(fake);
}

TEST(a_field_can_change_its_type)
{
	const char *const names[] = { "n" };
	const char *const values[] = { "'#' .. n" };
	const char *const types[] = { "string" };
	struct fake *fake = map_create(names, values, 1, names, types, 1);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake->columns[2].type, GUST_STRING);
	CHECK_INT(give(fake, "a", 0.5, 1), 0);
	CHECK_STR(fake->emitted.data, "a\t0.5\t#1\n");
	fake_destroy(fake);
}

TEST(what_fails_is_a_dead_letter)
{
	const char *const names[] = { "n" };
	const char *const values[] = { "n // int(item)" };
	struct fake *fake = map_create(names, values, 1, NULL, NULL, 0);

	CHECK_INT(fake_open(fake), 0);
	CHECK(give(fake, "0", 1, 1) < 0);
	CHECK_UINT(fake->dead, 1);
	CHECK_STR(fake->reason, "option 'set', field 'n', line 1: attempt to "
				"divide by zero");
	CHECK(give(fake, "x", 1, 1) < 0);
	CHECK_UINT(fake->dead, 2);
	CHECK_INT(give(fake, "2", 1, 5), 0);
	CHECK_STR(fake->emitted.data, "2\t1\t2\n");
	fake_destroy(fake);
}

TEST(a_value_of_another_type_is_a_dead_letter)
{
	const char *const names[] = { "price", "n" };
	const char *const values[] = { "price", "price" };
	struct fake *fake = map_create(names, values, 2, NULL, NULL, 0);

	CHECK_INT(fake_open(fake), 0);
	CHECK(give(fake, "a", 1.5, 1) < 0);
	CHECK_STR(fake->reason, "option 'set', field 'n': gave the float 1.5, "
				"expected int");
	CHECK_INT(give(fake, "a", 2.0, 1), 0);
	CHECK_STR(fake->emitted.data, "a\t2\t2\n");
	fake_destroy(fake);
}

TEST(a_tuple_that_grows_too_long_is_a_dead_letter)
{
	const char *const names[] = { "item" };
	const char *const values[] = { "item:rep(n)" };
	struct fake *fake = map_create(names, values, 1, NULL, NULL, 0);

	fake->tuple_max = 1000;
	CHECK_INT(fake_open(fake), 0);
	CHECK(give(fake, "x", 1, 1000) < 0);
	CHECK_UINT(fake->dead, 1);
	CHECK_STR(fake->reason,
		  "the tuple would have 1096 bytes, expected at most 1000 "
		  "(topology.tuple.max.bytes)");
	CHECK_INT(give(fake, "x", 1, 10), 0);
	fake_destroy(fake);
}

static void refused(const char *name, const char *value, const char *typed,
		    const char *type, const char *reason)
{
	struct fake *fake = map_create(&name, &value, name != NULL, &typed,
				       &type, typed != NULL);

	CHECK(fake_declare(fake) < 0);
	CHECK_STR(fake->error.text, reason);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	refused(NULL, NULL, NULL, NULL, "option 'set' names no field");
	refused("total", "n", NULL, NULL,
		"option 'set': field 'total' is new, expected its type in the "
		"option 'types'");
	refused("n", "n", "m", "int",
		"option 'types' names 'm', which the option 'set' does not "
		"set");
	refused("n", "n", "n", "number",
		"'number' is not a type, expected bool, int, float, string, "
		"bytes or json");
	refused("n", "n +", NULL, NULL,
		"option 'set', field 'n', line 1, column 4: unexpected symbol "
		"near <eof>");
	refused("n", "prize", NULL, NULL,
		"option 'set', field 'n', line 1, column 1: no field or "
		"function is named 'prize', expected 'price'");
}
