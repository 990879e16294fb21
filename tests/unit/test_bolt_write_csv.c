/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"
#include "folder.h"

static const struct gust_column columns[] = { { "id", GUST_INT },
					      { "value", GUST_STRING },
					      { NULL, GUST_NULL } };
static const struct gust_column other[] = { { "value", GUST_STRING },
					    { "id", GUST_INT },
					    { "more", GUST_FLOAT },
					    { NULL, GUST_NULL } };

static struct fake *csv_create(void)
{
	struct fake *fake = fake_create("bolts/write_csv");

	fake_input(fake, columns);
	fake_set_string(fake, "path", folder_path("out.csv"));
	fake_set_number(fake, "header", 1);
	return fake;
}

static struct fake *csv_open(void)
{
	return fake_opened(csv_create());
}

static int give(struct fake *fake, int64_t id, const char *value)
{
	const struct gust_value row[] = {
		gust_int(id),
		value != NULL ? gust_string(value, strlen(value)) : gust_null()
	};

	return fake_give(fake, row, 2);
}

static void csv_end(struct fake *fake)
{
	CHECK_INT(fake_flush(fake), 0);
	CHECK_INT(fake_finish(fake), 0);
	fake_destroy(fake);
}

TEST(rows_follow_the_header)
{
	struct fake *fake = csv_open();

	folder_check("out.csv", "id,value\n");
	CHECK_INT(give(fake, 1, "a,b"), 0);
	CHECK_INT(give(fake, 2, "a\"\nb"), 0);
	CHECK_INT(give(fake, 3, NULL), 0);
	CHECK_INT(give(fake, 4, ""), 0);
	csv_end(fake);
	folder_check("out.csv",
		     "id,value\n1,\"a,b\"\n2,\"a\"\"\nb\"\n3,\n4,\"\"\n");
	folder_clear();
}

TEST(columns_are_chosen)
{
	const char *const names[] = { "value", "id" };
	struct fake *fake = csv_create();

	fake_set_list(fake, "columns", names, 2);
	fake_set_string(fake, "delimiter", "\\t");
	fake_set_string(fake, "null", "\\N");
	fake_set_number(fake, "header", 0);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, 1, "a,b"), 0);
	CHECK_INT(give(fake, 2, NULL), 0);
	csv_end(fake);
	folder_check("out.csv", "a,b\t1\n\\N\t2\n");
	folder_clear();
}

TEST(a_file_is_continued_without_another_header)
{
	struct fake *fake;

	folder_write("out.csv", "id,value\n1,\"a\nb\"\n2,\"torn\n\n", 26);
	fake = csv_open();
	CHECK_CONTAINS(fake->log, "continued at byte 17; 9 bytes of a torn");
	CHECK_INT(give(fake, 2, "c"), 0);
	csv_end(fake);
	folder_check("out.csv", "id,value\n1,\"a\nb\"\n2,c\n");
	folder_clear();
}

TEST(a_torn_header_is_written_anew)
{
	folder_write("out.csv", "id,va", 5);
	csv_end(csv_open());
	folder_check("out.csv", "id,value\n");
	folder_clear();
}

TEST(a_file_with_other_columns_is_refused)
{
	struct fake *fake;

	folder_write("out.csv", "id,price,value\n1,2,3\n", 21);
	fake = csv_create();
	CHECK_INT(fake_open(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "does not begin with the line "
					 "'id,value', expected a file with "
					 "the same columns");
	fake_destroy(fake);
	folder_check("out.csv", "id,price,value\n1,2,3\n");
	folder_write("out.csv", "id\n", 3);
	fake = csv_create();
	CHECK_INT(fake_open(fake), -EINVAL);
	fake_destroy(fake);
	folder_clear();
}

TEST(each_file_of_a_rotation_has_a_header)
{
	struct fake *fake = csv_create();

	fake_set_string(fake, "path", folder_path("{number}"));
	fake_set_number(fake, "rotate_size", 14);
	folder_write("000001.part", "id,value\n", 9);
	folder_write("000002.part", "id,value\n1,\"a\n2", 15);
	folder_write("000003.part", "id,value\n1,a\n2", 14);
	CHECK_INT(fake_open(fake), 0);
	folder_check("000003", "id,value\n1,a\n");
	CHECK_UINT(folder_count(""), 2);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	csv_end(fake);
	folder_check("000004", "id,value\n1,a\n");
	folder_check("000005", "id,value\n2,b\n");
	CHECK_UINT(folder_count(""), 3);
	folder_clear();
}

TEST(without_quotes_some_tuples_are_rejected)
{
	struct fake *fake = csv_create();

	fake_set_string(fake, "quote", "");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, 1, "\"a\""), 0);
	(void)give(fake, 2, "a,b");
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason,
		  "field 'value' needs quotes, and there are none");
	CHECK_INT(give(fake, 3, "c"), 0);
	csv_end(fake);
	folder_check("out.csv", "id,value\n1,\"a\"\n3,c\n");
	folder_clear();
}

TEST(inputs_that_differ_need_columns)
{
	const char *const names[] = { "id", "value" };
	struct fake *fake = csv_create();

	fake_input(fake, other);
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_STR(fake->error.text,
		  "'upstream' sends 2 fields and 'upstream' sends 3, expected "
		  "the same fields from all");
	fake_set_list(fake, "columns", names, 2);
	CHECK_INT(fake_declare(fake), 0);
	fake_destroy(fake);
	fake = fake_create("bolts/write_csv");
	fake_input(fake, other);
	fake_input(fake, columns);
	fake_set_string(fake, "path", "x");
	fake_refuse(fake, -ENOENT, "no field is named 'more'");
}

static void refuse(const char *option, const char *value, const char *text)
{
	struct fake *fake = csv_create();

	fake_set_string(fake, option, value);
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, text);
	fake_destroy(fake);
}

TEST(mistakes_in_options_are_found_before_anything_runs)
{
	const char *const names[] = { "id", "valeu" };
	struct fake *fake = csv_create();

	fake_set_list(fake, "columns", names, 2);
	fake_refuse(fake, -ENOENT, "no field is named 'valeu'");
	refuse("delimiter", "ab", "option 'delimiter' is 'ab'");
	refuse("quote", ",", "options 'delimiter' and 'quote' are both ','");
	refuse("null", "a,b", "option 'null' is 'a,b'");
	refuse("path", "a/", "option 'path' is 'a/'");
}
