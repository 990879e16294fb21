/* SPDX-License-Identifier: MIT */

/*
 * sqlite: writes a row for every tuple to a table of SQLite.
 *
 * All fields of the input go to the columns of their names, or those in
 * `columns` to the columns given there. With `create` the file and the table
 * are made if they are missing: int and bool become INTEGER, float REAL,
 * string and json TEXT, bytes BLOB. A table that is there is taken as it is.
 *
 * With `key` a row whose key is there already is updated instead of inserted,
 * so that what is written last stays. For that the table needs a primary key
 * or a unique index of just these columns; a table made here gets it. With a
 * key it does no harm that a tuple may come twice, which happens after
 * failures; without one, such a row stands there twice. A row whose key is null
 * is rejected.
 *
 * Rows are gathered and written in one transaction: when `batch` of them are
 * there, and at the latest when there is nothing else to do. A tuple is acked
 * when its transaction is on the disk, so no acked row is lost, not even
 * through a power cut (synchronous = FULL). An empty file gets a write-ahead
 * log, since others can then read while rows are written, and one sync of the
 * disk is enough for each transaction; an existing file keeps its journal.
 *
 * While the file is locked, the disk full, or the file moved away, rows wait
 * and are tried again. A row that the table refuses (a constraint, a type of
 * a STRICT table) is rejected, with the reason; its neighbours are written. An
 * unusable path, table or column ends the run before data flows.
 *
 * SQLite has one writer at a time, so more than one task is seldom of use.
 * Each task has a thread, since it waits for the disk.
 *
 * Input:
 *	any streams that have all these fields
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: table
 *	    plugin: sqlite
 *	    options:
 *	      path: words.db
 *	      table: words
 *	      create: true
 *	      columns: {word: word, count: times}
 *	      key: word
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/database.h>

#include "table.h"

#define SQLITE_BATCH_MAX 100000

struct sqlite {
	const char *path; /* options */
	struct table table;
	bool create;
	int64_t batch;

	struct database database;
	sqlite3_stmt *begin, *insert, *commit, *rollback;
	struct gust_field *fields; /* of the columns, in their order */
	size_t field_count;
	const struct gust_tuple **rows; /* that wait, at most `batch` */
	size_t row_count;
};

static const struct gust_option sqlite_options[] = {
	{ .name = "path",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sqlite, path),
	  .help = "the file",
	  .flags = GUST_REQUIRED },
	{ .name = "table",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sqlite, table.name),
	  .help = "the table",
	  .flags = GUST_REQUIRED },
	{ .name = "columns",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct sqlite, table.columns),
	  .help = "from fields to columns; all fields of the first input, by "
		  "their names, if left out" },
	{ .name = "key",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct sqlite, table.key),
	  .help = "columns by which a row is found that is to be updated" },
	{ .name = "create",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct sqlite, create),
	  .fallback = "false",
	  .help = "make the file and the table if they are missing" },
	{ .name = "batch",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct sqlite, batch),
	  .fallback = "1000",
	  .help = "rows in one transaction at most",
	  .min = 1,
	  .max = SQLITE_BATCH_MAX },
	{ .name = NULL },
};

static int sqlite_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	struct sqlite *sqlite = self;
	struct table_column column;
	enum gust_type type;
	size_t i;
	int r;

	if (gust_declared_inputs(about) == 0)
		return gust_error_set(error, -EINVAL, "expected an input");
	sqlite->table.fields = gust_declared_input(about, 0)->columns;
	if (sqlite->path[0] == '\0')
		return gust_error_set(error, -EINVAL,
				      "option 'path': '' is no file");
	for (i = 0; table_column(&sqlite->table, i, &column); i++) {
		r = gust_declared_type(about, column.field, &type, error);
		if (r < 0)
			return r;
	}
	return table_check(&sqlite->table, error);
}

static int sqlite_find_fields(struct sqlite *sqlite, struct gust_task *task,
			      struct gust_error *error)
{
	const size_t n = table_count(&sqlite->table);
	struct table_column column;
	size_t i;
	int r = 0;

