/* SPDX-License-Identifier: MIT */
#ifndef LOOKUP_SOURCE_H
#define LOOKUP_SOURCE_H

/*
 * Of `lookup`: where rows come from, a file of CSV, which is read as a whole,
 * or a table of SQLite or pairs of LMDB, which are asked. Keys and rows are
 * bytes of gust/kit/row.h. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/kit/csv.h>
#include <gust/kit/infile.h>
#include <gust/option.h>
#include <gust/stream.h>
#include <gust/task.h>

#include "book.h"
#include "pairs.h"
#include "table.h"

#define SOURCE_COLUMNS_MAX 64u

/* As the choices of the option `format`. */
enum source_format { SOURCE_AUTO, SOURCE_CSV, SOURCE_SQLITE, SOURCE_LMDB };

/* What is wanted of it; all is borrowed. */
struct source_want {
	enum source_format format; /* not SOURCE_AUTO */
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

/* One that is asked. All zero is a closed one. */
struct source {
	enum source_format format;
	union {
		struct table table;
		struct pairs pairs;
	} as;
};

/* A negative errno sets `error`; it is to be closed then, too. */
int source_open(struct source *source, const struct source_want *want,
		struct gust_error *error);
void source_close(struct source *source);

/*
 * Appends the row of a key, or nothing if there is none. These set `error`:
 * -EAGAIN: not now, it is locked, say; -EINVAL: a value has another type;
 * -EBADMSG: it is damaged; -EIO and the like.
 */
int source_find(struct source *source, const struct source_want *want,
		const struct gust_value *key, struct buffer *row,
		struct gust_error *error);

/* Whether others have written to it since the last call. */
bool source_has_changed(struct source *source);

/* Whether another file, or none, is where it was opened. */
bool source_has_moved(const struct source *source);

#endif
