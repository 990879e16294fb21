/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_DATABASE_H
#define GUST_KIT_DATABASE_H

/*
 * A file of SQLite: what the spout and the bolt `sqlite` share.
 *
 * Once it is open nothing waits for a lock: what another connection holds up
 * is answered with SQLITE_BUSY, and the caller comes again. Opening and
 * preparing wait for at most five seconds. A connection belongs to one thread.
 *
 * Values become storage classes, and back, like this:
 *
 *	bool, int	INTEGER
 *	float		REAL; nan becomes NULL, since SQLite has none
 *	string, json	TEXT
 *	bytes		BLOB
 *	null		NULL
 *
 * Back, a value is cast to the type that is asked for, see gust/kit/cast.h;
 * a BLOB read as a string, and a TEXT read as bytes, keep their bytes.
 */

#include <stdbool.h>

#include <sqlite3.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

/* All zero is a closed one. */
struct database {
	sqlite3 *handle;
	const char *path;
};

enum database_mode {
	DATABASE_READ,  /* its statements may not write */
	DATABASE_WRITE, /* the file must be there */
	DATABASE_CREATE /* it is made if it is not there */
};

/*
 * Opens the file at `path`, which is borrowed until database_close(). For
 * writing, each commit is on the disk before it returns, and a file without
 * any table becomes one with a write-ahead log. The negative errno comes with
 * path and reason in `error`.
 */
int database_open(struct database *database, const char *path,
		  enum database_mode mode, struct gust_error *error);

/* Also after database_open() has failed; statements must be finalized. */
void database_close(struct database *database);

/* From now on nothing waits for a lock. */
void database_hurry(struct database *database);

/*
 * Sets `error` to path and reason of what has just failed, and returns a
 * negative errno: -EAGAIN locked, -ENOSPC full, -EROFS, -ENOMEM, -EIO, -EBADMSG
 * no database or a damaged one, -EINVAL all others.
 */
int database_failed(const struct database *database, struct gust_error *error);

/* Prepares the one statement that `sql` must be. Errors as above. */
int database_prepare(struct database *database, const char *sql,
		     sqlite3_stmt **statement, struct gust_error *error);

/* Runs statements of which no rows are wanted. Errors as above. */
int database_run(struct database *database, const char *sql,
		 struct gust_error *error);

/* Whether the file is no longer where it was opened. */
bool database_moved(const struct database *database);

/* Appends a name in quotes, as SQL wants it. 0 or -ENOMEM. */
int database_name(struct buffer *sql, const char *name);

/*
 * Gives parameter `at` (from 1) a value, whose bytes must stay until the
 * statement is reset. A code of SQLite.
 */
int database_bind(sqlite3_stmt *statement, int at, struct gust_value value);

/* Reads column `at` (from 0) of the row as it is. 0 or -ENOMEM. */
int database_raw(sqlite3_stmt *statement, int at, struct gust_value *value);

/*
 * Reads column `at` of the row as `type`. Bytes are borrowed from the row, or
 * from `scratch`, as cast_value() says. -EINVAL, -ERANGE: it is none of that
 * type; or -ENOMEM.
 */
int database_read(sqlite3_stmt *statement, int at, enum gust_type type,
		  struct buffer *scratch, struct gust_value *value);

/* What column `at` of the row holds, for messages: "a TEXT". */
const char *database_kind(sqlite3_stmt *statement, int at);

#endif
