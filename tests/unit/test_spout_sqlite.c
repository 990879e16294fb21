/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <sqlite3.h>
#include <unistd.h>

#include "fake_check.h"
#include "folder.h"

static const struct gust_column columns[] = {
	{ "id", GUST_INT },
	{ "word", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const char *path;

static sqlite3 *peer(void)
{
	sqlite3 *handle;

	CHECK_INT(sqlite3_open(path, &handle), SQLITE_OK);
	return handle;
}

static void run(sqlite3 *handle, const char *text)
{
	CHECK_INT(sqlite3_exec(handle, text, NULL, NULL, NULL), SQLITE_OK);
}

static void sql(const char *text)
{
	sqlite3 *handle = peer();

	run(handle, text);
	sqlite3_close(handle);
}

/* A new file, with what these statements make. */
static void make(const char *text)
{
	static unsigned n;
	char name[16];

	snprintf(name, sizeof(name), "%u.db", n++);
	path = folder_path(name);
	sql(text);
}

static struct fake *sqlite_create(const char *query, const char *position,
				  const struct gust_column *output)
{
	struct fake *fake = fake_create("spouts/sqlite");

	fake_output(fake, "default", output);
	fake_set_string(fake, "path", path);
	fake_set_string(fake, "query", query);
	fake_set_string(fake, "position", position);
	return fake;
}

/* What a query gives that is read once. */
static struct fake *read_all(const char *query, const char *position,
			     const struct gust_column *output)
{
	struct fake *fake = fake_opened(sqlite_create(query, position, output));

	CHECK_INT(fake_run(fake, 10000), GUST_DONE);
	return fake;
}

TEST(rows_are_emitted)
{
	struct fake *fake;

	make("CREATE TABLE t (word, id); INSERT INTO t VALUES ('a', 1), "
	     "(NULL, 2), ('', NULL)");
	fake = read_all("SELECT * FROM t", NULL, columns);
	CHECK_STR(fake->emitted.data, "1\ta\n2\tnull\nnull\t\n");
	CHECK_INT(fake->replay, GUST_REPLAY_RECORD);
	CHECK_INT(fake->how.kind, GUST_EMIT_PLAIN);
	fake_destroy(fake);
}

TEST(no_rows_are_nothing)
{
	struct fake *fake;

	make("CREATE TABLE t (word, id)");
	fake = read_all("SELECT * FROM t", NULL, columns);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
	fake = read_all("SELECT * FROM t", "id", columns);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

TEST(values_are_cast)
{
	static const struct gust_column types[] = {
		{ "a", GUST_BOOL },  { "b", GUST_FLOAT }, { "c", GUST_STRING },
		{ "d", GUST_BYTES }, { "e", GUST_JSON },  { "f", GUST_INT },
		{ NULL, GUST_NULL },
	};
	struct fake *fake;

	make("CREATE TABLE t (a, b, c, d, e, f); INSERT INTO t VALUES "
	     "(1, 2, 3, x'616263', '[1]', 9223372036854775807), "
	     "('no', 0.5, x'ff', 'text', '\"x\"', '-12'), "
	     "(0, '1e3', 1.5, x'', 7, 4.0), "
	     "(NULL, NULL, NULL, NULL, NULL, NULL)");
	fake = read_all("SELECT * FROM t", NULL, types);
	CHECK_STR(fake->emitted.data, "1\t2\t3\tabc\t[1]\t9223372036854775807\n"
				      "0\t0.5\t\xff\ttext\t\"x\"\t-12\n"
				      "0\t1000\t1.5\t\t7\t4\n"
				      "null\tnull\tnull\tnull\tnull\tnull\n");
	CHECK_UINT(fake->rejected, 0);
	fake_destroy(fake);
}

TEST(nul_bytes_are_kept)
{
	struct fake *fake;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES "
	     "(1, CAST(x'610062' AS TEXT))");
	fake = read_all("SELECT * FROM t", NULL, columns);
	CHECK_MEM(fake->emitted.data, fake->emitted.length, "1\ta\0b\n", 6);
	fake_destroy(fake);
}

TEST(a_value_of_another_type_is_rejected_with_its_place)
{
	struct fake *fake;

	make("CREATE TABLE t (n INTEGER PRIMARY KEY, id, word); "
	     "INSERT INTO t VALUES (7, 'x', 'a'), (8, 2, 'b'), "
	     "(9, 1.5, x'00ff')");
	fake = read_all("SELECT * FROM t", "n", columns);
	CHECK_STR(fake->emitted.data, "2\tb\n");
	CHECK_UINT(fake->rejected, 2);
	CHECK_CONTAINS(fake->reason, ".db': the row at n 9: column 'id' is a "
				     "REAL, expected int");
	CHECK_STR(fake->rejected_data.data,
		  "{\"n\":7,\"id\":\"x\",\"word\":\"a\"}"
		  "{\"n\":9,\"id\":1.5,\"word\":\"AP8=\"}");
	fake_destroy(fake);
}

TEST(a_row_that_is_too_long_is_rejected)
{
	struct fake *fake;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES (1, 'a'), "
	     "(2, hex(zeroblob(3000))), (3, 'b')");
	fake = sqlite_create("SELECT * FROM t", NULL, columns);
	fake->tuple_max = 4096;
	fake_opened(fake);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "1\ta\n3\tb\n");
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "it does not fit into "
				     "topology.tuple.max.bytes");
	fake_destroy(fake);
}

