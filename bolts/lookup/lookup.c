/* SPDX-License-Identifier: MIT */

/*
 * lookup: adds what a file or a database knows of each tuple.
 *
 * `file` is a file of CSV, which may be compressed (gzip, zstd) and whose first
 * line names its columns, or, with `table`, a file of SQLite, or, with `format:
 * lmdb`, what LMDB has written. `on` says which fields of the tuple must be
 * equal to which columns, `add` which columns the tuple gets, and of which
 * types they are (bool, int, float, string, bytes or json). Where no row fits,
 * and where a field of `on` is null, the new fields are null, or with
 * `missing: stream` the tuple goes to the stream `missing` as it came; where
 * nothing takes that stream, it is done.
 *
 * CSV is read into memory as a whole, by each task; of rows with the same key
 * the last one counts. At a tuple, but not more often than every `check`, it is
 * looked whether the file has changed, by its size, time or identity; if it
 * cannot be read then, the rows of before stay, and the log says so. Replace it
 * by renaming a new one over it, so that no half of it is read. Rows that do
 * not fit are left out, told in the log, and counted in `bad_rows`.
 *
 * SQLite is asked for each key once: up to `cache` answers are remembered, and
 * forgotten when another connection has written to the file, which is looked
 * for every `check`, too. Have an index on the columns. A file that is locked
 * is waited for. If several rows fit, any one of them is taken.
 *
 * LMDB has pairs of a key and a value, in a folder or in a file. `on` is then
 * `{FIELD: key}`: the key is the text of that field, of an int its decimal
 * digits. The value is an object of JSON, whose members are the columns; a
 * member that is missing is null. With `add: {value: TYPE}` the column is the
 * value itself, a text of that type. `table` names one of several databases.
 * Answers are remembered as those of SQLite are, until somebody has committed
 * to it. It is opened to be read only, and must not be replaced within its
 * folder; another folder in the place of the folder is seen.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the fields of the input, then those of `add`
 *	missing: the fields of the input (with `missing: stream`)
 *
 * Example:
 *	bolts:
 *	  - id: named
 *	    plugin: lookup
 *	    options:
 *	      file: products.csv
 *	      on: {product: id}
 *	      add: {name: string, price: float}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/cast.h>
#include <gust/kit/columns.h>
#include <gust/kit/forward.h>
#include <gust/kit/row.h>

#include "source.h"

enum lookup_missing { LOOKUP_NULL, LOOKUP_STREAM };

#define LOOKUP_STREAM_MISSING 1u

struct lookup {
	struct gust_map on; /* options */
	struct gust_map add;
	const char *file;
	const char *table;
	const char *delimiter;
	int format, missing;
	uint64_t check;
	int64_t cache;

	struct source_want want;
	struct source source;        /* that is asked */
	struct infile_status status; /* of the file of CSV that was read */
	struct book book;
	struct forward forward;
	struct gust_field fields[SOURCE_COLUMNS_MAX]; /* of `on` */
	struct gust_value *row;
	struct buffer key, found;
	struct gust_counter *missed, *bad_rows;
	bool troubled; /* the log was told that it cannot be read */
	uint64_t due;  /* when it is looked at again */
};

static const char *const lookup_formats[] = { "auto", "csv", "sqlite", "lmdb",
					      NULL };
static const char *const lookup_missings[] = { "null", "stream", NULL };

