/* SPDX-License-Identifier: MIT */

#include "source.h"

#include <errno.h>

#include <gust/kit/row.h>

/* SELECT "a", "b" FROM "table" WHERE "key" = ? AND ... LIMIT 1 */
static int table_sql(const struct source_want *want, struct buffer *sql)
{
	size_t i;
	int r = buffer_text(sql, "SELECT ");

	for (i = 0; i < want->add->count && r == 0; i++) {
		if (i > 0)
			r = buffer_text(sql, ", ");
		if (r == 0)
			r = database_name(sql, want->add->keys[i]);
	}
	if (r == 0)
		r = buffer_text(sql, " FROM ");
	if (r == 0)
		r = database_name(sql, want->table);
	for (i = 0; i < want->on->count && r == 0; i++) {
		r = buffer_text(sql, i == 0 ? " WHERE " : " AND ");
		if (r == 0)
			r = database_name(sql, want->on->values[i]);
		if (r == 0)
			r = buffer_text(sql, " = ?");
	}
	if (r == 0)
		r = buffer_text(sql, " LIMIT 1");
	return r == 0 ? buffer_append(sql, "", 1) : r;
}

int table_open(struct table *table, const struct source_want *want,
	       struct gust_error *error)
{
	struct buffer sql = { 0 };
	int r = database_open(&table->database, want->path, DATABASE_READ,
			      error);

	if (r == 0)
		r = table_sql(want, &sql);
	if (r == 0)
		r = database_prepare(&table->database, sql.data, &table->find,
				     error);
	if (r == 0)
		r = database_prepare(&table->database, "PRAGMA data_version",
				     &table->version, error);
	buffer_destroy(&sql);
	if (r < 0)
		return r;
	database_hurry(&table->database);
	(void)table_has_changed(table);
	return 0;
}

void table_close(struct table *table)
{
	sqlite3_finalize(table->find);
	sqlite3_finalize(table->version);
	database_close(&table->database);
	*table = (struct table){ 0 };
}

/* Appends the row that the statement stands at. */
static int table_row(struct table *table, const struct source_want *want,
		     struct buffer *row, struct gust_error *error)
{
	struct buffer scratch = { 0 };
	struct gust_value value;
	size_t i;
	int r = 0;

	for (i = 0; i < want->add->count && r == 0; i++) {
		scratch.used = 0;
		r = database_read(table->find, (int)i, want->types[i], &scratch,
				  &value);
		if (r == -EINVAL || r == -ERANGE)
			r = gust_error_set(error, -EINVAL,
					   "%s: column '%.60s' is %s, expected "
					   "%s",
					   want->path, want->add->keys[i],
					   database_kind(table->find, (int)i),
					   gust_type_name(want->types[i]));
		if (r == 0)
			r = row_append(row, &value, 1);
	}
	buffer_destroy(&scratch);
	return r;
}

int table_find(struct table *table, const struct source_want *want,
	       const struct gust_value *key, struct buffer *row,
	       struct gust_error *error)
{
	size_t i;
	int r = SQLITE_OK;

	for (i = 0; i < want->on->count && r == SQLITE_OK; i++)
		r = database_bind(table->find, (int)i + 1, key[i]);
	if (r == SQLITE_OK)
		r = sqlite3_step(table->find);
	if (r == SQLITE_ROW)
		r = table_row(table, want, row, error);
	else if (r == SQLITE_DONE)
		r = 0;
	else
		r = database_failed(&table->database, error);
	sqlite3_reset(table->find);
	return r;
}

bool table_has_changed(struct table *table)
{
	int64_t version = table->seen;

	if (sqlite3_step(table->version) == SQLITE_ROW)
		version = sqlite3_column_int64(table->version, 0);
	sqlite3_reset(table->version);
	if (version == table->seen)
		return false;
	table->seen = version;
	return true;
}

bool table_has_moved(const struct table *table)
{
	return database_moved(&table->database);
}
