/* SPDX-License-Identifier: MIT */

#include "plugin/stream.h"

#include <errno.h>
#include <string.h>

#include "base/suggest.h"
#include "tuple/type.h"

size_t stream_column_count(const struct gust_column *columns)
{
	size_t count = 0;

	while (columns[count].name != NULL)
		count++;
	return count;
}

const struct gust_column *stream_column(const struct gust_column *columns,
					const char *name)
{
	for (; columns->name != NULL; columns++)
		if (strcmp(columns->name, name) == 0)
			return columns;
	return NULL;
}

bool stream_same_columns(const struct gust_column *a,
			 const struct gust_column *b)
{
	for (; a->name != NULL && b->name != NULL; a++, b++)
		if (strcmp(a->name, b->name) != 0 || a->type != b->type)
			return false;
	return a->name == NULL && b->name == NULL;
}

const char *stream_column_near(const struct gust_column *columns,
			       const char *name)
{
	const char *names[STREAM_COLUMNS_MAX];
	size_t count;

	for (count = 0; count < STREAM_COLUMNS_MAX; count++) {
		if (columns[count].name == NULL)
			break;
		names[count] = columns[count].name;
	}
	return suggest_nearest(name, names, count);
}

static int stream_column_check(const struct gust_stream *stream, size_t at,
			       struct gust_error *error)
{
	const struct gust_column *column = &stream->columns[at];

	if (column->name[0] == '\0')
		return gust_error_set(error, -EINVAL,
				      "column %zu of stream '%s' has no name",
				      at + 1, stream->name);
	if (!type_is_declarable(column->type))
		return gust_error_set(
			error, -EINVAL,
			"column '%s' of stream '%s' has the type %d, expected "
			"bool, int, float, string, bytes or json",
			column->name, stream->name, (int)column->type);
	if (stream_column(stream->columns, column->name) != column)
		return gust_error_set(error, -EINVAL,
				      "column '%s' of stream '%s' stands twice",
				      column->name, stream->name);
	return 0;
}

int stream_check(const struct gust_stream *stream, struct gust_error *error)
{
	size_t i;
	int r;

	if (stream->name == NULL || stream->name[0] == '\0')
		return gust_error_set(error, -EINVAL, "a stream has no name");
	if (stream->columns == NULL)
		return gust_error_set(error, -EINVAL,
				      "stream '%s' has no columns",
				      stream->name);
	for (i = 0; stream->columns[i].name != NULL; i++) {
		if (i == STREAM_COLUMNS_MAX)
			return gust_error_set(
				error, -E2BIG,
				"stream '%s' has more than %d columns; is the "
				"end of the table missing?",
				stream->name, STREAM_COLUMNS_MAX);
		r = stream_column_check(stream, i, error);
		if (r < 0)
			return r;
	}
	return 0;
}

int stream_table_check(const struct gust_stream *table,
		       struct gust_error *error)
{
	size_t i, k;
	int r;

	if (table == NULL)
		return 0;
	for (i = 0; table[i].name != NULL; i++) {
		if (i == STREAM_TABLE_MAX)
			return gust_error_set(error, -E2BIG,
					      "more than %d streams; is the "
					      "end of the table missing?",
					      STREAM_TABLE_MAX);
		r = stream_check(&table[i], error);
		if (r < 0)
			return r;
		for (k = 0; k < i; k++)
			if (strcmp(table[k].name, table[i].name) == 0)
				return gust_error_set(
					error, -EINVAL,
					"stream '%s' stands twice",
					table[i].name);
	}
	return 0;
}
