/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_check.h"
#include "folder.h"

static const struct gust_column columns[] = {
	{ "id", GUST_INT },    { "word", GUST_STRING }, { "share", GUST_FLOAT },
	{ "good", GUST_BOOL }, { "raw", GUST_BYTES },   { "more", GUST_JSON },
	{ NULL, GUST_NULL },
};

static const struct gust_column pair[] = {
	{ "id", GUST_INT },
	{ "word", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const char *path;

/* A path where no file is. */
static const char *fresh(void)
{
	static unsigned n;
	char name[16];

	snprintf(name, sizeof(name), "%u.db", n++);
	path = folder_path(name);
	return path;
}

static sqlite3 *peer(void)
{
	sqlite3 *handle;

	CHECK_INT(sqlite3_open(path, &handle), SQLITE_OK);
	return handle;
}

static void run(sqlite3 *handle, const char *sql)
{
	CHECK_INT(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Runs statements on the file by a connection of its own. */
static void sql(const char *text)
{
	sqlite3 *handle = peer();

	run(handle, text);
	sqlite3_close(handle);
}

static int ask_row(void *answer, int count, char **values, char **names)
{
	char *text = answer;
	int i;

	(void)names;
	for (i = 0; i < count; i++) {
		strcat(text, i == 0 ? "" : "|");
		strcat(text, values[i] == NULL ? "-" : values[i]);
	}
	strcat(text, "\n");
	return 0;
}

/* What a query gives: a line a row. */
static const char *ask(const char *query)
{
	static char answer[4096];
	sqlite3 *handle = peer();

	answer[0] = '\0';
	CHECK_INT(sqlite3_exec(handle, query, ask_row, answer, NULL),
		  SQLITE_OK);
	sqlite3_close(handle);
	return answer;
}

static struct fake *sqlite_create(const struct gust_column *input)
{
	struct fake *fake = fake_create("bolts/sqlite");

	fake_input(fake, input);
	fake_set_string(fake, "path", path);
	fake_set_string(fake, "table", "t");
	fake_set_number(fake, "create", 1);
	fake_set_number(fake, "batch", 1000);
	return fake;
}

static int give(struct fake *fake, int64_t id, const char *word)
{
	const struct gust_value row[] = {
		gust_int(id),
		word == NULL ? gust_null() : gust_string(word, strlen(word))
	};

	return fake_give(fake, row, 2);
}

TEST(values_get_their_storage_classes)
{
	const struct gust_value row[] = {
		gust_int(INT64_MIN),   gust_string("a\0\xff", 3),
		gust_float(0.1),       gust_bool(true),
		gust_bytes("\0\1", 2), gust_json("{}", 2)
	};
	const struct gust_value empty[] = {
		gust_null(),      gust_string("", 0), gust_float(NAN),
		gust_bool(false), gust_bytes("", 0),  gust_null()
	};
	struct fake *fake;

	fresh();
	fake = fake_opened(sqlite_create(columns));
	CHECK_INT(fake_give(fake, row, 6), 0);
	CHECK_INT(fake_give(fake, empty, 6), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT id, hex(word), share, good, hex(raw), more, "
		      "typeof(word), typeof(raw) FROM t"),
		  "-9223372036854775808|6100FF|0.1|1|0001|{}|text|blob\n"
		  "-||-|0||-|text|blob\n");
	CHECK_STR(ask("SELECT group_concat(name || ' ' || type) FROM "
		      "pragma_table_info('t')"),
		  "id INTEGER,word TEXT,share REAL,good INTEGER,raw BLOB,"
		  "more TEXT\n");
	fake_destroy(fake);
}

TEST(tuples_are_acked_when_they_are_committed)
{
	struct fake *fake;

	fresh();
	fake = fake_opened(sqlite_create(pair));
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_STR(ask("SELECT count(*) FROM t"), "0\n");
	CHECK_UINT(fake->acked, 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT * FROM t"), "1|a\n2|b\n");
	CHECK_UINT(fake->acked, 2);
	CHECK_UINT(fake->held, 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 2);
	fake_destroy(fake);
}

TEST(a_full_batch_is_written_at_once)
{
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake_set_number(fake, "batch", 2);
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_UINT(fake->acked, 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_UINT(fake->acked, 2);
	CHECK_STR(ask("SELECT * FROM t"), "1|a\n2|b\n");
	fake_destroy(fake);
}

TEST(what_is_not_written_is_not_acked)
{
	struct fake *fake;

	fresh();
	fake = fake_opened(sqlite_create(pair));
	CHECK_INT(give(fake, 1, "a"), 0);
	fake_destroy(fake);
	CHECK_STR(ask("SELECT count(*) FROM t"), "0\n");
}

TEST(a_key_updates)
{
	static const char *const key[] = { "id" };
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake_set_list(fake, "key", key, 1);
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(give(fake, 1, "c"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_INT(give(fake, 2, NULL), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT * FROM t ORDER BY id"), "1|c\n2|-\n");
	CHECK_UINT(fake->acked, 4);
	fake_destroy(fake);
}

TEST(a_key_of_all_columns_makes_a_set)
{
	static const char *const key[] = { "id", "word" };
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake_set_list(fake, "key", key, 2);
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 1, "b"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT * FROM t ORDER BY word"), "1|a\n1|b\n");
	CHECK_UINT(fake->acked, 3);
	fake_destroy(fake);
}

TEST(fields_go_to_the_columns_named)
{
	static const char *const from[] = { "word", "id" };
	static const char *const to[] = { "the \"word\"", "order" };
	static const char *const key[] = { "ORDER" };
	struct fake *fake;

	fresh();
	fake = sqlite_create(columns);
	fake_set_map(fake, "columns", from, to, 2);
	fake_set_list(fake, "key", key, 1);
	fake_opened(fake);
	{
		const struct gust_value row[] = {
			gust_int(7), gust_string("x", 1), gust_null(),
			gust_null(), gust_null(),         gust_null()
		};

		CHECK_INT(fake_give(fake, row, 6), 0);
	}
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT \"order\", \"the \"\"word\"\"\" FROM t"),
		  "7|x\n");
	fake_destroy(fake);
}

TEST(a_refused_row_does_not_harm_its_neighbours)
{
	struct fake *fake;

	fresh();
	sql("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT NOT NULL "
	    "CHECK (word <> 'bad'))");
	fake = fake_opened(sqlite_create(pair));
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 1, "b"), 0);
	CHECK_INT(give(fake, 2, "bad"), 0);
	CHECK_INT(give(fake, 3, NULL), 0);
	CHECK_INT(give(fake, 4, "c"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT * FROM t"), "1|a\n4|c\n");
	CHECK_UINT(fake->acked, 2);
	CHECK_UINT(fake->rejected, 3);
	CHECK_UINT(fake->held, 0);
	CHECK_STR(fake->reason,
		  "table 't': NOT NULL constraint failed: t.word");
	fake_destroy(fake);
}

TEST(a_row_that_ends_the_transaction_does_not_harm_either)
{
	struct fake *fake;

	fresh();
	sql("CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK, "
	    "word TEXT)");
	fake = fake_opened(sqlite_create(pair));
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(give(fake, 1, "c"), 0);
	CHECK_INT(give(fake, 3, "d"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT * FROM t"), "1|a\n2|b\n3|d\n");
	CHECK_UINT(fake->acked, 3);
	CHECK_UINT(fake->rejected, 1);
	fake_destroy(fake);
}

TEST(types_of_a_strict_table_are_kept)
{
	static const struct gust_column words[] = { { "id", GUST_STRING },
						    { NULL, GUST_NULL } };
	struct fake *fake;

	fresh();
	sql("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	fake = fake_opened(sqlite_create(words));
	CHECK_INT(fake_give_string(fake, "x"), 0);
	CHECK_INT(fake_give_string(fake, "12"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT * FROM t"), "12\n");
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, "table 't': datatype mismatch");
	fake_destroy(fake);
}

TEST(a_key_is_never_null)
{
	static const char *const key[] = { "word" };
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake_set_list(fake, "key", key, 1);
	fake_opened(fake);
	CHECK_INT(give(fake, 1, NULL), -EBADMSG);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->rejected, 1);
	fake_destroy(fake);
}

/* Of an INTEGER PRIMARY KEY, SQLite makes a new number of null. */
TEST(a_number_that_is_key_is_never_null)
{
	static const char *const key[] = { "id" };
	struct gust_value row[2] = { gust_null(), gust_string("x", 1) };
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake_set_list(fake, "key", key, 1);
	fake_opened(fake);
	CHECK_INT(fake_give(fake, row, 2), -EBADMSG);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, "table 't': the key 'id' is null");
	CHECK_STR(ask("SELECT count(*) FROM t"), "0\n");
	fake_destroy(fake);
}

TEST(a_lock_is_waited_for)
{
	struct fake *fake;
	sqlite3 *other;

	fresh();
	fake = sqlite_create(pair);
	fake_set_number(fake, "batch", 2);
	fake_opened(fake);
	other = peer();
	run(other, "BEGIN IMMEDIATE");
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(give(fake, 3, "c"), -EAGAIN);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_UINT(fake->acked, 0);
	CHECK_UINT(fake->held, 2);
	CHECK_UINT(fake->failed + fake->rejected, 0);
	run(other, "COMMIT");
	CHECK_INT(give(fake, 3, "c"), 0);
	CHECK_UINT(fake->acked, 2);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 3);
	CHECK_STR(ask("SELECT * FROM t"), "1|a\n2|b\n3|c\n");
	sqlite3_close(other);
	fake_destroy(fake);
}

TEST(a_reader_of_a_journalled_file_is_waited_for)
{
	struct fake *fake;
	sqlite3 *other;

	fresh();
	sql("CREATE TABLE t (id, word)");
	fake = fake_opened(sqlite_create(pair));
	/* An existing file keeps its journal. */
	CHECK_STR(ask("PRAGMA journal_mode"), "delete\n");
	other = peer();
	run(other, "BEGIN; SELECT * FROM t");
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_UINT(fake->acked, 0);
	run(other, "COMMIT");
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 1);
	sqlite3_close(other);
	fake_destroy(fake);
}

TEST(a_new_file_has_a_log_and_readers_hold_nothing_up)
{
	struct fake *fake;
	sqlite3 *other;

	fresh();
	fake = fake_opened(sqlite_create(pair));
	CHECK_STR(ask("PRAGMA journal_mode"), "wal\n");
	other = peer();
	run(other, "BEGIN; SELECT * FROM t");
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 1);
	sqlite3_close(other);
	fake_destroy(fake);
}

/* Lets no file grow beyond so many bytes. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	CHECK_INT(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

TEST(a_full_disk_is_waited_for)
{
	char *word = malloc(50001);
	struct fake *fake;
	int i;

	memset(word, 'x', 50000);
	word[50000] = '\0';
	fresh();
	fake = fake_opened(sqlite_create(pair));
	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < 20; i++)
		CHECK_INT(give(fake, i, word), 0);
	limit_files(200000);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_UINT(fake->acked, 0);
	CHECK_UINT(fake->held, 20);
	CHECK_UINT(fake->failed + fake->rejected + fake->batches_failed, 0);
	limit_files(RLIM_INFINITY);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 20);
	CHECK_STR(ask("SELECT count(*), sum(length(word)) FROM t"),
		  "20|1000000\n");
	free(word);
	fake_destroy(fake);
}

TEST(a_file_that_has_gone_takes_no_rows)
{
	struct fake *fake;
	char away[140];

	fresh();
	fake = fake_opened(sqlite_create(pair));
	CHECK_INT(give(fake, 1, "a"), 0);
	snprintf(away, sizeof(away), "%s.away", path);
	CHECK_INT(rename(path, away), 0);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_UINT(fake->acked, 0);
	CHECK_INT(rename(away, path), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 1);
	fake_destroy(fake);
}

static void refuse(struct fake *fake, int code, const char *text)
{
	CHECK_INT(fake_open(fake), code);
	CHECK_CONTAINS(fake->error.text, text);
	fake_destroy(fake);
}

TEST(what_cannot_be_opened_is_told_with_its_path)
{
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake_set_number(fake, "create", 0);
	refuse(fake, -ENOENT, ".db': No such file or directory");

	fake = sqlite_create(pair);
	fake_set_string(fake, "path", "/nowhere/x.db");
	refuse(fake, -ENOENT,
	       "database '/nowhere/x.db': No such file or directory");

	fake = sqlite_create(pair);
	fake_set_string(fake, "path", "/tmp");
	refuse(fake, -EISDIR, "database '/tmp': Is a directory");

	fake = sqlite_create(pair);
	fake_set_string(fake, "path", "/proc/self/status");
	CHECK(fake_open(fake) < 0);
	CHECK_CONTAINS(fake->error.text, "database '/proc/self/status': ");
	fake_destroy(fake);
}

TEST(tables_that_do_not_fit_are_told)
{
	static const char *const key[] = { "id" };
	struct fake *fake;

	fresh();
	sql("CREATE TABLE u (id)");
	fake = sqlite_create(pair);
	fake_set_number(fake, "create", 0);
	refuse(fake, -EINVAL, ".db': no such table: t");

	sql("CREATE TABLE t (id)");
	refuse(sqlite_create(pair), -EINVAL,
	       ".db': table t has no column named word");

	sql("ALTER TABLE t ADD COLUMN word");
	fake = sqlite_create(pair);
	fake_set_list(fake, "key", key, 1);
	refuse(fake, -EINVAL,
	       ".db': ON CONFLICT clause does not match any PRIMARY KEY or "
	       "UNIQUE constraint");
}

TEST(a_text_is_no_database)
{
	FILE *file;

	fresh();
	file = fopen(path, "w");
	CHECK(file != NULL);
	fputs("This has been a plain text from its first day on.\n", file);
	fclose(file);
	refuse(sqlite_create(pair), -EBADMSG, ".db': file is not a database");
}

TEST(mistakes_in_options_are_found_without_the_file)
{
	static const char *const from[] = { "word", "id" };
	static const char *const twice[] = { "a", "A" };
	static const char *const unknown[] = { "wrod" };
	static const char *const empty[] = { "", "b" };
	static const char *const key[] = { "id", "wrod" };
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake_set_map(fake, "columns", from, twice, 2);
	fake_refuse(fake, -EINVAL,
		    "fields 'word' and 'id' go to one column, 'A'");

	fake = sqlite_create(pair);
	fake_set_map(fake, "columns", unknown, from, 1);
	fake_refuse(fake, -ENOENT, "no field is named 'wrod'");

	fake = sqlite_create(pair);
	fake_set_map(fake, "columns", from, empty, 2);
	fake_refuse(fake, -EINVAL,
		    "option 'columns': 'word' goes to '', expected a column");

	fake = sqlite_create(pair);
	fake_set_list(fake, "key", key, 2);
	fake_refuse(fake, -ENOENT, "option 'key': no column 'wrod' is written");

	fake = sqlite_create(pair);
	fake_set_string(fake, "path", "");
	fake_refuse(fake, -EINVAL, "option 'path': '' is no file");
	CHECK_INT(access(path, F_OK), -1);
}

TEST(several_tasks_are_warned)
{
	struct fake *fake;

	fresh();
	fake = sqlite_create(pair);
	fake->count = 2;
	fake_opened(fake);
	CHECK_UINT(fake->logs, 1);
	CHECK_CONTAINS(fake->log, "takes one writer at a time, so 2 tasks");
	fake_destroy(fake);
}

TEST(short_memory_leaves_the_tuple)
{
	struct fake *fake;

	fresh();
	fake = fake_opened(sqlite_create(pair));
	fake->keep_fails = true;
	CHECK_INT(give(fake, 1, "a"), -ENOMEM);
	fake->keep_fails = false;
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(ask("SELECT * FROM t"), "1|a\n");
	fake_destroy(fake);
}
