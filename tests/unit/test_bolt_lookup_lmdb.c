/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "fake_check.h"
#include "folder.h"
#include "sales.h"

static const char *path;

/* What a child does with the environment at `path`: a process must not open one
 * twice. */
struct work {
	const char *database, *key, *value;
	unsigned flags; /* of the environment */
	unsigned database_flags;
};

static void work_do(const struct work *work)
{
	MDB_val key = { strlen(work->key), (char *)(uintptr_t)work->key };
	MDB_val value = { 0, NULL };
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	CHECK_INT(mdb_env_create(&env), 0);
	CHECK_INT(mdb_env_set_maxdbs(env, 4), 0);
	CHECK_INT(mdb_env_open(env, path, work->flags, 0666), 0);
	CHECK_INT(mdb_txn_begin(env, NULL, 0, &txn), 0);
	CHECK_INT(mdb_dbi_open(txn, work->database,
			       MDB_CREATE | work->database_flags, &dbi),
		  0);
	if (work->value != NULL) {
		value.mv_size = strlen(work->value);
		value.mv_data = (char *)(uintptr_t)work->value;
		CHECK_INT(mdb_put(txn, dbi, &key, &value, 0), 0);
	} else if (key.mv_size > 0) {
		CHECK_INT(mdb_del(txn, dbi, &key, NULL), 0);
	}
	CHECK_INT(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void work(const struct work *work)
{
	const pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		work_do(work);
		_exit(0);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
}

static void put(const char *key, const char *value)
{
	work(&(struct work){ .key = key, .value = value });
}

static void begin(void)
{
	char command[512];

	path = folder_path("pairs");
	snprintf(command, sizeof(command), "rm -rf %s*", path);
	CHECK_INT(system(command), 0);
	CHECK_INT(mkdir(path, 0777), 0);
}

static struct fake *create(const char *const *field, const char *const *adds,
			   const char *const *types, size_t count)
{
	static const char *const on_columns[] = { "key" };
	struct fake *fake = fake_create("bolts/lookup");

	fake_input(fake, columns);
	fake_set_string(fake, "file", path);
	fake_set_string(fake, "format", "lmdb");
	fake_set_map(fake, "on", field, on_columns, 1);
	fake_set_map(fake, "add", adds, types, count);
	fake_set_string(fake, "missing", "null");
	fake_set_string(fake, "delimiter", ",");
	fake_set_number(fake, "check", 5e9);
	fake_set_number(fake, "cache", 3);
	return fake;
}

/* By the product, members of objects. */
static struct fake *create_objects(void)
{
	static const char *const field = "product";
	static const char *const adds[] = { "name", "price" };
	static const char *const types[] = { "string", "float" };

	return create(&field, adds, types, 2);
}

static const char *const text_type = "string";
static const char *const number_type = "int";

/* By the shop, the values themselves. */
static struct fake *create_texts(const char *const *type)
{
	static const char *const field = "shop";
	static const char *const adds[] = { "value" };

	return create(&field, adds, type, 1);
}

static void give_bad(struct fake *fake, int64_t product, const char *shop,
		     const char *part)
{
	const struct gust_value row[] = { gust_int(product),
					  gust_string(shop, strlen(shop)) };

	fake_forget(fake);
	CHECK_INT(fake_give(fake, row, 2), -EINVAL);
	CHECK_STR(fake->emitted.data, "");
	CHECK_CONTAINS(fake->log, part);
}

TEST(members_of_objects_are_columns)
{
	struct fake *fake;

	begin();
	put("7", "{\"price\": 1.5, \"other\": [], \"name\": \"milk\"}");
	put("-8", " {\"price\": 2} ");
	put("9", "{}");
	fake = fake_opened(create_objects());
	CHECK_UINT(fake->column_count, 4);
	CHECK_STR(fake->columns[2].name, "name");
	CHECK_INT(fake->columns[3].type, GUST_FLOAT);
	give(fake, 7, "s", "7\ts\tmilk\t1.5\n");
	give(fake, -8, "s", "-8\ts\tnull\t2\n");
	give(fake, 9, "s", "9\ts\tnull\tnull\n");
	CHECK_UINT(fake_counter(fake, "missed"), 0);
	give(fake, 10, "s", "10\ts\tnull\tnull\n");
	CHECK_UINT(fake_counter(fake, "missed"), 1);
	fake_destroy(fake);
}

TEST(a_value_may_be_a_column_as_it_is)
{
	static char long_key[600];
	struct fake *fake;

	begin();
	put("north", "12");
	put("south", "");
	put("east", "many");
	fake = fake_opened(create_texts(&text_type));
	give(fake, 1, "north", "1\tnorth\t12\n");
	give(fake, 1, "south", "1\tsouth\t\n");
	CHECK_UINT(fake_counter(fake, "missed"), 0);
	give(fake, 1, "", "1\t\tnull\n");
	memset(long_key, 'k', sizeof(long_key) - 1);
	fake_forget(fake);
	CHECK_INT(fake_give(fake,
			    (struct gust_value[]){ gust_int(1),
						   gust_string(long_key, 599) },
			    2),
		  0);
	CHECK_UINT(fake_counter(fake, "missed"), 2);
	fake_destroy(fake);
	fake = fake_opened(create_texts(&number_type));
	give(fake, 1, "north", "1\tnorth\t12\n");
	give_bad(fake, 1, "east", "data.mdb: value of 'east': it is no int");
	fake_destroy(fake);
}

TEST(values_that_are_no_objects_are_told)
{
	struct fake *fake;

	begin();
	put("1", "milk");
	put("2", "{\"price\": \"much\"}");
	put("3", "[]");
	fake = fake_opened(create_objects());
	give_bad(fake, 1, "", "data.mdb: value of '1': ");
	give_bad(fake, 2, "", "price");
	give_bad(fake, 3, "", "value of '3': ");
	give(fake, 4, "", "4\t\tnull\tnull\n");
	fake_destroy(fake);
}

TEST(answers_are_remembered_until_there_is_a_commit)
{
	struct fake *fake;

	begin();
	put("a", "old");
	fake = fake_opened(create_texts(&text_type));
	give(fake, 1, "a", "1\ta\told\n");
	give(fake, 1, "b", "1\tb\tnull\n");
	put("a", "new");
	put("b", "more");
	put("c", "fresh");
	give(fake, 1, "a", "1\ta\told\n");
	give(fake, 1, "b", "1\tb\tnull\n");
	/* What was not asked before is as it is now. */
	give(fake, 1, "c", "1\tc\tfresh\n");
	fake->now += 6 * SECOND;
	give(fake, 1, "a", "1\ta\tnew\n");
	give(fake, 1, "b", "1\tb\tmore\n");
	work(&(struct work){ .key = "a" });
	fake->now += 6 * SECOND;
	give(fake, 1, "a", "1\ta\tnull\n");
	fake_destroy(fake);
}

TEST(without_a_cache_every_commit_is_seen)
{
	struct fake *fake;

	begin();
	put("a", "old");
	fake = create_texts(&text_type);
	fake_set_number(fake, "cache", 0);
	fake_opened(fake);
	give(fake, 1, "a", "1\ta\told\n");
	put("a", "new");
	give(fake, 1, "a", "1\ta\tnew\n");
	fake_destroy(fake);
}

TEST(a_file_and_a_database_by_its_name_will_do)
{
	struct fake *fake;

	begin();
	path = folder_path("pairs.mdb");
	work(&(struct work){ .database = "stock",
			     .key = "a",
			     .value = "3",
			     .flags = MDB_NOSUBDIR });
	fake = create_texts(&number_type);
	fake_set_string(fake, "table", "stock");
	fake_opened(fake);
	give(fake, 1, "a", "1\ta\t3\n");
	fake_destroy(fake);
	fake = create_texts(&number_type);
	fake_set_string(fake, "table", "stick");
	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_CONTAINS(fake->error.text,
		       "pairs.mdb: no database is named 'stick'");
	fake_destroy(fake);
}

/* Whether a writer of another process sees readers. */
static bool has_readers(void)
{
	const pid_t child = fork();
	MDB_envinfo info;
	MDB_env *env;
	int status, dead = 0;

	if (child == 0) {
		CHECK_INT(mdb_env_create(&env), 0);
		CHECK_INT(mdb_env_open(env, path, 0, 0666), 0);
		CHECK_INT(mdb_reader_check(env, &dead), 0);
		CHECK_INT(mdb_env_info(env, &info), 0);
		_exit(dead == 0 && info.me_numreaders > 0 ? 0 : 1);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	return status == 0;
}

TEST(tasks_of_a_process_share_what_is_open)
{
	struct fake *one, *other;

	begin();
	put("a", "old");
	one = fake_opened(create_texts(&text_type));
	other = fake_opened(create_texts(&text_type));
	give(one, 1, "a", "1\ta\told\n");
	give(other, 1, "a", "1\ta\told\n");
	fake_destroy(one);
	/* Its end takes away neither the locks nor the readers of the other. */
	CHECK(has_readers());
	put("b", "more");
	give(other, 1, "b", "1\tb\tmore\n");
	fake_destroy(other);
	CHECK(!has_readers());
}

TEST(another_folder_in_its_place_is_seen)
{
	struct fake *fake;

	begin();
	put("a", "old");
	fake = fake_opened(create_texts(&text_type));
	give(fake, 1, "a", "1\ta\told\n");
	CHECK_INT(rename(path, folder_path("pairs.before")), 0);
	fake->now += 6 * SECOND;
	give(fake, 1, "a", "1\ta\told\n");
	CHECK_CONTAINS(fake->log, "/pairs: No such file or directory; what was "
				  "read before stays");
	CHECK_INT(mkdir(path, 0777), 0);
	put("a", "other");
	fake->now += 6 * SECOND;
	give(fake, 1, "a", "1\ta\tother\n");
	fake_destroy(fake);
}

static void refuse_open(int code, const char *part)
{
	struct fake *fake = create_texts(&text_type);

	CHECK_INT(fake_open(fake), code);
	CHECK_CONTAINS(fake->error.text, part);
	fake_destroy(fake);
}

TEST(what_is_no_environment_is_refused)
{
	static char noise[20000];

	begin();
	refuse_open(-ENOENT, "pairs/data.mdb: No such file or directory");
	folder_write("pairs/data.mdb", "", 0);
	refuse_open(-EBADMSG, "it is damaged, or no LMDB: ");
	memset(noise, 'x', sizeof(noise));
	folder_write("pairs/data.mdb", noise, sizeof(noise));
	refuse_open(-EBADMSG, "it is damaged, or no LMDB: ");
	begin();
	put("a", "old");
	CHECK_INT(truncate(folder_path("pairs/data.mdb"), 8192), 0);
	refuse_open(-EBADMSG, "it is damaged, or no LMDB: ");
	begin();
	work(&(struct work){ .key = "", .database_flags = MDB_INTEGERKEY });
	refuse_open(-EINVAL, "its keys are numbers of the machine");
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const on_fields[] = { "product", "shop" };
	static const char *const on_columns[] = { "key", "id" };
	struct fake *fake;

	path = "/nowhere";
	fake = create_objects();
	fake_set_map(fake, "on", on_fields, on_columns, 2);
	fake_refuse(fake, -EINVAL,
		    "option 'on' has 2 columns, the first one 'key', expected "
		    "of LMDB only 'key'");
	fake = create_objects();
	fake_set_string(fake, "format", "sqlite");
	fake_refuse(fake, -EINVAL,
		    "option 'format' is 'sqlite', expected option 'table' "
		    "beside it");
	fake = create_objects();
	fake_set_string(fake, "format", "csv");
	fake_set_string(fake, "table", "stock");
	fake_refuse(fake, -EINVAL,
		    "option 'table' is 'stock', but CSV has no tables");
}