	sqlite->fields = calloc(n + 1, sizeof(*sqlite->fields));
	sqlite->rows = calloc((size_t)sqlite->batch, sizeof(*sqlite->rows));
	if (sqlite->fields == NULL || sqlite->rows == NULL)
		return -ENOMEM;
	for (i = 0; i < n && r == 0; i++) {
		table_column(&sqlite->table, i, &column);
		r = gust_field(task, column.field, GUST_NULL,
			       &sqlite->fields[i], error);
	}
	sqlite->field_count = n;
	return r;
}

/* Makes the table, if asked to, and prepares what is done again and again. */
static int sqlite_prepare(struct sqlite *sqlite, struct gust_error *error)
{
	struct database *database = &sqlite->database;
	struct buffer sql = { 0 };
	int r = 0;

	if (sqlite->create) {
		r = table_write_create(&sqlite->table, &sql);
		if (r == 0)
			r = database_run(database, sql.data, error);
		sql.used = 0;
	}
	if (r == 0)
		r = table_write_insert(&sqlite->table, &sql);
	if (r == 0)
		r = database_prepare(database, sql.data, &sqlite->insert,
				     error);
	if (r == 0)
		r = database_prepare(database, "BEGIN IMMEDIATE",
				     &sqlite->begin, error);
	if (r == 0)
		r = database_prepare(database, "COMMIT", &sqlite->commit,
				     error);
	if (r == 0)
		r = database_prepare(database, "ROLLBACK", &sqlite->rollback,
				     error);
	buffer_destroy(&sql);
	return r;
}

static int sqlite_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct sqlite *sqlite = self;
	int r;

	sqlite->table.fields = gust_task_input(task, 0)->columns;
	r = sqlite_find_fields(sqlite, task, error);
	if (r == 0)
		r = database_open(&sqlite->database, sqlite->path,
				  sqlite->create ? DATABASE_CREATE
						 : DATABASE_WRITE,
				  error);
	if (r == 0)
		r = sqlite_prepare(sqlite, error);
	if (r < 0)
		return r;
	database_hurry(&sqlite->database);
	if (gust_task_index(task) == 0 && gust_task_count(task) > 1)
		gust_log(task, GUST_LOG_WARN,
			 "'%s' takes one writer at a time, so %" PRIu32
			 " tasks are no faster than one",
			 sqlite->path, gust_task_count(task));
	return 0;
}

/* Runs a statement that gives no rows. A code of SQLite. */
static int sqlite_run(sqlite3_stmt *statement)
{
	int code;

	sqlite3_step(statement);
	/* This tells what step() has found, in more detail. */
	code = sqlite3_reset(statement);
	return code & 0xff;
}

static int sqlite_insert(struct sqlite *sqlite, const struct gust_tuple *row)
{
	int code = SQLITE_OK;
	size_t i;

	for (i = 0; i < sqlite->field_count && code == SQLITE_OK; i++)
		code = database_bind(sqlite->insert, (int)i + 1,
				     gust_value(row, sqlite->fields[i]));
	return code == SQLITE_OK ? sqlite_run(sqlite->insert) : code;
}

/* Whether a code is about the row and not about the file. */
static bool sqlite_is_refusal(int code)
{
	return code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH ||
	       code == SQLITE_TOOBIG;
}

static bool sqlite_in_transaction(const struct sqlite *sqlite)
{
	return sqlite3_get_autocommit(sqlite->database.handle) == 0;
}

/*
 * Inserts the rows that wait, and puts those aside that the table refuses. A
 * code of SQLite; SQLITE_ABORT: a row has ended the transaction, so all has to
 * be done again without it.
 */
