/* SPDX-License-Identifier: MIT */
#ifndef LOOKUP_SOURCE_H
#define LOOKUP_SOURCE_H

/*
 * Of `lookup`: where rows come from, a file of CSV, which is read as a whole,
 * or a table of SQLite, which is asked. Keys and rows are bytes of
 * gust/kit/row.h. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/kit/csv.h>
#include <gust/kit/database.h>
#include <gust/kit/infile.h>
#include <gust/option.h>
#include <gust/task.h>

#include "book.h"

#define SOURCE_COLUMNS_MAX 64u

/* What is wanted of it; all is borrowed. */
struct source_want {
	const char *path, *table;
	const struct gust_map *on;  /* from fields to columns */
	const struct gust_map *add; /* from columns to their types */
	enum gust_type key_types[SOURCE_COLUMNS_MAX];
	enum gust_type types[SOURCE_COLUMNS_MAX];
	struct csv_dialect dialect;
};

/*
 * Reads the whole file into an empty book; the last one of rows with the same
 * key counts. Rows that cannot be read are left out and told to the log, the
 * first ones; `*bad` is how many they are. Errors set `error`; the book is then
 * to be destroyed.
 */
int source_read_csv(const struct source_want *want, struct gust_task *task,
		    struct book *book, uint64_t *bad, struct gust_error *error);

/* A table that is open. All zero is a closed one. */
struct source_table {
	struct database database;
	sqlite3_stmt *find, *version;
	int64_t seen; /* the version that was last told */
};

/* A negative errno sets `error`. */
int source_open(struct source_table *table, const struct source_want *want,
		struct gust_error *error);
void source_close(struct source_table *table);

/* Appends the row of a key, or nothing if there is none. -EAGAIN: it is locked;
 * -EINVAL: a value has another type; others as in gust/kit/database.h. */
int source_find(struct source_table *table, const struct source_want *want,
		const struct gust_value *key, struct buffer *row,
		struct gust_error *error);

/* Whether another connection has written to the file since the last call. */
bool source_has_changed(struct source_table *table);

#endif
