/* SPDX-License-Identifier: MIT */
#ifndef SQLITE_QUERY_H
#define SQLITE_QUERY_H

/*
 * The query of the spout `sqlite`: the statement, its parameters, and where
 * the columns that are wanted stand in its rows. One thread.
 */

#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/database.h>
#include <gust/option.h>
#include <gust/stream.h>

/* With a position, as many rows are given at a time. */
#define QUERY_CHUNK 1000

struct query {
	const char *text, *position; /* options */
	struct gust_map parameters;

	struct database *database;
	sqlite3_stmt *statement;
	const struct gust_column *columns; /* that are wanted */
	size_t column_count;
	int *places; /* of these in the rows */
	int position_place;
	int position_parameter; /* the first position that is wanted */
};

/*
 * Prepares the query. With a position it gives rows in its order, from that
 * in the parameter on. `columns` is borrowed. What is wrong with the query is
 * in `error`.
 */
int query_open(struct query *query, struct database *database,
	       const struct gust_column *columns, struct gust_error *error);

/* Also after query_open() has failed. */
void query_close(struct query *query);

#endif