static const struct gust_option lookup_options[] = {
	{ .name = "file",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct lookup, file),
	  .help = "the file; of LMDB the folder, too",
	  .flags = GUST_REQUIRED },
	{ .name = "table",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct lookup, table),
	  .help = "the table of SQLite; of LMDB the name of a database" },
	{ .name = "format",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct lookup, format),
	  .fallback = "auto",
	  .help = "what the file is; auto: sqlite with `table`, else csv",
	  .choices = lookup_formats },
	{ .name = "on",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct lookup, on),
	  .help = "what must be equal: {field: column}, at most 64",
	  .flags = GUST_REQUIRED },
	{ .name = "add",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct lookup, add),
	  .help = "the new fields: {column: type}, at most 64",
	  .flags = GUST_REQUIRED },
	{ .name = "missing",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct lookup, missing),
	  .fallback = "null",
	  .help = "what becomes of tuples that no row fits",
	  .choices = lookup_missings },
	{ .name = "check",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct lookup, check),
	  .fallback = "5s",
	  .help = "how often it is looked whether the file has changed",
	  .min = 1e6,
	  .max = 30 * 86400e9 },
	{ .name = "cache",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct lookup, cache),
	  .fallback = "100000",
	  .help = "how many answers are remembered, not of CSV; 0: none",
	  .min = 0,
	  .max = 1e9 },
	{ .name = "delimiter",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct lookup, delimiter),
	  .fallback = "\",\"",
	  .help = "the byte between the columns of CSV; \\t for a tab" },
	{ .name = NULL },
};

/* Decides what the file is, and looks if the other options fit. */
static int lookup_check_format(struct lookup *lookup, struct gust_error *error)
{
	const enum source_format format =
		lookup->format != SOURCE_AUTO
			? (enum source_format)lookup->format
		: lookup->table != NULL ? SOURCE_SQLITE
					: SOURCE_CSV;

	lookup->want.format = format;
	if (format == SOURCE_CSV && lookup->table != NULL)
		return gust_error_set(error, -EINVAL,
				      "option 'table' is '%.80s', but CSV has "
				      "no tables",
				      lookup->table);
	if (format == SOURCE_SQLITE && lookup->table == NULL)
		return gust_error_set(error, -EINVAL,
				      "option 'format' is 'sqlite', expected "
				      "option 'table' beside it");
	if (format == SOURCE_LMDB && !pairs_built_in)
		return gust_error_set(
			error, -ENOTSUP,
			"option 'format' is 'lmdb', but this gust "
			"was built without LMDB");
	if (format == SOURCE_LMDB &&
	    (lookup->on.count != 1 || strcmp(lookup->on.values[0], "key") != 0))
		return gust_error_set(
			error, -EINVAL,
			"option 'on' has %zu columns, the first "
			"one '%.80s', expected of LMDB only 'key'",
			lookup->on.count, lookup->on.values[0]);
	return 0;
}

/* The fields of `on`, and the types of `add`. */
static int lookup_check(struct lookup *lookup,
			const struct gust_declaration *about,
			struct gust_error *error)
{
	const struct gust_map *on = &lookup->on, *add = &lookup->add;
	struct gust_error why = { 0 };
	size_t i;
	int r = 0;

	if (on->count == 0 || on->count > SOURCE_COLUMNS_MAX ||
	    add->count == 0 || add->count > SOURCE_COLUMNS_MAX)
		return gust_error_set(error, -EINVAL,
				      "options 'on' and 'add' have %zu and %zu "
				      "columns, expected 1 to %u of each",
				      on->count, add->count,
				      SOURCE_COLUMNS_MAX);
	r = lookup_check_format(lookup, error);
	for (i = 0; i < on->count && r == 0; i++)
		r = gust_declared_type(about, on->keys[i],
				       &lookup->want.key_types[i], error);
	for (i = 0; i < add->count && r == 0; i++) {
		r = cast_type(add->values[i], &lookup->want.types[i], &why);
		if (r < 0)
			gust_error_set(error, r, "option 'add': %s", why.text);
	}
	return r < 0 ? r
		     : csv_dialect(&lookup->want.dialect, lookup->delimiter,
				   NULL, NULL, error);
}

