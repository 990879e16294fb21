/* SPDX-License-Identifier: MIT */
#ifndef SQLITE_TABLE_H
#define SQLITE_TABLE_H

/*
 * The table that the bolt `sqlite` writes to: which field goes to which of its
 * columns, and the SQL for that. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/option.h>
#include <gust/stream.h>

struct table {
	const char *name; /* options */
	struct gust_map columns;
	struct gust_list key;

	const struct gust_column *fields; /* of the first input */
};

/* A column, and the field that goes there. */
struct table_column {
	const char *field, *name;
};

/* The column number `at`; false: there are no more. */
bool table_column(const struct table *table, size_t at,
		  struct table_column *column);

/* Whether a column is part of the key. */
bool table_is_key(const struct table *table, const char *column);

size_t table_count(const struct table *table);

/*
 * Whether there are columns, all of them different, and those of the key among
 * them. The fields are known to be there. -EINVAL, -ENOENT, -E2BIG.
 */
int table_check(const struct table *table, struct gust_error *error);

/* Append a statement and a NUL. 0 or -ENOMEM. */
int table_write_create(const struct table *table, struct buffer *sql);
int table_write_insert(const struct table *table, struct buffer *sql);

#endif
