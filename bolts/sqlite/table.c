/* SPDX-License-Identifier: MIT */

#include "table.h"

#include <errno.h>
#include <string.h>

#include <gust/kit/database.h>

/* As many columns as SQLite gives a table. */
#define TABLE_COLUMNS_MAX 2000u

bool table_column(const struct table *table, size_t at,
		  struct table_column *column)
{
	if (table->columns.count == 0) {
		column->field = table->fields[at].name;
		column->name = table->fields[at].name;
		return table->fields[at].name != NULL;
	}
	if (at == table->columns.count)
		return false;
	column->field = table->columns.keys[at];
	column->name = table->columns.values[at];
	return true;
}

size_t table_count(const struct table *table)
{
	struct table_column column;
	size_t n = 0;

	while (table_column(table, n, &column))
		n++;
	return n;
}

bool table_is_key(const struct table *table, const char *column)
{
	size_t i;

	for (i = 0; i < table->key.count; i++)
		if (sqlite3_stricmp(table->key.items[i], column) == 0)
			return true;
	return false;
}

/* Whether the columns are different ones. To SQLite, "A" is "a". */
static int table_check_names(const struct table *table,
			     struct gust_error *error)
{
	struct table_column column, other = { NULL, NULL };
	size_t i, j;

	for (i = 0; table_column(table, i, &column); i++) {
		if (i == TABLE_COLUMNS_MAX)
			return gust_error_set(error, -E2BIG,
					      "there are more than %u columns",
					      TABLE_COLUMNS_MAX);
		if (column.name[0] == '\0')
			return gust_error_set(error, -EINVAL,
					      "option 'columns': '%s' goes to "
					      "'', expected a column",
					      column.field);
		for (j = 0; j < i; j++) {
			table_column(table, j, &other);
			if (sqlite3_stricmp(column.name, other.name) == 0)
				return gust_error_set(
					error, -EINVAL,
					"fields '%s' and '%s' go to one "
					"column, '%s'",
					other.field, column.field, column.name);
		}
	}
	return 0;
}

/* Whether each part of the key is a column that is written. */
static int table_check_key(const struct table *table, struct gust_error *error)
{
	struct table_column column;
	size_t i, j;
	bool found;

	for (i = 0; i < table->key.count; i++) {
		found = false;
		for (j = 0; !found && table_column(table, j, &column); j++)
			found = sqlite3_stricmp(column.name,
						table->key.items[i]) == 0;
		if (!found)
			return gust_error_set(error, -ENOENT,
					      "option 'key': no column '%s' is "
					      "written",
					      table->key.items[i]);
	}
	return 0;
}

int table_check(const struct table *table, struct gust_error *error)
{
	int r;

	if (table_count(table) == 0)
		return gust_error_set(error, -EINVAL,
				      "the input has no fields, expected some");
	r = table_check_names(table, error);
	return r == 0 ? table_check_key(table, error) : r;
}

/* Appends names of columns with commas between. */
static int table_names(const struct gust_list *names, struct buffer *sql)
{
	size_t i;
	int r = 0;

	for (i = 0; i < names->count && r == 0; i++) {
		if (i > 0)
			r = buffer_text(sql, ", ");
		if (r == 0)
			r = database_name(sql, names->items[i]);
	}
	return r;
}

static const char *table_type(const struct gust_column *fields,
			      const char *name)
{
	while (strcmp(fields->name, name) != 0)
		fields++;
	switch (fields->type) {
	case GUST_BOOL:
	case GUST_INT:
		return " INTEGER";
	case GUST_FLOAT:
		return " REAL";
	case GUST_BYTES:
		return " BLOB";
	default:
		return " TEXT";
	}
}

int table_write_create(const struct table *table, struct buffer *sql)
{
	struct table_column column;
	size_t i;
	int r = buffer_text(sql, "CREATE TABLE IF NOT EXISTS ");

	if (r == 0)
		r = database_name(sql, table->name);
	for (i = 0; r == 0 && table_column(table, i, &column); i++) {
		r = buffer_text(sql, i == 0 ? " (" : ", ");
		if (r == 0)
			r = database_name(sql, column.name);
		if (r == 0)
			r = buffer_text(
				sql, table_type(table->fields, column.field));
		if (r == 0 && table_is_key(table, column.name))
			r = buffer_text(sql, " NOT NULL");
	}
	if (r == 0 && table->key.count > 0) {
		r = buffer_text(sql, ", PRIMARY KEY (");
		if (r == 0)
			r = table_names(&table->key, sql);
		if (r == 0)
			r = buffer_char(sql, ')');
	}
	return r == 0 ? buffer_append(sql, ")", 2) : r;
}

/* What is done with a row whose key is there. */
static int table_write_conflict(const struct table *table, struct buffer *sql)
{
	struct table_column column;
	size_t i, n = 0;
	int r = buffer_text(sql, " ON CONFLICT (");

	if (r == 0)
		r = table_names(&table->key, sql);
	if (r == 0)
		r = buffer_text(sql, ") DO ");
	for (i = 0; r == 0 && table_column(table, i, &column); i++) {
		if (table_is_key(table, column.name))
			continue;
		r = buffer_text(sql, n++ == 0 ? "UPDATE SET " : ", ");
		if (r == 0)
			r = database_name(sql, column.name);
		if (r == 0)
			r = buffer_text(sql, " = excluded.");
		if (r == 0)
			r = database_name(sql, column.name);
	}
	return r == 0 && n == 0 ? buffer_text(sql, "NOTHING") : r;
}

int table_write_insert(const struct table *table, struct buffer *sql)
{
	struct table_column column;
	size_t i;
	int r = buffer_text(sql, "INSERT INTO ");

	if (r == 0)
		r = database_name(sql, table->name);
	for (i = 0; r == 0 && table_column(table, i, &column); i++) {
		r = buffer_text(sql, i == 0 ? " (" : ", ");
		if (r == 0)
			r = database_name(sql, column.name);
	}
	if (r == 0)
		r = buffer_text(sql, ") VALUES (?");
	for (i = 1; i < table_count(table) && r == 0; i++)
		r = buffer_text(sql, ", ?");
	if (r == 0)
		r = buffer_char(sql, ')');
	if (r == 0 && table->key.count > 0)
		r = table_write_conflict(table, sql);
	return r == 0 ? buffer_append(sql, "", 1) : r;
}