static int lookup_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	struct lookup *lookup = self;
	const struct gust_column *input;
	struct gust_column *columns;
	size_t i, n;
	int r = forward_columns(about, &input, error);

	if (r == 0)
		r = lookup_check(lookup, about, error);
	if (r < 0)
		return r;
	n = columns_count(input);
	columns = calloc(n + lookup->add.count + 1, sizeof(*columns));
	if (columns == NULL)
		return -ENOMEM;
	memcpy(columns, input, n * sizeof(*columns));
	for (i = 0; i < lookup->add.count; i++) {
		columns[n + i].name = lookup->add.keys[i];
		columns[n + i].type = lookup->want.types[i];
	}
	r = gust_declare_stream(about, "default", columns);
	free(columns);
	if (r == 0 && lookup->missing == LOOKUP_STREAM)
		r = gust_declare_stream(about, "missing", input);
	return r;
}

/* Reads the file of CSV, in place of what was read before. */
static int lookup_read(struct lookup *lookup, struct gust_task *task,
		       struct gust_error *error)
{
	struct infile_status status;
	struct book book = { 0 };
	uint64_t bad = 0;
	int r = infile_look(lookup->file, &status);

	if (r < 0)
		return gust_error_set(error, r, "%s: %s", lookup->file,
				      strerror(-r));
	r = source_read_csv(&lookup->want, task, &book, &bad, error);
	if (r < 0) {
		book_destroy(&book);
		return r;
	}
	book_destroy(&lookup->book);
	lookup->book = book;
	lookup->status = status;
	gust_counter_add(lookup->bad_rows, bad);
	return 0;
}

static int lookup_open_all(struct lookup *lookup, struct gust_task *task,
			   struct gust_error *error)
{
	size_t i;
	int r = forward_open(&lookup->forward, task, error);

	for (i = 0; i < lookup->on.count && r == 0; i++)
		r = gust_field(task, lookup->on.keys[i], GUST_NULL,
			       &lookup->fields[i], error);
	if (r < 0)
		return r;
	lookup->row = calloc(lookup->forward.count + lookup->add.count + 1,
			     sizeof(*lookup->row));
	if (lookup->row == NULL)
		return -ENOMEM;
	return lookup->want.format != SOURCE_CSV
		       ? source_open(&lookup->source, &lookup->want, error)
		       : lookup_read(lookup, task, error);
}

static int lookup_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct lookup *lookup = self;
	int r;

	lookup->want.path = lookup->file;
	lookup->want.table = lookup->table;
	lookup->want.on = &lookup->on;
	lookup->want.add = &lookup->add;
	lookup->missed = gust_counter(task, "missed");
	lookup->bad_rows = gust_counter(task, "bad_rows");
	r = lookup_open_all(lookup, task, error);
	lookup->due = gust_now(task) + lookup->check;
	return r;
}

/* Asks the source, and remembers what it says, also that it has nothing. */
static int lookup_ask(struct lookup *lookup, struct gust_task *task,
		      const struct gust_value *key, struct gust_text *found)
{
	const struct gust_text bytes = { lookup->key.data, lookup->key.used };
	struct gust_error error = { 0 };
	int r;

	if (lookup->book.used >= (size_t)lookup->cache)
		book_destroy(&lookup->book);
	lookup->found.used = 0;
	r = source_find(&lookup->source, &lookup->want, key, &lookup->found,
			&error);
	if (r == -EAGAIN)
		return gust_not_now(task, "%s", error.text);
	if (r < 0) {
		gust_log(task, GUST_LOG_WARN, "%s", error.text);
		return r;
	}
	found->data = lookup->found.used > 0 ? lookup->found.data : "";
	found->length = lookup->found.used;
	return lookup->cache > 0 ? book_put(&lookup->book, bytes, *found) : 0;
}

/* Finds the row of a tuple: empty if there is none. */
static int lookup_find(struct lookup *lookup, struct gust_task *task,
		       const struct gust_tuple *in, struct gust_text *found)
{
	struct gust_value key[SOURCE_COLUMNS_MAX];
	size_t i;
	int r;

	*found = (struct gust_text){ "", 0 };
	for (i = 0; i < lookup->on.count; i++) {
		key[i] = gust_value(in, lookup->fields[i]);
		if (key[i].type == GUST_NULL)
			return 0;
	}
	lookup->key.used = 0;
	r = row_append(&lookup->key, key, lookup->on.count);
	if (r < 0)
		return r;
	if (book_find(&lookup->book,
		      (struct gust_text){ lookup->key.data, lookup->key.used },
		      found))
		return 0;
	return lookup->want.format == SOURCE_CSV
		       ? 0
		       : lookup_ask(lookup, task, key, found);
}

