/* SPDX-License-Identifier: MIT */

#include "query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>

#define QUERY_TEXT(number) QUERY_TEXT_OF(number)
#define QUERY_TEXT_OF(number) #number
#define QUERY_LIMIT " LIMIT " QUERY_TEXT(QUERY_CHUNK)

/* The place of a column in the rows, or -1. To SQLite, "A" is "a". */
static int query_place(const struct query *query, const char *name)
{
	const int count = sqlite3_column_count(query->statement);
	const char *found;
	int i;

	for (i = 0; i < count; i++) {
		found = sqlite3_column_name(query->statement, i);
		if (found != NULL && sqlite3_stricmp(found, name) == 0)
			return i;
	}
	return -1;
}

static int query_no_column(const struct query *query, const char *name,
			   struct gust_error *error)
{
	const int count = sqlite3_column_count(query->statement);
	char list[256] = "";
	size_t length = 0;
	int i;

	for (i = 0; i < count && length < sizeof(list); i++)
		length += (size_t)snprintf(
			list + length, sizeof(list) - length, "%s'%s'",
			i > 0 ? ", " : "",
			sqlite3_column_name(query->statement, i));
	return gust_error_set(error, -ENOENT,
			      "the query has no column '%s', expected one of "
			      "%s",
			      name, list);
}

/* Finds the columns to emit in those of the query. */
static int query_find_columns(struct query *query, struct gust_error *error)
{
	size_t i, n = columns_count(query->columns);

	query->column_count = n;
	query->places = calloc(n + 1, sizeof(*query->places));
	if (query->places == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		query->places[i] = query_place(query, query->columns[i].name);
		if (query->places[i] < 0)
			return query_no_column(query, query->columns[i].name,
					       error);
	}
	if (query->position == NULL)
		return 0;
	query->position_place = query_place(query, query->position);
	if (query->position_place < 0)
		return query_no_column(query, query->position, error);
	return 0;
}

/* The value of a parameter, or NULL. Its name begins with ':', '@' or '$'. */
static const char *query_parameter(const struct query *query, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < query->parameters.count; i++)
		if (strcmp(query->parameters.keys[i], name + 1) == 0)
			return query->parameters.values[i];
	return NULL;
}

/* Gives all parameters their values, and finds that of the position. */
static int query_bind(struct query *query, struct gust_error *error)
{
	const int count = sqlite3_bind_parameter_count(query->statement);
	const char *name, *value;
	size_t used = 0;
	int i;

	for (i = 1; i <= count; i++) {
		name = sqlite3_bind_parameter_name(query->statement, i);
		value = query_parameter(query, name);
		if (value == NULL && query->position != NULL && name != NULL &&
		    strcmp(name, ":position") == 0) {
			query->position_parameter = i;
			continue;
		}
		if (value == NULL)
			return gust_error_set(error, -EINVAL,
					      "the query has a parameter '%s', "
					      "expected its value in option "
					      "'parameters'",
					      name == NULL ? "?" : name);
		used++;
		if (sqlite3_bind_text(query->statement, i, value, -1,
				      SQLITE_STATIC) != SQLITE_OK)
			return database_failed(query->database, error);
	}
	if (used < query->parameters.count)
		return gust_error_set(error, -EINVAL,
				      "option 'parameters': there are %zu, "
				      "but the query has %zu",
				      query->parameters.count, used);
	return 0;
}

/* The query with the position around it, in `sql`. 0 or -ENOMEM. */
static int query_wrap(const struct query *query, struct buffer *sql)
{
	size_t n = strlen(query->text);
	int r = buffer_text(sql, "SELECT * FROM (");

	while (n > 0 && strchr(" \t\r\n;", query->text[n - 1]) != NULL)
		n--;
	if (r == 0)
		r = buffer_append(sql, query->text, n);
	/* What is left may end with a comment. */
	if (r == 0)
		r = buffer_text(sql, "\n) WHERE ");
	if (r == 0)
		r = database_name(sql, query->position);
	if (r == 0)
		r = buffer_text(sql, " >= :position ORDER BY ");
	if (r == 0)
		r = database_name(sql, query->position);
	return r == 0 ? buffer_append(sql, QUERY_LIMIT, sizeof(QUERY_LIMIT))
		      : r;
}

int query_open(struct query *query, struct database *database,
	       const struct gust_column *columns, struct gust_error *error)
{
	struct buffer sql = { 0 };
	int r;

	query->database = database;
	query->columns = columns;
	/* By itself first: what is wrong with it is told in its own words. */
	r = database_prepare(query->database, query->text, &query->statement,
			     error);
	if (r < 0)
		return r;
	if (sqlite3_stmt_readonly(query->statement) == 0 ||
	    sqlite3_column_count(query->statement) == 0)
		return gust_error_set(error, -EINVAL,
				      "option 'query' writes or gives no rows, "
				      "expected a SELECT");
	/* A name in quotes that is no column would be taken for a text. */
	r = query_find_columns(query, error);
	if (r < 0 || query->position == NULL)
		return r < 0 ? r : query_bind(query, error);
	sqlite3_finalize(query->statement);
	query->statement = NULL;
	r = query_wrap(query, &sql);
	if (r == 0)
		r = database_prepare(query->database, sql.data,
				     &query->statement, error);
	buffer_destroy(&sql);
	return r == 0 ? query_bind(query, error) : r;
}

void query_close(struct query *query)
{
	sqlite3_finalize(query->statement);
	free(query->places);
}
