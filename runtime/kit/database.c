/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gust/kit/cast.h>
#include <gust/kit/database.h>

/* Tasks that open one new file at the same time wait for each other. */
#define DATABASE_OPEN_MS 5000

static int database_errno(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EAGAIN;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return -EIO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	default:
		return -EINVAL;
	}
}

int database_failed(const struct database *database, struct gust_error *error)
{
	const int code = database->handle == NULL
				 ? SQLITE_NOMEM
				 : sqlite3_errcode(database->handle);
	const char *text = database->handle == NULL
				   ? sqlite3_errstr(code)
				   : sqlite3_errmsg(database->handle);

	return gust_error_set(error, database_errno(code), "database '%s': %s",
			      database->path, text);
}

/* What SQLite would call `unable to open database file`, in words. */
static int database_check(const char *path, enum database_mode mode,
			  struct gust_error *error)
{
	const int wanted = mode == DATABASE_READ ? R_OK : R_OK | W_OK;
	struct stat status;
	char *copy;
	int r = 0;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		r = -EISDIR;
	else if (access(path, wanted) < 0)
		r = -errno;
	/* Journals stand beside the file. */
	if ((r == 0 && mode != DATABASE_READ) ||
	    (r == -ENOENT && mode == DATABASE_CREATE)) {
		copy = strdup(path);
		if (copy == NULL)
			return -ENOMEM;
		r = access(dirname(copy), W_OK | X_OK) < 0 ? -errno : 0;
		free(copy);
	}
	if (r < 0)
		return gust_error_set(error, r, "database '%s': %s", path,
				      strerror(-r));
	return 0;
}

/* Whether there is nothing in it yet. */
static int database_is_new(struct database *database, bool *is_new,
			   struct gust_error *error)
{
	sqlite3_stmt *statement;
	int r;

	r = database_prepare(database, "SELECT 1 FROM sqlite_master LIMIT 1",
			     &statement, error);
	if (r < 0)
		return r;
	r = sqlite3_step(statement);
	*is_new = r == SQLITE_DONE;
	r = r == SQLITE_DONE || r == SQLITE_ROW
		    ? 0
		    : database_failed(database, error);
	sqlite3_finalize(statement);
	return r;
}

static int database_set_up(struct database *database, enum database_mode mode,
			   struct gust_error *error)
{
	bool is_new;
	int r = database_is_new(database, &is_new, error);

	if (r < 0)
		return r;
	if (mode == DATABASE_READ)
		return database_run(database, "PRAGMA query_only = ON", error);
	/* On a read-only file system SQLite opens it for reading after all. */
	if (sqlite3_db_readonly(database->handle, "main") != 0)
		return gust_error_set(error, -EROFS,
				      "database '%s': it is read-only",
				      database->path);
	r = database_run(database, "PRAGMA synchronous = FULL", error);
	/* Where there can be no log, there is a journal. */
	if (r == 0 && is_new)
		(void)database_run(database, "PRAGMA journal_mode = WAL", NULL);
	return r;
}

int database_open(struct database *database, const char *path,
		  enum database_mode mode, struct gust_error *error)
{
	/* Even who only reads may have to clean up behind a writer that was
	 * killed; where the file is read-only, so is the connection. */
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
			  (mode == DATABASE_CREATE ? SQLITE_OPEN_CREATE : 0);
	int r = 0;

	database->path = path;
	if (strcmp(path, ":memory:") != 0)
		r = database_check(path, mode, error);
	if (r < 0)
		return r;
	if (sqlite3_open_v2(path, &database->handle, flags, NULL) != SQLITE_OK)
		return database_failed(database, error);
	sqlite3_busy_timeout(database->handle, DATABASE_OPEN_MS);
	return database_set_up(database, mode, error);
}

void database_close(struct database *database)
{
	/* It fails only while there are statements. */
	(void)sqlite3_close(database->handle);
	database->handle = NULL;
}

