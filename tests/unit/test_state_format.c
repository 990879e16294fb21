/* SPDX-License-Identifier: MIT */

/*
 * State that is stored outlives the program that has stored it: what format 1
 * has written is read, byte by byte, and what is written is format 1. Who
 * changes the format gives it another number and another table, and leaves
 * the one of before, which has to be read as ever.
 */

#include <lmdb.h>

#include "state_bench.h"

/* What stands in an environment: a key and a value, as LMDB has them. */
struct stored {
	size_t key_length, value_length;
	const char *key, *value;
};

#define STORED(key, value)                                                     \
	{                                                                      \
		sizeof(key) - 1, sizeof(value) - 1, (key), (value)             \
	}

/* 10, 100, and 489 letters: as many of a long key as LMDB has room for. */
#define K10 "kkkkkkkkkk"
#define K100 K10 K10 K10 K10 K10 K10 K10 K10 K10 K10
#define K489 K100 K100 K100 K100 K10 K10 K10 K10 K10 K10 K10 K10 "kkkkkkkkk"

/* In the order of the keys. The last four bytes of each value are a check. */
static const struct stored format_1[] = {
	/* The head: format, task, tasks, 0, incarnation; the names. */
	STORED("\0gust", "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
			 "bench\0count\0"
			 "\x4c\x87\xca\xd7"),
	STORED("test\0", "\1"
			 "\xd8\x36\x35\x78"),
	STORED("test\0\1\2\3"
	       "\4\x7f\xff\xff\xff\xff\xff\xff\xfb"
	       "\5\xbf\xf8\0\0\0\0\0\0"
	       "\6"
	       "a\0\xff"
	       "b\0"
	       "\7\xff\0"
	       "\x08{}\0",
	       "\2\xe8\3\0\0\0\0\0\0"
	       "\xc8\x63\x98\x1a"),
	STORED("test\0\6bytes\0", "\1value"
				  "\xe7\x45\xb9\xde"),
	/* What is longer than a key of LMDB stands in the value. */
	STORED("test\0\6" K489 "\x83\xea\xbf\x28\xb0\x2e\x95\x63"
	       "\x86\xc6\x73\x55\xfc\x73\xf4\x96",
	       "\x5f\2\0\0"
	       "test\0\6" K100 K100 K100 K100 K100 K100 "\0"
	       "\1long"
	       "\xe9\x54\x3a\xfe"),
	STORED("test\0\6list\0", "\3\2\0\0\0"
				 "\3\0\0\0one\0"
				 "\0\0\0\0\0"
				 "\xac\x9b\xc5\x1a"),
	STORED("test\0\6map\0", "\4\2\0\0\0"
				"\1\0\0\0\0\0\0\0"
				"a\0\0"
				"\4\0\0\0\5\0\0\0"
				"name\0value\0"
				"\xa6\x86\xfa\x1c"),
};

#define COUNT (sizeof(format_1) / sizeof(format_1[0]))

static struct bench bench;

static const char *folder(void)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/bench.state/count/0", bench.where);
	return path;
}

/* A key of each type, and one without values. */
static struct gust_key all_types(void)
{
	static struct gust_value values[8];

	values[0] = gust_null();
	values[1] = gust_bool(false);
	values[2] = gust_bool(true);
	values[3] = gust_int(-5);
	values[4] = gust_float(1.5);
	values[5] = gust_string("a\0b", 3);
	values[6] = gust_data(GUST_BYTES, "\xff", 1);
	values[7] = gust_data(GUST_JSON, "{}", 2);
	return (struct gust_key){ values, 8, 0 };
}

static struct gust_key long_key(void)
{
	static struct gust_value value;
	static char text[600];

	memset(text, 'k', sizeof(text));
	value = gust_string(text, sizeof(text));
	return (struct gust_key){ &value, 1, 0 };
}

static struct gust_key no_values(void)
{
	return (struct gust_key){ NULL, 0, 0 };
}

