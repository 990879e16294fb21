/* SPDX-License-Identifier: MIT */
#ifndef LOOKUP_TABLE_H
#define LOOKUP_TABLE_H

/* Of `lookup`: a table of SQLite. Its functions are those of source.h. */

#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/kit/database.h>
#include <gust/tuple.h>

struct source_want;

/* All zero is a closed one. */
struct table {
	struct database database;
	sqlite3_stmt *find, *version;
	int64_t seen; /* the version that was last told */
};

int table_open(struct table *table, const struct source_want *want,
	       struct gust_error *error);
void table_close(struct table *table);
int table_find(struct table *table, const struct source_want *want,
	       const struct gust_value *key, struct buffer *row,
	       struct gust_error *error);
bool table_has_changed(struct table *table);
bool table_has_moved(const struct table *table);

#endif
