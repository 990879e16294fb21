/* SPDX-License-Identifier: MIT */

/*
 * csv: reads the rows of CSV files.
 *
 * CSV is what RFC 4180 says: columns with `delimiter` between them, values that
 * may be in quotes and then hold delimiters, line ends and doubled quotes. A
 * byte order mark, CRLF, empty lines and a last line without an end are fine.
 * Files of other kinds have another `delimiter`, another `quote` or none,
 * `comment` lines, which begin with that byte, or spaces around values, which
 * `trim` takes off where there are no quotes.
 *
 * `outputs` says which fields there are, of which types: bool (true, false,
 * yes, no, on, off, 1, 0), decimal int, float, json, string or bytes. With
 * `header` the first row of each file names the columns; they are found by
 * name, whatever their order, and those that no field names are left out.
 * Without it the columns are the fields in their order. A value that reads as
 * `null` and is not in quotes, by default an empty one, is null.
 *
 * A row with more or fewer columns than there are, with a mistake in its
 * quotes, with a value of another type or one that is too long for a tuple
 * goes to the dead letters with file, line and reason. Where a quote is never
 * closed, or a row does not end within topology.tuple.max.bytes, the line in
 * which it begins is rejected and the next one begins a row. A file whose
 * header lacks a field fails the run; with `follow` it is rejected.
 *
 * Which files are read, how compressed ones are, positions, and what `follow`
 * does: all of that is as in the manual of lines. To know the numbers of lines,
 * a later run reads a file from its beginning up to its position.
 *
 * Output:
 *	default: what `outputs` says
 *
 * Example:
 *	spouts:
 *	  - id: rows
 *	    plugin: csv
 *	    options: {files: "orders-*.csv.gz", delimiter: ";"}
 *	    outputs: {default: {id: int, customer: string, total: float}}
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/columns.h>
#include <gust/kit/csv.h>
#include <gust/kit/intake.h>
#include <gust/spout.h>

struct rows {
	struct intake intake;
	const char *delimiter; /* options */
	const char *quote;
	const char *null;
	const char *comment;
	bool header;
	bool trim;

	struct csv_dialect dialect; /* from declare() */
	const struct gust_column *columns;
	size_t count;
	struct gust_value *values; /* of the row at hand */
};

/* Of one file. */
struct rows_file {
	struct csv csv;
	size_t fed;   /* so many bytes of the text has the parser seen */
	bool begun;   /* a byte order mark would have been passed */
	bool headed;  /* the columns are known */
	bool skips;   /* the rest of a line */
	size_t width; /* how many columns there are */
	size_t *map;  /* to fields, or SIZE_MAX; NULL: in their order */
};

static const struct gust_option rows_options[] = {
	INTAKE_OPTIONS(rows, intake),
	{ .name = "header",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct rows, header),
	  .fallback = "true",
	  .help = "the first row of each file names the columns" },
	{ .name = "delimiter",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct rows, delimiter),
	  .fallback = ",",
	  .help = "the byte between columns; \\t is a tab" },
	{ .name = "quote",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct rows, quote),
	  .fallback = "\"\\\"\"",
	  .help = "the byte around values; empty if there is none" },
	{ .name = "null",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct rows, null),
	  .help = "what null is written as; nothing if left out" },
	{ .name = "comment",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct rows, comment),
	  .help = "the byte with which lines begin that are left out" },
	{ .name = "trim",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct rows, trim),
	  .fallback = "false",
	  .help = "spaces and tabs around values do not belong to them" },
	{ .name = NULL },
};

