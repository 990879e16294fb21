/* SPDX-License-Identifier: MIT */

/*
 * write_csv: writes every tuple to a file as a row of CSV.
 *
 * A row has the fields that `columns` names, in that order, or all fields if it
 * is left out; then all inputs must have the same ones. Each file begins with a
 * line of their names, unless `header` is false. Values are in quotes only
 * where they hold a delimiter, a quote or a line end; a quote within is
 * doubled, as RFC 4180 says. Null is written as `null`, by default as nothing,
 * and a text that looks the same, such as the empty one, is put in quotes, so
 * that the two can be told apart. Rows end with LF. Without quotes
 * (`quote: ""`) a tuple whose value would need them is rejected.
 *
 * A file that is there already is continued only if it begins with the same
 * header line. For the path, rotation, `fsync` and what a crash leaves see the
 * manual of write_lines: all of that is the same.
 *
 * Input:
 *	any streams that have all columns
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: out
 *	    plugin: write_csv
 *	    options: {path: out.csv, columns: [id, value]}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>
#include <gust/kit/csv.h>
#include <gust/kit/forward.h>
#include <gust/kit/outfile.h>

struct write_csv {
	struct outfile file;      /* first, for its callbacks */
	struct gust_list columns; /* option; empty: all */
	bool header;              /* option */
	const char *delimiter;    /* option */
	const char *quote;        /* option */
	const char *null;         /* option */

	struct csv_dialect dialect; /* from declare() */
	struct gust_field *fields;
	struct gust_value *values; /* of the row at hand, or the names */
	size_t count;
};

static const struct gust_option write_csv_options[] = {
	OUTFILE_OPTIONS,
	{ .name = "columns",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct write_csv, columns),
	  .help = "the fields to write; all of them if left out" },
	{ .name = "header",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct write_csv, header),
	  .fallback = "true",
	  .help = "whether a file begins with the names of the columns" },
	{ .name = "delimiter",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct write_csv, delimiter),
	  .fallback = ",",
	  .help = "the byte between two values; \\t is a tab" },
	{ .name = "quote",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct write_csv, quote),
	  .fallback = "\"\\\"\"",
	  .help = "the byte around values that need it; empty for none" },
	{ .name = "null",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct write_csv, null),
	  .help = "what null is written as; nothing if left out" },
	{ .name = NULL },
};

static int write_csv_declare(void *self, struct gust_declaration *about,
			     struct gust_error *error)
{
	struct write_csv *csv = self;
	const struct gust_column *all;
	enum gust_type type;
	size_t i;
	int r = csv_dialect(&csv->dialect, csv->delimiter, csv->quote,
			    csv->null, error);

	for (i = 0; r == 0 && i < csv->columns.count; i++)
		r = gust_declared_type(about, csv->columns.items[i], &type,
				       error);
	if (r == 0 && csv->columns.count == 0)
		r = forward_columns(about, &all, error);
	if (r < 0)
		return r;
	csv->file.quote = csv->dialect.quotes ? csv->dialect.quote : '\0';
	return outfile_check(&csv->file, about, error);
}

/* The name of a column. */
static const char *write_csv_name(const struct write_csv *csv,
				  struct gust_task *task, size_t column)
{
	if (csv->columns.count > 0)
		return csv->columns.items[column];
	return gust_task_input(task, 0)->columns[column].name;
}

/* Finds the columns, and writes the line of their names. */
static int write_csv_find(struct write_csv *csv, struct gust_task *task,
			  struct gust_error *error)
{
	const char *name;
	size_t i, bad;
	int r;

	for (i = 0; i < csv->count; i++) {
		name = write_csv_name(csv, task, i);
		r = gust_field(task, name, GUST_NULL, &csv->fields[i], error);
		if (r < 0)
			return r;
		csv->values[i] = gust_string(name, strlen(name));
	}
	if (!csv->header)
		return 0;
	r = csv_write(&csv->dialect, csv->values, csv->count, &csv->file.head,
		      &bad);
	if (r != -EINVAL)
		return r;
	return gust_error_set(error, r,
			      "the name '%s' needs quotes, expected an option "
			      "'quote'",
			      write_csv_name(csv, task, bad));
}

static int write_csv_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct write_csv *csv = self;
	int r;

	csv->count = csv->columns.count;
	if (csv->count == 0)
		csv->count = columns_count(gust_task_input(task, 0)->columns);
	csv->fields = calloc(csv->count + 1, sizeof(*csv->fields));
	csv->values = calloc(csv->count + 1, sizeof(*csv->values));
	if (csv->fields == NULL || csv->values == NULL)
		return -ENOMEM;
	r = write_csv_find(csv, task, error);
	return r == 0 ? outfile_open(&csv->file, task, error) : r;
}

static int write_csv_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct write_csv *csv = self;
	int r = outfile_begin(&csv->file, task);
	size_t i, bad = 0;

	for (i = 0; i < csv->count; i++)
		csv->values[i] = gust_value(in, csv->fields[i]);
	if (r == 0)
		r = csv_write(&csv->dialect, csv->values, csv->count,
			      &csv->file.gather.bytes, &bad);
	if (r == -EINVAL)
		r = gust_reject(task, in,
				"field '%s' needs quotes, and there are none",
				write_csv_name(csv, task, bad));
	return outfile_end(&csv->file, task, in, r);
}

static void write_csv_close(void *self)
{
	struct write_csv *csv = self;

	outfile_close(&csv->file);
	free(csv->fields);
	free(csv->values);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "write_csv",
	.summary = "writes every tuple to a file as a row of CSV",
	.options = write_csv_options,
	.instance_size = sizeof(struct write_csv),
	.flags = GUST_DEDICATED,
	.declare = write_csv_declare,
	.open = write_csv_open,
	.execute = write_csv_execute,
	.timer = outfile_timer,
	.idle = outfile_flush,
	.flush = outfile_flush,
	.finish = outfile_finish,
	.close = write_csv_close,
};