/* What the table says, written by today's functions. */
static void write_all(void)
{
	const struct gust_key all = all_types(), along = long_key(),
			      none = no_values();

	CHECK_INT(gust_state_add(bench.state, &all, 1000, NULL), 0);
	CHECK_INT(gust_state_put(bench.state, &along, "long", 4), 0);
	CHECK_INT(gust_state_put(bench.state, &none, "", 0), 0);
	bench_put(&bench, "bytes", "value");
	CHECK_INT(
		gust_state_append(bench.state, bench_key("list"), "one", 3, 0),
		0);
	CHECK_INT(gust_state_append(bench.state, bench_key("list"), "", 0, 0),
		  0);
	CHECK_INT(gust_state_map_put(bench.state, bench_key("map"),
				     bench_text("name"), "value", 5),
		  0);
	CHECK_INT(gust_state_map_put(bench.state, bench_key("map"),
				     bench_text("a"), "", 0),
		  0);
}

static void check_all(void)
{
	const struct gust_key all = all_types(), along = long_key(),
			      none = no_values();
	struct gust_entries entries;
	struct gust_text value;
	int64_t total;

	CHECK_INT(gust_state_add(bench.state, &all, 0, &total), 0);
	CHECK_INT(total, 1000);
	CHECK_INT(gust_state_get(bench.state, &along, &value), 1);
	CHECK_STR(value.data, "long");
	CHECK_INT(gust_state_get(bench.state, &none, &value), 1);
	CHECK_STR(value.data, "");
	CHECK_STR(bench_get(&bench, "bytes"), "value");
	CHECK_INT(gust_state_entries(bench.state, bench_key("list"), &entries),
		  1);
	CHECK_UINT(entries.count, 2);
	CHECK(gust_entries_next(&entries));
	CHECK_STR(entries.value.data, "one");
	CHECK(gust_entries_next(&entries));
	CHECK_UINT(entries.value.length, 0);
	CHECK_INT(gust_state_entries(bench.state, bench_key("map"), &entries),
		  1);
	CHECK_UINT(entries.count, 2);
	CHECK(gust_entries_next(&entries));
	CHECK_STR(entries.name.data, "a");
	CHECK(gust_entries_next(&entries));
	CHECK_STR(entries.name.data, "name");
	CHECK_STR(entries.value.data, "value");
}

/* Opens the environment itself, which nobody else may have open. */
static MDB_txn *begin_raw(MDB_env **env, MDB_dbi *dbi)
{
	MDB_txn *txn;

	CHECK_INT(mdb_env_create(env), 0);
	CHECK_INT(mdb_env_open(*env, folder(), 0, 0666), 0);
	CHECK_INT(mdb_txn_begin(*env, NULL, 0, &txn), 0);
	CHECK_INT(mdb_dbi_open(txn, NULL, 0, dbi), 0);
	return txn;
}

static void begin(void)
{
	memset(&bench, 0, sizeof(bench));
	bench_begin(&bench, "lmdb");
	bench_open(&bench);
}

TEST(what_format_1_has_written_is_read)
{
	MDB_val key, value;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	begin();
	bench_close(&bench);
	txn = begin_raw(&env, &dbi);
	CHECK_INT(mdb_drop(txn, dbi, 0), 0);
	for (size_t i = 0; i < COUNT; i++) {
		key.mv_size = format_1[i].key_length;
		key.mv_data = (char *)(uintptr_t)format_1[i].key;
		value.mv_size = format_1[i].value_length;
		value.mv_data = (char *)(uintptr_t)format_1[i].value;
		CHECK_INT(mdb_put(txn, dbi, &key, &value, 0), 0);
	}
	CHECK_INT(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	bench_open(&bench);
	CHECK_UINT(bench.store->incarnation, 2);
	check_all();
	bench_end(&bench);
}

TEST(what_is_written_is_format_1)
{
	MDB_val key, value;
	MDB_cursor *cursor;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	size_t n = 0;

	CHECK_INT(STORE_FORMAT, 1);
	begin();
	write_all();
	bench_commit(&bench);
	check_all();
	bench_close(&bench);
	txn = begin_raw(&env, &dbi);
	CHECK_INT(mdb_cursor_open(txn, dbi, &cursor), 0);
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		CHECK(n < COUNT);
		CHECK_MEM(key.mv_data, key.mv_size, format_1[n].key,
			  format_1[n].key_length);
		CHECK_MEM(value.mv_data, value.mv_size, format_1[n].value,
			  format_1[n].value_length);
		n++;
	}
	CHECK_UINT(n, COUNT);
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	mdb_env_close(env);
	bench_end(&bench);
}