static int rows_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	struct rows *rows = self;
	int r = csv_dialect(&rows->dialect, rows->delimiter, rows->quote,
			    rows->null, error);

	if (r < 0)
		return r;
	if (rows->comment != NULL &&
	    (rows->comment[0] == '\0' || rows->comment[1] != '\0' ||
	     rows->comment[0] == rows->dialect.delimiter ||
	     (rows->dialect.quotes && rows->comment[0] == rows->dialect.quote)))
		return gust_error_set(error, -EINVAL,
				      "option 'comment' is '%s', expected one "
				      "byte that is no delimiter and no quote",
				      rows->comment);
	if (gust_declared_outputs(about) != 1)
		return gust_error_set(
			error, -EINVAL,
			"%s, expected the columns in one stream, as in "
			"'outputs: {default: {id: int, value: string}}'",
			gust_declared_outputs(about) == 0
				? "'outputs' is missing"
				: "there are several streams in 'outputs'");
	return intake_declare(&rows->intake, about, error);
}

/* At the end of a file. */
static void rows_fini(void *state)
{
	struct rows_file *file = state;

	csv_destroy(&file->csv);
	free(file->map);
}

static int rows_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct rows *rows = self;

	rows->columns = gust_task_output(task, 0)->columns;
	rows->count = columns_count(rows->columns);
	rows->values = calloc(rows->count + 1, sizeof(*rows->values));
	if (rows->values == NULL)
		return -ENOMEM;
	rows->intake.numbered = true;
	rows->intake.headed = rows->header;
	rows->intake.state_size = sizeof(struct rows_file);
	rows->intake.state_fini = rows_fini;
	return intake_open(&rows->intake, task, error);
}

/* The bytes of a field of the row, with what `trim` says. */
static struct gust_text rows_text(const struct rows *rows,
				  const struct csv *csv, size_t field)
{
	struct gust_text text = csv_text(csv, field);

	if (!rows->trim || csv_is_quoted(csv, field))
		return text;
	while (text.length > 0 &&
	       (text.data[0] == ' ' || text.data[0] == '\t')) {
		text.data++;
		text.length--;
	}
	while (text.length > 0 && (text.data[text.length - 1] == ' ' ||
				   text.data[text.length - 1] == '\t'))
		text.length--;
	return text;
}

static bool rows_is(struct gust_text text, const char *string)
{
	return text.length == strlen(string) &&
	       memcmp(text.data, string, text.length) == 0;
}

static bool rows_is_null(const struct rows *rows, const struct csv *csv,
			 size_t field)
{
	if (!rows->trim || csv_is_quoted(csv, field))
		return csv_is_null(csv, field);
	return rows_is(rows_text(rows, csv, field),
		       rows->null != NULL ? rows->null : "");
}

/* What a header that lacks a column has; others encode other names. */
static int rows_no_column(const struct rows *rows, const struct csv *csv,
			  const char *name, struct gust_error *error)
{
	struct gust_text text = rows_text(rows, csv, 0);
	char list[200] = "";
	size_t i, used = 0;

	if (text.length >= 2 && (memcmp(text.data, "\xff\xfe", 2) == 0 ||
				 memcmp(text.data, "\xfe\xff", 2) == 0))
		return gust_error_set(error, -EINVAL,
				      "'%s' is in UTF-16, expected UTF-8",
				      rows->intake.text->path);
	for (i = 0; i < csv->count && used < sizeof(list); i++) {
		text = rows_text(rows, csv, i);
		used += (size_t)snprintf(
			list + used, sizeof(list) - used, "%s'%.*s'",
			i > 0 ? ", " : "",
			text.length < 100 ? (int)text.length : 100, text.data);
	}
	return gust_error_set(error, -EINVAL,
			      "'%s': the header has no column '%s', expected "
			      "one of %s",
			      rows->intake.text->path, name, list);
}

/* Finds the column of a field in the header. -EINVAL sets `error`. */
static int rows_find(const struct rows *rows, const struct rows_file *file,
		     size_t number, struct gust_error *error)
{
	const char *name = rows->columns[number].name;
	size_t i, found = 0;

	for (i = 0; i < file->width; i++) {
		if (!rows_is(rows_text(rows, &file->csv, i), name))
			continue;
		file->map[i] = number;
		found++;
	}
	if (found == 1)
		return 0;
	if (found == 0)
		return rows_no_column(rows, &file->csv, name, error);
	return gust_error_set(error, -EINVAL,
			      "'%s': the header has more than one column "
			      "'%s', expected one",
			      rows->intake.text->path, name);
}