static int sqlite_insert_all(struct sqlite *sqlite, struct gust_task *task)
{
	size_t i = 0;
	int code;

	while (i < sqlite->row_count) {
		code = sqlite_insert(sqlite, sqlite->rows[i]);
		if (code == SQLITE_OK) {
			i++;
			continue;
		}
		if (!sqlite_is_refusal(code))
			return code;
		gust_reject(task, sqlite->rows[i], "table '%s': %s",
			    sqlite->table.name,
			    sqlite3_errmsg(sqlite->database.handle));
		sqlite->row_count--;
		memmove(&sqlite->rows[i], &sqlite->rows[i + 1],
			(sqlite->row_count - i) * sizeof(*sqlite->rows));
		if (!sqlite_in_transaction(sqlite))
			return SQLITE_ABORT;
	}
	return SQLITE_OK;
}

/* Tells why the rows have to wait, and takes back what was begun. */
static int sqlite_not_now(struct sqlite *sqlite, struct gust_task *task)
{
	struct gust_error error = { 0 };

	database_failed(&sqlite->database, &error);
	if (sqlite_in_transaction(sqlite))
		(void)sqlite_run(sqlite->rollback);
	return gust_not_now(task, "%s", error.text);
}

/* Writes what was gathered, in one transaction. 0 or -EAGAIN. */
static int sqlite_write(struct sqlite *sqlite, struct gust_task *task)
{
	size_t i;
	int code;

	if (sqlite->row_count == 0)
		return 0;
	if (database_moved(&sqlite->database))
		return gust_not_now(task,
				    "database '%s': the file has been moved "
				    "or removed",
				    sqlite->path);
	do {
		code = sqlite_run(sqlite->begin);
		if (code == SQLITE_OK)
			code = sqlite_insert_all(sqlite, task);
	} while (code == SQLITE_ABORT);
	if (code == SQLITE_OK)
		code = sqlite_run(sqlite->commit);
	if (code != SQLITE_OK)
		return sqlite_not_now(sqlite, task);
	for (i = 0; i < sqlite->row_count; i++)
		gust_ack(task, sqlite->rows[i]);
	sqlite->row_count = 0;
	return 0;
}

/* To SQLite null is no key: such a row would be inserted each time. */
static int sqlite_check_key(const struct sqlite *sqlite, struct gust_task *task,
			    const struct gust_tuple *in)
{
	struct table_column column;
	size_t i;

	if (sqlite->table.key.count == 0)
		return 0;
	for (i = 0; table_column(&sqlite->table, i, &column); i++)
		if (gust_is_null(in, sqlite->fields[i]) &&
		    table_is_key(&sqlite->table, column.name))
			return gust_reject(task, in,
					   "table '%s': the key '%s' is null",
					   sqlite->table.name, column.name);
	return 0;
}

static int sqlite_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct sqlite *sqlite = self;
	const struct gust_tuple *row;
	int r;

	if (sqlite->row_count == (size_t)sqlite->batch) {
		r = sqlite_write(sqlite, task);
		if (r < 0)
			return r;
	}
	r = sqlite_check_key(sqlite, task, in);
	if (r < 0)
		return r;
	row = gust_hold(task, in);
	if (row == NULL)
		return -ENOMEM;
	sqlite->rows[sqlite->row_count++] = row;
	/* The tuple is held now; the next call tells of trouble. */
	if (sqlite->row_count == (size_t)sqlite->batch)
		(void)sqlite_write(sqlite, task);
	return 0;
}

static int sqlite_flush(void *self, struct gust_task *task)
{
	return sqlite_write(self, task);
}

static void sqlite_close(void *self)
{
	struct sqlite *sqlite = self;

	sqlite3_finalize(sqlite->begin);
	sqlite3_finalize(sqlite->insert);
	sqlite3_finalize(sqlite->commit);
	sqlite3_finalize(sqlite->rollback);
	database_close(&sqlite->database);
	free(sqlite->fields);
	free(sqlite->rows);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "sqlite",
	.summary = "writes a row for every tuple to a table of SQLite",
	.options = sqlite_options,
	.instance_size = sizeof(struct sqlite),
	.flags = GUST_DEDICATED,
	.declare = sqlite_declare,
	.open = sqlite_open,
	.execute = sqlite_execute,
	.idle = sqlite_flush,
	.flush = sqlite_flush,
	.close = sqlite_close,
};
