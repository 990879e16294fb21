/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

#include <gust/kit/database.h>

static char folder[] = "/tmp/test_kit_database.XXXXXX";
static char path[128];

__attribute__((constructor)) static void make_folder(void)
{
	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/file.db", folder);
}

__attribute__((destructor)) static void tidy(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (system(command) != 0)
		fprintf(stderr, "%s is left\n", folder);
}

static struct database opened(enum database_mode mode)
{
	struct database database = { 0 };
	struct gust_error error = { 0 };
	int r = database_open(&database, path, mode, &error);

	CHECK_STR(error.text, "");
	CHECK_INT(r, 0);
	return database;
}

/* Binds a value and reads it back as `type`. */
static int there_and_back(struct gust_value in, enum gust_type type,
			  struct buffer *out)
{
	struct database database = opened(DATABASE_CREATE);
	struct buffer scratch = { 0 };
	struct gust_value value;
	sqlite3_stmt *statement;
	int r;

	CHECK_INT(database_prepare(&database, "SELECT ?", &statement, NULL), 0);
	CHECK_INT(database_bind(statement, 1, in), SQLITE_OK);
	CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
	r = database_read(statement, 0, type, &scratch, &value);
	out->used = 0;
	if (r == 0) {
		buffer_text(out, gust_type_name(value.type));
		buffer_char(out, ' ');
		buffer_value(out, value);
	}
	buffer_append(out, "", 1);
	sqlite3_finalize(statement);
	database_close(&database);
	buffer_destroy(&scratch);
	return r;
}

static void comes_back(struct gust_value in, enum gust_type type,
		       const char *expected)
{
	struct buffer out = { 0 };
	int r = there_and_back(in, type, &out);

	CHECK_STR(out.data, expected);
	CHECK_INT(r, 0);
	buffer_destroy(&out);
}

TEST(values_come_back)
{
	comes_back(gust_int(INT64_MIN), GUST_INT, "int -9223372036854775808");
	comes_back(gust_bool(true), GUST_BOOL, "bool true");
	comes_back(gust_float(0.1), GUST_FLOAT, "float 0.1");
	comes_back(gust_float(INFINITY), GUST_FLOAT, "float inf");
	comes_back(gust_string("\xc3\xbc", 2), GUST_STRING, "string \xc3\xbc");
	comes_back(gust_string("", 0), GUST_STRING, "string ");
	comes_back(gust_bytes("", 0), GUST_BYTES, "bytes ");
	comes_back(gust_bytes("\xff", 1), GUST_STRING, "string \xff");
	comes_back(gust_json("[1]", 3), GUST_JSON, "json [1]");
	comes_back(gust_null(), GUST_INT, "null ");
	comes_back(gust_float(NAN), GUST_FLOAT, "null ");
	comes_back(gust_int(7), GUST_STRING, "string 7");
}

TEST(what_is_of_another_type_does_not)
{
	struct buffer out = { 0 };

	CHECK_INT(there_and_back(gust_string("x", 1), GUST_INT, &out), -EINVAL);
	CHECK_INT(there_and_back(gust_float(0.5), GUST_INT, &out), -EINVAL);
	CHECK_INT(there_and_back(gust_int(2), GUST_BOOL, &out), -EINVAL);
	CHECK_INT(there_and_back(gust_string("[", 1), GUST_JSON, &out),
		  -EINVAL);
	CHECK_INT(there_and_back(gust_float(1e300), GUST_INT, &out), -ERANGE);
	buffer_destroy(&out);
}

TEST(names_are_quoted)
{
	struct buffer sql = { 0 };

	CHECK_INT(database_name(&sql, "a \"b\"; --"), 0);
	CHECK_MEM(sql.data, sql.used, "\"a \"\"b\"\"; --\"", 13);
	buffer_destroy(&sql);
}

TEST(who_reads_does_not_write)
{
	struct database database;
	struct gust_error error = { 0 };

	database = opened(DATABASE_CREATE);
	CHECK_INT(database_run(&database, "CREATE TABLE t (a)", &error), 0);
	database_close(&database);
	database = opened(DATABASE_READ);
	CHECK_INT(database_run(&database, "INSERT INTO t VALUES (1)", &error),
		  -EROFS);
	CHECK_CONTAINS(error.text, "file.db': attempt to write a readonly");
	database_close(&database);
}

TEST(a_lock_is_not_waited_for)
{
	struct database one = opened(DATABASE_CREATE);
	struct database other = opened(DATABASE_WRITE);
	struct gust_error error = { 0 };

	database_hurry(&other);
	CHECK_INT(database_run(&one, "BEGIN IMMEDIATE", NULL), 0);
	CHECK_INT(database_run(&other, "BEGIN IMMEDIATE", &error), -EAGAIN);
	CHECK_CONTAINS(error.text, "file.db': database is locked");
	CHECK_INT(database_run(&one, "COMMIT", NULL), 0);
	CHECK_INT(database_run(&other, "BEGIN IMMEDIATE", NULL), 0);
	database_close(&one);
	database_close(&other);
}

TEST(a_file_that_moves_is_noticed)
{
	struct database database = opened(DATABASE_CREATE);
	char away[160];

	CHECK(!database_moved(&database));
	snprintf(away, sizeof(away), "%s.away", path);
	CHECK_INT(rename(path, away), 0);
	CHECK(database_moved(&database));
	CHECK_INT(rename(away, path), 0);
	CHECK(!database_moved(&database));
	database_close(&database);
}

TEST(one_statement_is_one)
{
	struct database database = opened(DATABASE_CREATE);
	struct gust_error error = { 0 };
	sqlite3_stmt *statement;

	CHECK_INT(
		database_prepare(&database, "SELECT 1; \n", &statement, &error),
		0);
	sqlite3_finalize(statement);
	CHECK_INT(database_prepare(&database, "SELECT 1; SELECT 2", &statement,
				   &error),
		  -EINVAL);
	CHECK_PTR(statement, NULL);
	CHECK_INT(database_prepare(&database, "-- nothing", &statement, NULL),
		  -EINVAL);
	CHECK_INT(database_prepare(&database, "SELEKT", &statement, NULL),
		  -EINVAL);
	database_close(&database);
}
