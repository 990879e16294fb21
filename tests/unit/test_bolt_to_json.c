/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "id", GUST_INT },
	{ "name", GUST_STRING },
	{ "raw", GUST_JSON },
	{ NULL, GUST_NULL },
};

static struct fake *prepare(void)
{
	struct fake *fake = fake_create("bolts/to_json");

	fake_input(fake, columns);
	fake_set_string(fake, "into", "json");
	return fake;
}

static int give(struct fake *fake, const char *name, size_t n)
{
	const struct gust_value row[] = { gust_int(1), gust_string(name, n),
					  gust_json("[1]", 3) };

	return fake_give(fake, row, 3);
}

static int give_nulls(struct fake *fake)
{
	const struct gust_value row[] = { gust_int(1), gust_null(),
					  gust_null() };

	return fake_give(fake, row, 3);
}

TEST(all_fields)
{
	struct fake *fake = prepare();

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 1);
	CHECK_INT(fake->columns[0].type, GUST_JSON);
	CHECK_INT(give(fake, "a\"\n", 3), 0);
	CHECK_INT(give(fake, "\xff\0", 2), 0);
	CHECK_INT(give_nulls(fake), 0);
	CHECK_STR(fake->emitted.data,
		  "{\"id\":1,\"name\":\"a\\\"\\n\",\"raw\":[1]}\n"
		  "{\"id\":1,\"name\":\"\xef\xbf\xbd\\u0000\",\"raw\":[1]}\n"
		  "{\"id\":1,\"name\":null,\"raw\":null}\n");
	fake_destroy(fake);
}

TEST(some_fields_and_what_is_kept)
{
	static const char *const fields[] = { "raw", "id" };
	static const char *const keep[] = { "name" };
	struct fake *fake = prepare();

	fake_set_list(fake, "fields", fields, 2);
	fake_set_list(fake, "keep", keep, 1);
	fake_set_string(fake, "into", "record");
	CHECK_INT(fake_open(fake), 0);
	CHECK_STR(fake->columns[0].name, "name");
	CHECK_STR(fake->columns[1].name, "record");
	CHECK_INT(give(fake, "tea", 3), 0);
	CHECK_STR(fake->emitted.data, "tea\t{\"raw\":[1],\"id\":1}\n");
	fake_destroy(fake);
}

TEST(nulls_are_left_out)
{
	static const char *const fields[] = { "name", "id", "raw" };
	struct fake *fake = prepare();

	fake_set_list(fake, "fields", fields, 3);
	fake_set_number(fake, "skip_null", 1);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_nulls(fake), 0);
	CHECK_STR(fake->emitted.data, "{\"id\":1}\n");
	fake_destroy(fake);
}

TEST(what_is_too_long_is_rejected)
{
	struct fake *fake = prepare();
	char *name = calloc(1, 300000);

	CHECK_INT(fake_open(fake), 0);
	CHECK(give(fake, name, 300000) < 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, "its text of JSON is longer than a tuple may "
				"be, 1048576 bytes");
	free(name);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const fields[] = { "raw", "ID" };
	static const char *const keep[] = { "name" };
	struct fake *fake = prepare();

	fake_set_list(fake, "fields", fields, 2);
	fake_refuse(fake, -ENOENT, "no field is named 'ID'");
	fake = prepare();
	fake_set_list(fake, "keep", keep, 1);
	fake_set_string(fake, "into", "name");
	fake_refuse(fake, -EINVAL,
		    "option 'into': field 'name' is in "
		    "'keep', expected another name");
}
