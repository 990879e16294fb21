/* SPDX-License-Identifier: MIT */

/*
 * parse_csv: takes a row of CSV apart.
 *
 * The text must be one record as of RFC 4180, with or without a line end. Its
 * columns become the fields of `outputs` in their order, without those of
 * `keep`, each cast to its type: bool (true, false, yes, no, on, off, 1, 0),
 * decimal int, float, json or text. A column that reads as `null` and is not
 * in quotes, by default an empty one, is null. `keep` names fields of the
 * input that are emitted as they are; they stand in `outputs`, too.
 *
 * A record with more or fewer columns, one with a mistake in its quotes, or a
 * value that cannot be cast goes to the dead letters with its reason, or to
 * the stream `unparsed`.
 *
 * Whole files are what the spout csv is for: here a record that has a line end
 * within quotes must come in one text.
 *
 * Input:
 *	any streams with the field `field` (line), a text; for the stream
 *	`unparsed` all with the same fields
 * Output:
 *	default: what `outputs` says
 *	unparsed: the fields of the input and reason: string (with `unparsed:
 *	stream`)
 *
 * Example:
 *	bolts:
 *	  - id: row
 *	    plugin: parse_csv
 *	    options: {delimiter: ";", keep: line}
 *	    outputs: {default: {line: string, id: int, value: string}}
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>
#include <gust/kit/csv.h>
#include <gust/kit/extract.h>

struct parse_csv {
	const char *delimiter; /* options */
	const char *quote;
	const char *null;
	struct extract extract;

	struct csv_dialect dialect; /* from declare() */
	struct csv csv;
};

static const struct gust_option parse_csv_options[] = {
	EXTRACT_OPTIONS(struct parse_csv, extract),
	{ .name = "delimiter",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct parse_csv, delimiter),
	  .fallback = ",",
	  .help = "the byte between columns; \\t is a tab" },
	{ .name = "quote",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct parse_csv, quote),
	  .fallback = "\"\\\"\"",
	  .help = "the byte around values; empty if there is none" },
	{ .name = "null",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct parse_csv, null),
	  .help = "what null is written as; nothing if left out" },
	EXTRACT_UNPARSED_OPTION(struct parse_csv, extract),
	{ .name = NULL },
};

static int parse_csv_declare(void *self, struct gust_declaration *about,
			     struct gust_error *error)
{
	struct parse_csv *csv = self;
	int r = csv_dialect(&csv->dialect, csv->delimiter, csv->quote,
			    csv->null, error);

	if (r == 0)
		r = extract_declare(&csv->extract, about, NULL, false, error);
	return r < 0 ? r
		     : aside_declare(&csv->extract.aside, EXTRACT_UNPARSED,
				     about, error);
}

static int parse_csv_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct parse_csv *csv = self;
	int r = extract_open(&csv->extract, task, error);

	if (r < 0)
		return r;
	csv_init(&csv->csv, &csv->dialect, 0);
	return aside_open(&csv->extract.aside, EXTRACT_UNPARSED, task, error);
}

/* Reads the one record that a text must be. 0, -EINVAL with a reason, or
 * -ENOMEM. */
static int parse_csv_read(struct csv *csv, struct gust_text text,
			  struct gust_error *error)
{
	size_t taken = 0;
	int r;

	csv_reset(csv);
	r = csv_parse(csv, text.data, text.length, true, &taken);
	if (r < 0)
		return r;
	if (r == CSV_MISTAKE)
		return csv_mistake(csv, error);
	if (r == CSV_MORE || csv->count == 0)
		return gust_error_set(error, -EINVAL, "an empty line");
	if (taken < text.length)
		return gust_error_set(error, -EINVAL,
				      "more than one record, expected one");
	return 0;
}

static int parse_csv_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct parse_csv *csv = self;
	struct extract *extract = &csv->extract;
	struct gust_error error = { 0 };
	struct gust_text text;
	size_t i;
	int r;

	if (extract_begin(extract, task, in, &text, &r) != 0)
		return r;
	r = parse_csv_read(&csv->csv, text, &error);
	if (r == -EINVAL)
		return aside_put(&extract->aside, task, in, "%s", error.text);
	if (r < 0)
		return r;
	if (csv->csv.count != extract->count)
		return aside_put(&extract->aside, task, in,
				 "%zu column%s, expected %zu", csv->csv.count,
				 csv->csv.count == 1 ? "" : "s",
				 extract->count);
	for (i = 0; i < extract->count; i++) {
		text = csv_text(&csv->csv, i);
		if (!csv_is_null(&csv->csv, i))
			extract->values[i] =
				gust_string(text.data, text.length);
	}
	return extract_emit(extract, task, in);
}

static void parse_csv_close(void *self)
{
	struct parse_csv *csv = self;

	csv_destroy(&csv->csv);
	extract_close(&csv->extract);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "parse_csv",
	.summary = "takes a row of CSV apart",
	.options = parse_csv_options,
	.instance_size = sizeof(struct parse_csv),
	.flags = GUST_DETERMINISTIC,
	.declare = parse_csv_declare,
	.open = parse_csv_open,
	.execute = parse_csv_execute,
	.close = parse_csv_close,
};
