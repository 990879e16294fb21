/* SPDX-License-Identifier: MIT */

#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/row.h>

#define SOURCE_BLOCK ((size_t)64 * 1024)

/* So many bad rows are told one by one. */
#define SOURCE_TOLD 5u

/* A file that is being read. */
struct reading {
	const struct source_want *want;
	struct gust_task *task;
	struct book *book;
	struct csv csv;
	bool begun;                      /* its header was read */
	size_t keys[SOURCE_COLUMNS_MAX]; /* where the columns stand */
	size_t adds[SOURCE_COLUMNS_MAX];
	size_t columns;
	struct buffer key, row;
	uint64_t bad;
};

static int reading_find(struct reading *reading, const char *name, size_t *at,
			struct gust_error *error)
{
	struct gust_text text;
	size_t i;

	for (i = 0; i < reading->csv.count; i++) {
		text = csv_text(&reading->csv, i);
		if (text.length == strlen(name) &&
		    memcmp(text.data, name, text.length) == 0) {
			*at = i;
			return 0;
		}
	}
	return gust_error_set(error, -EINVAL,
			      "%s: no column is named '%.80s', expected it in "
			      "the first line",
			      reading->want->path, name);
}

static int reading_header(struct reading *reading, struct gust_error *error)
{
	const struct source_want *want = reading->want;
	size_t i;
	int r = 0;

	for (i = 0; i < want->on->count && r == 0; i++)
		r = reading_find(reading, want->on->values[i],
				 &reading->keys[i], error);
	for (i = 0; i < want->add->count && r == 0; i++)
		r = reading_find(reading, want->add->keys[i], &reading->adds[i],
				 error);
	reading->columns = reading->csv.count;
	reading->begun = true;
	return r;
}

/* Appends a column's value. -EINVAL: it is none of that type. */
static int reading_value(struct reading *reading, size_t column,
			 enum gust_type type, struct buffer *row)
{
	const struct gust_text text = csv_text(&reading->csv, column);
	struct gust_value value = gust_null();
	int r = 0;

	if (!csv_is_null(&reading->csv, column))
		r = cast_text(text.data, text.length, type, &value);
	return r < 0 ? -EINVAL : row_append(row, &value, 1);
}

/* -EINVAL: the row is bad, which `why` says. */
static int reading_row(struct reading *reading, struct gust_error *why)
{
	const struct source_want *want = reading->want;
	size_t i;
	int r = 0;

	if (reading->csv.count != reading->columns)
		return gust_error_set(why, -EINVAL, "%zu columns, expected %zu",
				      reading->csv.count, reading->columns);
	reading->key.used = reading->row.used = 0;
	for (i = 0; i < want->on->count && r == 0; i++) {
		r = reading_value(reading, reading->keys[i], want->key_types[i],
				  &reading->key);
		if (r == -EINVAL)
			gust_error_set(why, r, "column '%s' is no %s",
				       want->on->values[i],
				       gust_type_name(want->key_types[i]));
	}
	for (i = 0; i < want->add->count && r == 0; i++) {
		r = reading_value(reading, reading->adds[i], want->types[i],
				  &reading->row);
		if (r == -EINVAL)
			gust_error_set(why, r, "column '%s' is no %s",
				       want->add->keys[i],
				       gust_type_name(want->types[i]));
	}
	if (r < 0)
		return r;
	return book_put(
		reading->book,
		(struct gust_text){ reading->key.data, reading->key.used },
		(struct gust_text){ reading->row.data, reading->row.used });
}

/* A record is complete, or has a mistake. */
static int reading_record(struct reading *reading, int found,
			  struct gust_error *error)
{
	struct gust_error why = { 0 };
	int r;

	if (found == CSV_RECORD && reading->csv.count == 0)
		return 0;
	if (!reading->begun && found == CSV_MISTAKE) {
		(void)csv_mistake(&reading->csv, &why);
		return gust_error_set(error, -EINVAL, "%s: %s",
				      reading->want->path, why.text);
	}
	if (!reading->begun)
		return reading_header(reading, error);
	r = found == CSV_MISTAKE ? csv_mistake(&reading->csv, &why)
				 : reading_row(reading, &why);
	if (r != -EINVAL)
		return r;
	if (reading->bad++ < SOURCE_TOLD)
		gust_log(reading->task, GUST_LOG_WARN, "%s:%llu: %s",
			 reading->want->path,
			 (unsigned long long)reading->csv.line, why.text);
	return 0;
}

static int reading_block(struct reading *reading, const char *data, size_t n,
			 struct gust_error *error)
{
	const bool end = n == 0;
	size_t taken;
	int r;

	do {
		r = csv_parse(&reading->csv, data, n, end, &taken);
		if (r <= CSV_MORE)
			return r;
		r = reading_record(reading, r, error);
		data += taken;
		n -= taken;
	} while (r == 0);
	return r;
}

static int reading_all(struct reading *reading, struct infile *file,
		       struct gust_error *error)
{
	char *block = malloc(SOURCE_BLOCK);
	bool first = true;
	ssize_t n = 1;
	size_t skip;
	int r = block == NULL ? -ENOMEM : 0;

	while (r == 0 && n != 0) {
		n = infile_read(file, block, SOURCE_BLOCK, error);
		if (n == -EINTR)
			continue;
		if (n < 0) {
			r = (int)n;
			break;
		}
		skip = first && n >= 3 && memcmp(block, "\xef\xbb\xbf", 3) == 0
			       ? 3
			       : 0;
		first = false;
		r = reading_block(reading, block + skip, (size_t)n - skip,
				  error);
	}
	free(block);
	if (r == 0 && !reading->begun)
		r = gust_error_set(error, -EINVAL,
				   "%s: it is empty, expected a first line "
				   "with the names of its columns",
				   reading->want->path);
	return r;
}

int source_read_csv(const struct source_want *want, struct gust_task *task,
		    struct book *book, uint64_t *bad, struct gust_error *error)
{
	struct reading reading = { .want = want, .task = task, .book = book };
	struct infile file = { .fd = -1 };
	int r = infile_open(&file, want->path, error);

	if (r < 0)
		return r;
	csv_init(&reading.csv, &want->dialect, 0);
	r = reading_all(&reading, &file, error);
	*bad = reading.bad;
	csv_destroy(&reading.csv);
	buffer_destroy(&reading.key);
	buffer_destroy(&reading.row);
	infile_close(&file);
	return r;
}
