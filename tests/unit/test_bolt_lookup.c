/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <sqlite3.h>

#include "fake_check.h"
#include "folder.h"
#include "sales.h"

static const char *const on_fields[] = { "product", "shop" };
static const char *const on_columns[] = { "id", "shop" };
static const char *const add_columns[] = { "name", "price" };
static const char *const add_types[] = { "string", "float" };

static const char *path;

static void write_text(const char *text)
{
	static unsigned n;
	char name[32];

	/* Another file each time, so that the clock does not matter. */
	snprintf(name, sizeof(name), "new%u", n++);
	folder_write(name, text, strlen(text));
	path = folder_path("table");
	CHECK_INT(rename(folder_path(name), path), 0);
}

/* By so many fields. */
static struct fake *create(size_t keys, const char *missing)
{
	struct fake *fake = fake_create("bolts/lookup");

	fake_input(fake, columns);
	fake_set_string(fake, "file", path);
	fake_set_map(fake, "on", on_fields, on_columns, keys);
	fake_set_map(fake, "add", add_columns, add_types, 2);
	fake_set_string(fake, "missing", missing);
	fake_set_string(fake, "delimiter", ",");
	fake_set_number(fake, "check", 5e9);
	fake_set_number(fake, "cache", 3);
	return fake;
}

TEST(columns_are_added)
{
	struct fake *fake;

	write_text("\xef\xbb\xbfprice,other,name,id\n1.5,x,milk,7\r\n\n"
		   ",,\"two, \"\"cups\"\"\",08\n2,y,,9\n");
	fake = fake_opened(create(1, "null"));
	CHECK_UINT(fake->column_count, 4);
	CHECK_STR(fake->columns[2].name, "name");
	CHECK_STR(fake->columns[3].name, "price");
	CHECK_INT(fake->columns[3].type, GUST_FLOAT);
	CHECK_UINT(fake->stream_count, 1);
	give(fake, 7, "s", "7\ts\tmilk\t1.5\n");
	give(fake, 8, "s", "8\ts\ttwo, \"cups\"\tnull\n");
	give(fake, 9, "s", "9\ts\tnull\t2\n");
	give(fake, 10, "s", "10\ts\tnull\tnull\n");
	CHECK_UINT(fake_counter(fake, "missed"), 1);
	fake_destroy(fake);
}

TEST(what_is_not_there_may_go_its_own_way)
{
	const struct gust_value null[] = { gust_null(), gust_null() };
	struct fake *fake;

	write_text("id,name,price\n7,milk,1\n,nothing,1\n");
	fake = fake_opened(create(1, "stream"));
	CHECK_UINT(fake->stream_count, 2);
	give(fake, 7, "s", "7\ts\tmilk\t1\n");
	give(fake, 8, "s", "missing: 8\ts\n");
	fake_forget(fake);
	CHECK_INT(fake_give(fake, null, 2), 0);
	CHECK_STR(fake->emitted.data, "missing: null\tnull\n");
	fake_destroy(fake);
}

TEST(several_columns_may_be_the_key)
{
	struct fake *fake;

	write_text("id,shop,name,price\n7,a,first,1\n7,b,second,2\n"
		   "7,a,third,3\n");
	fake = fake_opened(create(2, "null"));
	/* Of the same key the last one counts. */
	give(fake, 7, "a", "7\ta\tthird\t3\n");
	give(fake, 7, "b", "7\tb\tsecond\t2\n");
	give(fake, 7, "c", "7\tc\tnull\tnull\n");
	fake_destroy(fake);
}