TEST(rows_come_in_the_order_of_their_positions)
{
	struct fake *fake;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES (30, 'c'), "
	     "(0, 'a'), (2, 'b')");
	fake = read_all("SELECT id, word FROM t -- all of them", "ID", columns);
	CHECK_STR(fake->emitted.data, "0\ta\n2\tb\n30\tc\n");
	CHECK_INT(fake->replay, GUST_REPLAY_POSITION);
	CHECK_INT(fake->how.kind, GUST_EMIT_AT);
	CHECK_UINT(fake->how.offset, 30);
	CHECK_UINT(fake->how.next, 31);
	CHECK_STR(fake->source, path);
	fake_destroy(fake);
}

TEST(a_later_run_goes_on_where_this_one_was)
{
	struct fake *fake;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES (1, 'a'), "
	     "(2, 'b'), (3, 'c'), (4, 'd')");
	fake = sqlite_create("SELECT * FROM t;\n", "id", columns);
	fake->resume = 3;
	fake_opened(fake);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "3\tc\n4\td\n");
	fake_destroy(fake);
}

/* A sum of what was emitted: the first field of each line. */
static int64_t sum_of(const struct fake *fake)
{
	const char *line = fake->emitted.data;
	int64_t sum = 0;

	for (; *line != '\0'; line = strchr(line, '\n') + 1)
		sum += atol(line);
	return sum;
}

TEST(many_rows_come_once_each_however_often_it_is_interrupted)
{
	struct fake *fake;

	make("CREATE TABLE t (id INTEGER PRIMARY KEY, word); "
	     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	     "LIMIT 2500) INSERT INTO t SELECT i, 'x' FROM n");
	fake = read_all("SELECT * FROM t", "id", columns);
	CHECK_UINT(fake->emits, 2500);
	CHECK_INT(sum_of(fake), 2500 * 2501 / 2);
	fake_destroy(fake);

	fake = fake_opened(sqlite_create("SELECT * FROM t", "id", columns));
	fake->room = 0;
	CHECK_INT(fake_run(fake, 10000), GUST_DONE);
	CHECK_UINT(fake->emits, 2500);
	CHECK_INT(sum_of(fake), 2500 * 2501 / 2);
	fake_destroy(fake);
}

TEST(what_comes_later_is_found_after_the_interval)
{
	struct fake *fake;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES (1, 'a')");
	fake = sqlite_create("SELECT * FROM t", "id", columns);
	fake_set_number(fake, "interval", 5e9);
	fake->now = 100;
	fake_opened(fake);
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->wait_until, 5000000100);
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "1\ta\n");
	sql("INSERT INTO t VALUES (5, 'b')");
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	sql("DELETE FROM t; INSERT INTO t VALUES (6, 'c')");
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "1\ta\n5\tb\n6\tc\n");
	fake_destroy(fake);
}

TEST(no_writer_waits_for_a_spout_that_may_not_emit)
{
	struct fake *fake;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES (1, 'a'), "
	     "(2, 'b')");
	fake = fake_opened(sqlite_create("SELECT * FROM t", "id", columns));
	fake->room = 0;
	CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	CHECK_UINT(fake->emits, 1);
	sql("INSERT INTO t VALUES (3, 'c')");
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "1\ta\n2\tb\n3\tc\n");
	fake_destroy(fake);
}

TEST(a_locked_file_is_tried_again)
{
	struct fake *fake;
	sqlite3 *other;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES (1, 'a')");
	fake = fake_opened(sqlite_create("SELECT * FROM t", "id", columns));
	other = peer();
	run(other, "BEGIN EXCLUSIVE");
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK(fake->wait_until > fake->now);
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->logs, 1);
	CHECK_CONTAINS(fake->log, ".db': database is locked");
	run(other, "COMMIT");
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "1\ta\n");
	sqlite3_close(other);
	fake_destroy(fake);
}