/* Reads the file again if it is another one, or has been written to. */
static int lookup_refresh(struct lookup *lookup, struct gust_task *task,
			  struct gust_error *error)
{
	struct infile_status now;
	int r = infile_look(lookup->file, &now);

	if (r < 0)
		return gust_error_set(error, r, "%s: %s", lookup->file,
				      strerror(-r));
	if (infile_same(&now, &lookup->status) &&
	    now.size == lookup->status.size &&
	    now.modified == lookup->status.modified)
		return 0;
	return lookup_read(lookup, task, error);
}

/* The same with what is asked, of which only answers are kept. */
static int lookup_refresh_source(struct lookup *lookup,
				 struct gust_error *error)
{
	struct source fresh = { 0 };
	int r;

	if (!source_has_moved(&lookup->source)) {
		if (source_has_changed(&lookup->source))
			book_destroy(&lookup->book);
		return 0;
	}
	r = source_open(&fresh, &lookup->want, error);
	if (r < 0) {
		source_close(&fresh);
		return r;
	}
	source_close(&lookup->source);
	lookup->source = fresh;
	book_destroy(&lookup->book);
	return 0;
}

/* Looks whether it has changed, if it is time to. */
static void lookup_look(struct lookup *lookup, struct gust_task *task)
{
	struct gust_error error = { 0 };
	const uint64_t now = gust_now(task);
	int r;

	if (now < lookup->due)
		return;
	lookup->due = now + lookup->check;
	r = lookup->want.format != SOURCE_CSV
		    ? lookup_refresh_source(lookup, &error)
		    : lookup_refresh(lookup, task, &error);
	if (r < 0 && !lookup->troubled)
		gust_log(task, GUST_LOG_WARN, "%s; what was read before stays",
			 error.text[0] != '\0' ? error.text : strerror(-r));
	lookup->troubled = r < 0;
}

static int lookup_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct lookup *lookup = self;
	const size_t n = lookup->forward.count, added = lookup->add.count;
	struct gust_value *row = lookup->row;
	struct gust_text found;
	size_t i;
	int r;

	lookup_look(lookup, task);
	r = lookup_find(lookup, task, in, &found);

	if (r < 0)
		return r;
	forward_read(&lookup->forward, in);
	memcpy(row, lookup->forward.row, n * sizeof(*row));
	for (i = 0; i < added; i++)
		row[n + i] = gust_null();
	if (found.length == 0) {
		gust_counter_add(lookup->missed, 1);
		if (lookup->missing == LOOKUP_STREAM)
			return gust_emit_values(task, LOOKUP_STREAM_MISSING,
						row, n);
	} else if (!row_read(found, row + n, added)) {
		return -EBADMSG;
	}
	if (columns_size(row, n + added) > gust_tuple_max(task))
		return gust_reject(task, in,
				   "it is longer with what was found than a "
				   "tuple may be, %zu bytes",
				   gust_tuple_max(task));
	return gust_emit_values(task, 0, row, n + added);
}

static void lookup_close(void *self)
{
	struct lookup *lookup = self;

	source_close(&lookup->source);
	book_destroy(&lookup->book);
	forward_close(&lookup->forward);
	buffer_destroy(&lookup->key);
	buffer_destroy(&lookup->found);
	free(lookup->row);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "lookup",
	.summary = "adds what a file or a database knows of each tuple",
	.options = lookup_options,
	.instance_size = sizeof(struct lookup),
	.declare = lookup_declare,
	.open = lookup_open,
	.execute = lookup_execute,
	.close = lookup_close,
};