TEST(many_rows_are_found)
{
	static char text[400000];
	struct fake *fake;
	size_t used;
	int i;

	used = (size_t)snprintf(text, sizeof(text), "id,name,price\n");
	for (i = 0; i < 20000; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%d,n%d,%d\n", i, i, i);
	write_text(text);
	fake = fake_opened(create(1, "null"));
	for (i = 0; i < 20000; i++) {
		char expected[64];

		snprintf(expected, sizeof(expected), "%d\t\tn%d\t%d\n", i, i,
			 i);
		give(fake, i, "", expected);
	}
	fake_destroy(fake);
}

TEST(bad_rows_are_left_out_and_told)
{
	struct fake *fake;

	write_text("id,name,price\nx,milk,1\n1,milk\n2,milk,x\n3,a\"b\",1\n"
		   "4,good,1\n5,\"open,1\n");
	fake = fake_opened(create(1, "null"));
	CHECK_UINT(fake_counter(fake, "bad_rows"), 5);
	CHECK_UINT(fake->logs, 5);
	CHECK_CONTAINS(fake->log, "/table:7: ");
	give(fake, 4, "", "4\t\tgood\t1\n");
	give(fake, 2, "", "2\t\tnull\tnull\n");
	fake_destroy(fake);
}

TEST(a_file_that_changes_is_read_again)
{
	struct fake *fake;

	write_text("id,name,price\n1,old,1\n");
	fake = fake_opened(create(1, "null"));
	give(fake, 1, "", "1\t\told\t1\n");
	write_text("name,id,price\nnew,1,2\n");
	fake->now += 4 * SECOND;
	give(fake, 1, "", "1\t\told\t1\n");
	fake->now += 2 * SECOND;
	give(fake, 1, "", "1\t\tnew\t2\n");
	/* What cannot be read takes nothing away; it is told once. */
	write_text("id,price\n1,3\n");
	fake->now += 6 * SECOND;
	give(fake, 1, "", "1\t\tnew\t2\n");
	CHECK_CONTAINS(fake->log, "no column is named 'name', expected it in "
				  "the first line; what was read before stays");
	unlink(path);
	fake->now += 6 * SECOND;
	give(fake, 1, "", "1\t\tnew\t2\n");
	CHECK_UINT(fake->logs, 1);
	write_text("id,name,price\n1,newest,4\n");
	fake->now += 6 * SECOND;
	give(fake, 1, "", "1\t\tnewest\t4\n");
	fake_destroy(fake);
}

static void refuse_open(const char *text, const char *part)
{
	struct fake *fake;

	write_text(text);
	fake = create(1, "null");
	CHECK(fake_open(fake) < 0);
	CHECK_CONTAINS(fake->error.text, part);
	fake_destroy(fake);
}

TEST(a_file_without_the_columns_is_refused)
{
	struct fake *fake;

	refuse_open("", "it is empty, expected a first line with the names");
	refuse_open("id,nam,price\n", "no column is named 'name', expected it");
	refuse_open("id,\"na\"me\",price\n", "/table: 'm' at byte 8 follows");
	unlink(path);
	fake = create(1, "null");
	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_CONTAINS(fake->error.text, "No such file");
	fake_destroy(fake);
}

static void sql(const char *text)
{
	sqlite3 *peer;

	CHECK_INT(sqlite3_open(path, &peer), SQLITE_OK);
	CHECK_INT(sqlite3_exec(peer, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(peer);
}

static struct fake *create_table(void)
{
	struct fake *fake;

	path = folder_path("table.db");
	unlink(path);
	sql("CREATE TABLE \"the table\" (id, name, price);"
	    "INSERT INTO \"the table\" VALUES (1, 'milk', 1.5), (2, NULL, 3),"
	    "(3, 'x', 'no number')");
	fake = create(1, "null");
	fake_set_string(fake, "table", "the table");
	return fake;
}

TEST(a_table_is_asked)
{
	struct fake *fake = fake_opened(create_table());
	const struct gust_value bad[] = { gust_int(3), gust_null() };

	give(fake, 1, "", "1\t\tmilk\t1.5\n");
	give(fake, 2, "", "2\t\tnull\t3\n");
	give(fake, 4, "", "4\t\tnull\tnull\n");
	give(fake, 1, "", "1\t\tmilk\t1.5\n");
	CHECK_INT(fake_give(fake, bad, 2), -EINVAL);
	CHECK_CONTAINS(fake->log, "column 'price' is a TEXT, expected float");
	fake_destroy(fake);
}

TEST(answers_are_remembered_until_it_changes)
{
	struct fake *fake = fake_opened(create_table());

	give(fake, 1, "", "1\t\tmilk\t1.5\n");
	give(fake, 4, "", "4\t\tnull\tnull\n");
	sql("UPDATE \"the table\" SET name = 'tea';"
	    "INSERT INTO \"the table\" VALUES (4, 'four', 4)");
	give(fake, 1, "", "1\t\tmilk\t1.5\n");
	give(fake, 4, "", "4\t\tnull\tnull\n");
	give(fake, 2, "", "2\t\ttea\t3\n");
	fake->now += 6 * SECOND;
	give(fake, 1, "", "1\t\ttea\t1.5\n");
	give(fake, 4, "", "4\t\tfour\t4\n");
	/* No more than three: the fourth one has all forgotten. */
	give(fake, 2, "", "2\t\ttea\t3\n");
	sql("UPDATE \"the table\" SET name = 'new'");
	give(fake, 2, "", "2\t\ttea\t3\n");
	give(fake, 5, "", "5\t\tnull\tnull\n");
	give(fake, 2, "", "2\t\tnew\t3\n");
	fake_destroy(fake);
}

TEST(a_table_that_is_locked_is_waited_for)
{
	struct fake *fake = fake_opened(create_table());
	const struct gust_value row[] = { gust_int(1), gust_null() };
	sqlite3 *peer;

	CHECK_INT(sqlite3_open(path, &peer), SQLITE_OK);
	CHECK_INT(sqlite3_exec(peer, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
		  SQLITE_OK);
	CHECK_INT(fake_give(fake, row, 2), -EAGAIN);
	CHECK_CONTAINS(fake->not_now, "locked");
	CHECK_INT(sqlite3_exec(peer, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(peer);
	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_STR(fake->emitted.data, "1\tnull\tmilk\t1.5\n");
	fake_destroy(fake);
}

TEST(a_file_in_its_place_is_another_table)
{
	struct fake *fake = fake_opened(create_table());

	give(fake, 1, "", "1\t\tmilk\t1.5\n");
	CHECK_INT(rename(path, folder_path("old.db")), 0);
	sql("CREATE TABLE \"the table\" (id, name, price);"
	    "INSERT INTO \"the table\" VALUES (1, 'other', 2)");
	fake->now += 6 * SECOND;
	give(fake, 1, "", "1\t\tother\t2\n");
	fake_destroy(fake);
}

TEST(a_tuple_that_gets_too_long_is_rejected)
{
	const struct gust_value row[] = { gust_int(1), gust_null() };
	struct fake *fake;

	write_text("id,name,price\n1,a name of many letters,1\n");
	fake = fake_opened(create(1, "null"));
	fake->tuple_max = 120;
	CHECK_INT(fake_give(fake, row, 2), -EBADMSG);
	CHECK_UINT(fake->rejected, 1);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const wrong_fields[] = { "prodct" };
	static const char *const wrong_types[] = { "string", "flat" };
	struct fake *fake;

	path = "/nowhere";
	fake = create(1, "null");
	fake_set_map(fake, "on", wrong_fields, on_columns, 1);
	fake_refuse(fake, -ENOENT, "no field is named 'prodct'");
	fake = create(1, "null");
	fake_set_map(fake, "add", add_columns, wrong_types, 2);
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "option 'add': ");
	CHECK_CONTAINS(fake->error.text, "'flat'");
	fake_destroy(fake);
	fake = create(1, "null");
	fake_set_map(fake, "add", NULL, NULL, 0);
	fake_refuse(fake, -EINVAL,
		    "options 'on' and 'add' have 1 and 0 columns, expected 1 "
		    "to 64 of each");
}