/* A query whose positions are no positions. */
static void misplaced(const char *values, const char *text)
{
	struct fake *fake;
	char statements[256];

	snprintf(statements, sizeof(statements),
		 "CREATE TABLE t (id, word); INSERT INTO t VALUES %s", values);
	make(statements);
	fake = fake_opened(sqlite_create("SELECT * FROM t", "id", columns));
	fake->room = 0;
	CHECK_INT(fake_run(fake, 100), -EINVAL);
	CHECK_CONTAINS(fake->log, text);
	fake_destroy(fake);
}

TEST(positions_must_be_positions)
{
	misplaced("(1, 'a'), (1, 'b')", "the row at id '1': there twice");
	misplaced("(1, 'a'), (2, 'b'), (2, 'c')",
		  "the row at id '2': there twice");
	misplaced("(1, 'a'), ('x', 'b')", "the row at id 'x': no integer");
	misplaced("(1, 'a'), (1.5, 'b')", "the row at id '1.5': no integer");
	misplaced("(-1, 'a')",
		  "the row at id '-1': negative, expected integers that are "
		  "not negative, and each of them once");
}

TEST(parameters_have_values)
{
	static const char *const keys[] = { "least", "word" };
	static const char *const values[] = { "2", "it's; --" };
	struct fake *fake;

	make("CREATE TABLE t (id INTEGER, word TEXT); INSERT INTO t VALUES "
	     "(1, 'it''s; --'), (2, 'it''s; --'), (10, 'it''s; --'), "
	     "(11, 'x')");
	fake = sqlite_create("SELECT * FROM t WHERE id >= :least AND word = "
			     "$word AND id >= :position",
			     "id", columns);
	fake_set_map(fake, "parameters", keys, values, 2);
	fake_opened(fake);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "2\tit's; --\n10\tit's; --\n");
	fake_destroy(fake);
}

TEST(one_task_reads)
{
	struct fake *fake;

	make("CREATE TABLE t (id, word); INSERT INTO t VALUES (1, 'a')");
	fake = sqlite_create("SELECT * FROM t", "id", columns);
	fake->index = 1;
	fake->count = 2;
	fake_opened(fake);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

static void refuse(struct fake *fake, int code, const char *text)
{
	CHECK_INT(fake_open(fake), code);
	CHECK_CONTAINS(fake->error.text, text);
	fake_destroy(fake);
}

TEST(queries_that_do_not_work_are_told)
{
	static const char *const keys[] = { "other" };
	static const char *const values[] = { "2" };
	struct fake *fake;

	make("CREATE TABLE t (id, word)");
	refuse(sqlite_create("SELECT nought FROM t", NULL, columns), -EINVAL,
	       ".db': no such column: nought");
	refuse(sqlite_create("SELECT id, word AS wort FROM t", NULL, columns),
	       -ENOENT,
	       "the query has no column 'word', expected one of 'id', 'wort'");
	refuse(sqlite_create("SELECT * FROM t", "n", columns), -ENOENT,
	       "the query has no column 'n', expected one of 'id', 'word'");
	refuse(sqlite_create("DELETE FROM t RETURNING id, word", NULL, columns),
	       -EINVAL, "expected a SELECT");
	refuse(sqlite_create("SELECT * FROM t; DELETE FROM t", NULL, columns),
	       -EINVAL, "expected one statement");
	refuse(sqlite_create("", NULL, columns), -EINVAL,
	       "expected one statement");
	refuse(sqlite_create("SELECT * FROM t WHERE id = :id", NULL, columns),
	       -EINVAL,
	       "the query has a parameter ':id', expected its value in option "
	       "'parameters'");
	fake = sqlite_create("SELECT * FROM t", NULL, columns);
	fake_set_map(fake, "parameters", keys, values, 1);
	refuse(fake, -EINVAL,
	       "option 'parameters': there are 1, but the "
	       "query has 0");
	fake = sqlite_create("SELECT * FROM t", NULL, columns);
	fake_set_string(fake, "path", "/nowhere/x.db");
	refuse(fake, -ENOENT,
	       "database '/nowhere/x.db': No such file or directory");
}

static void misdeclare(struct fake *fake, const char *text)
{
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, text);
	fake_destroy(fake);
}

TEST(mistakes_in_options_are_found_without_the_file)
{
	struct fake *fake = fake_create("spouts/sqlite");

	fake_set_string(fake, "path", "/nowhere/x.db");
	fake_set_string(fake, "query", "SELECT 1");
	misdeclare(fake, "expected the columns of the query in 'outputs'");
	fake = sqlite_create("SELECT 1", NULL, columns);
	fake_set_number(fake, "interval", 1e9);
	misdeclare(fake, "option 'interval' needs option 'position'");
}