/* Reads the names of the columns. */
static int rows_header(struct rows *rows, struct gust_task *task)
{
	struct intake *intake = &rows->intake;
	struct rows_file *file = intake->text->state;
	struct gust_error error = { 0 };
	size_t i;
	int r = 0;

	file->width = file->csv.count;
	file->map = calloc(file->width, sizeof(*file->map));
	if (file->map == NULL)
		return -ENOMEM;
	for (i = 0; i < file->width; i++)
		file->map[i] = SIZE_MAX;
	for (i = 0; i < rows->count && r == 0; i++)
		r = rows_find(rows, file, i, &error);
	if (r < 0)
		return intake_give_up(intake, task, &error);
	file->headed = true;
	intake_take(intake, file->fed);
	file->fed = 0;
	return intake_resume(intake, task);
}

/* Rejects the row of `n` bytes and takes it. */
static int rows_reject(struct rows *rows, struct gust_task *task, size_t n,
		       const char *reason)
{
	struct rows_file *file = rows->intake.text->state;
	int r = intake_reject(&rows->intake, task, n, "%s", reason);

	intake_take(&rows->intake, n);
	file->fed = 0;
	return r;
}

/*
 * Rejects the first line of what should be a row and begins anew behind it:
 * most often a quote is wrong, and the other lines are good ones.
 */
static int rows_resync(struct rows *rows, struct gust_task *task,
		       const char *reason)
{
	const struct intake_text *text = rows->intake.text;
	struct rows_file *file = text->state;
	const char *end = memchr(text->data, '\n', text->length);

	csv_reset(&file->csv);
	if (end != NULL)
		return rows_reject(rows, task, (size_t)(end - text->data) + 1,
				   reason);
	file->skips = !text->ended;
	return rows_reject(rows, task, text->length, reason);
}

/* Goes on behind the line, of which some has been dealt with. */
static int rows_skip(struct rows *rows, struct gust_task *task)
{
	const struct intake_text *text = rows->intake.text;
	struct rows_file *file = text->state;
	const char *end = memchr(text->data, '\n', text->length);

	file->skips = end == NULL && !text->ended;
	intake_take(&rows->intake, end != NULL ? (size_t)(end - text->data) + 1
					       : text->length);
	return file->skips ? intake_fill(&rows->intake, task) : GUST_EMITTED;
}

/* Fills the values in; -EINVAL sets `error`. */
static int rows_values(struct rows *rows, const struct rows_file *file,
		       struct gust_error *error)
{
	const struct gust_column *column;
	struct gust_text text;
	size_t i, to;
	int r;

	for (i = 0; i < file->width; i++) {
		to = file->map == NULL ? i : file->map[i];
		if (to == SIZE_MAX)
			continue;
		column = &rows->columns[to];
		text = rows_text(rows, &file->csv, i);
		rows->values[to] = gust_null();
		if (rows_is_null(rows, &file->csv, i))
			continue;
		r = cast_text(text.data, text.length, column->type,
			      &rows->values[to]);
		if (r < 0)
			return gust_error_set(
				error, -EINVAL,
				"field '%s' is '%.*s', expected %s",
				column->name,
				(int)(text.length < 40 ? text.length : 40),
				text.data, gust_type_name(column->type));
	}
	return 0;
}