void database_hurry(struct database *database)
{
	sqlite3_busy_timeout(database->handle, 0);
}

int database_prepare(struct database *database, const char *sql,
		     sqlite3_stmt **statement, struct gust_error *error)
{
	const char *rest;

	*statement = NULL;
	if (sqlite3_prepare_v2(database->handle, sql, -1, statement, &rest) !=
	    SQLITE_OK)
		return database_failed(database, error);
	if (*statement != NULL && rest[strspn(rest, " \t\r\n;")] == '\0')
		return 0;
	sqlite3_finalize(*statement);
	*statement = NULL;
	return gust_error_set(error, -EINVAL,
			      "database '%s': expected one statement of SQL",
			      database->path);
}

int database_run(struct database *database, const char *sql,
		 struct gust_error *error)
{
	if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return database_failed(database, error);
	return 0;
}

bool database_moved(const struct database *database)
{
	int moved = 0;

	return sqlite3_file_control(database->handle, "main",
				    SQLITE_FCNTL_HAS_MOVED,
				    &moved) == SQLITE_OK &&
	       moved != 0;
}

int database_name(struct buffer *sql, const char *name)
{
	int r = buffer_char(sql, '"');

	for (; *name != '\0' && r == 0; name++) {
		if (*name == '"')
			r = buffer_char(sql, '"');
		if (r == 0)
			r = buffer_char(sql, *name);
	}
	return r == 0 ? buffer_char(sql, '"') : r;
}

int database_bind(sqlite3_stmt *statement, int at, struct gust_value value)
{
	switch (value.type) {
	case GUST_BOOL:
	case GUST_INT:
		return sqlite3_bind_int64(statement, at, value.as.integer);
	case GUST_FLOAT:
		return sqlite3_bind_double(statement, at, value.as.number);
	case GUST_STRING:
	case GUST_JSON:
		return sqlite3_bind_text64(statement, at, value.as.data,
					   value.length, SQLITE_STATIC,
					   SQLITE_UTF8);
	case GUST_BYTES:
		return sqlite3_bind_blob64(statement, at, value.as.data,
					   value.length, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(statement, at);
	}
}

int database_raw(sqlite3_stmt *statement, int at, struct gust_value *value)
{
	const int type = sqlite3_column_type(statement, at);
	const void *data;
	size_t length;

	switch (type) {
	case SQLITE_INTEGER:
		*value = gust_int(sqlite3_column_int64(statement, at));
		return 0;
	case SQLITE_FLOAT:
		*value = gust_float(sqlite3_column_double(statement, at));
		return 0;
	case SQLITE_NULL:
		*value = gust_null();
		return 0;
	default:
		break;
	}
	/* Of the empty blob, and where memory is short, it is NULL. */
	data = type == SQLITE_TEXT ? sqlite3_column_text(statement, at)
				   : sqlite3_column_blob(statement, at);
	length = (size_t)sqlite3_column_bytes(statement, at);
	if (data == NULL && length > 0)
		return -ENOMEM;
	*value = gust_data(type == SQLITE_TEXT ? GUST_STRING : GUST_BYTES,
			   data == NULL ? "" : data, length);
	return 0;
}

int database_read(sqlite3_stmt *statement, int at, enum gust_type type,
		  struct buffer *scratch, struct gust_value *value)
{
	struct gust_value raw;
	int r = database_raw(statement, at, &raw);

	return r == 0 ? cast_value(raw, type, scratch, value) : r;
}

const char *database_kind(sqlite3_stmt *statement, int at)
{
	switch (sqlite3_column_type(statement, at)) {
	case SQLITE_INTEGER:
		return "an INTEGER";
	case SQLITE_FLOAT:
		return "a REAL";
	case SQLITE_TEXT:
		return "a TEXT";
	case SQLITE_BLOB:
		return "a BLOB";
	default:
		return "NULL";
	}
}
