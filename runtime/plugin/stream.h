/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_STREAM_H
#define PLUGIN_STREAM_H

/* Whether the streams that a plugin names make sense. */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/stream.h>

/* Longer tables are taken for such that lack their end. */
#define STREAM_TABLE_MAX 1024
#define STREAM_COLUMNS_MAX 4096

/*
 * Checks one stream: it has a name, and columns with names of their own and
 * types that may be declared. -EINVAL, -E2BIG.
 */
int stream_check(const struct gust_stream *stream, struct gust_error *error);

/* Checks a table, which may be NULL; besides, no name may stand twice. */
int stream_table_check(const struct gust_stream *table,
		       struct gust_error *error);

/* Columns before the one without a name. */
size_t stream_column_count(const struct gust_column *columns);

/* The column with that name, or NULL. */
const struct gust_column *stream_column(const struct gust_column *columns,
					const char *name);

/* Whether both have the same names and types in the same order. */
bool stream_same_columns(const struct gust_column *a,
			 const struct gust_column *b);

/* The nearest name of a column, or NULL. */
const char *stream_column_near(const struct gust_column *columns,
			       const char *name);

#endif