/* Emits the row that the parser has read. */
static int rows_emit(struct rows *rows, struct gust_task *task)
{
	struct rows_file *file = rows->intake.text->state;
	struct gust_error error = { 0 };
	size_t n = file->fed;
	int r = 0;

	if (file->csv.count != file->width)
		r = gust_error_set(
			&error, -EINVAL, "%zu column%s, expected %zu",
			file->csv.count, file->csv.count == 1 ? "" : "s",
			file->width);
	if (r == 0)
		r = rows_values(rows, file, &error);
	if (r == 0 &&
	    columns_size(rows->values, rows->count) > gust_tuple_max(task))
		r = gust_error_set(&error, -EINVAL,
				   "the row does not fit into "
				   "topology.tuple.max.bytes, %zu",
				   gust_tuple_max(task));
	if (r < 0)
		return rows_reject(rows, task, n, error.text);
	file->fed = 0;
	return intake_emit(&rows->intake, task, rows->values, rows->count, n);
}

/* What the parser has come to is a row, or a mistake. */
static int rows_parsed(struct rows *rows, struct gust_task *task, int result)
{
	struct rows_file *file = rows->intake.text->state;
	const struct csv *csv = &file->csv;
	struct gust_error error = { 0 };

	if (result == CSV_MISTAKE) {
		csv_mistake(csv, &error);
		return csv_is_open(csv)
			       ? rows_resync(rows, task, error.text)
			       : rows_reject(rows, task, file->fed, error.text);
	}
	if (csv->count == 0 ||
	    (rows->trim && csv->count == 1 && !csv_is_quoted(csv, 0) &&
	     rows_text(rows, csv, 0).length == 0)) {
		intake_take(&rows->intake, file->fed);
		file->fed = 0;
		return GUST_EMITTED;
	}
	return file->headed ? rows_emit(rows, task) : rows_header(rows, task);
}

/* Begins a file. 0: it takes more bytes; 1: it has begun. */
static int rows_begin(struct rows *rows)
{
	static const char mark[] = { '\xef', '\xbb', '\xbf' };
	const struct intake_text *text = rows->intake.text;
	struct rows_file *file = text->state;
	size_t n = text->length < sizeof(mark) ? text->length : sizeof(mark);
	bool marked = text->offset == 0 && memcmp(text->data, mark, n) == 0;

	if (marked && n < sizeof(mark) && !text->ended)
		return 0;
	if (marked && n == sizeof(mark))
		intake_take(&rows->intake, n);
	csv_init(&file->csv, &rows->dialect, 0);
	file->begun = true;
	if (!rows->header) {
		file->headed = true;
		file->width = rows->count;
	}
	return 1;
}

static int rows_next(void *self, struct gust_task *task)
{
	struct rows *rows = self;
	const struct intake_text *text = rows->intake.text;
	struct rows_file *file;
	size_t taken;
	int r;

	if (text == NULL)
		return intake_fill(&rows->intake, task);
	file = text->state;
	if (!file->begun && rows_begin(rows) == 0)
		return intake_fill(&rows->intake, task);
	if (rows->comment != NULL && file->fed == 0 && text->length > 0 &&
	    text->data[0] == rows->comment[0])
		file->skips = true;
	if (file->skips)
		return rows_skip(rows, task);
	r = csv_parse(&file->csv, text->data + file->fed,
		      text->length - file->fed, text->ended, &taken);
	if (r < 0)
		return r;
	file->fed += taken;
	if (r != CSV_MORE)
		return rows_parsed(rows, task, r);
	if (text->ended)
		return intake_leave(&rows->intake, task);
	if (text->length > gust_tuple_max(task))
		return rows_resync(rows, task,
				   "the row does not end within "
				   "topology.tuple.max.bytes");
	return intake_fill(&rows->intake, task);
}

static int rows_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct rows *rows = self;

	(void)events;
	return intake_ready(&rows->intake, task, fd);
}

static void rows_close(void *self)
{
	struct rows *rows = self;

	intake_close(&rows->intake);
	free(rows->values);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "csv",
	.summary = "reads the rows of CSV files",
	.options = rows_options,
	.instance_size = sizeof(struct rows),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_POSITION,
	.declare = rows_declare,
	.open = rows_open,
	.next = rows_next,
	.ready = rows_ready,
	.close = rows_close,
};
