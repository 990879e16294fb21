/* SPDX-License-Identifier: MIT */

/*
 * Any bytes as CSV: the first byte says in which dialect, the second in what
 * pieces they come. Whole or in pieces the same must come out, all bytes must
 * be taken, and records must be the same after they are written and read anew.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/csv.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
	if (!truth)
		abort();
}

/* Appends what is told of a record, so that two readings can be compared. */
static void note(const struct csv *csv, int r, bool place, struct buffer *out)
{
	struct gust_error error = { 0 };
	struct gust_text text;
	size_t i;

	if (place) {
		buffer_int(out, (int64_t)csv->line);
		buffer_char(out, ' ');
		buffer_int(out, (int64_t)csv->bytes);
	}
	for (i = 0; r == CSV_RECORD && i < csv->count; i++) {
		text = csv_text(csv, i);
		buffer_char(out, csv_is_null(csv, i) ? '-' : '+');
		buffer_int(out, (int64_t)text.length);
		buffer_char(out, ':');
		buffer_append(out, text.data, text.length);
	}
	if (r == CSV_MISTAKE) {
		demand(csv_mistake(csv, &error) < 0 && error.text[0] != '\0');
		buffer_text(out, error.text);
	}
	buffer_char(out, '\n');
}

/* Writes a record anew; one without fields is left out. */
static void write_again(const struct csv *csv, struct buffer *again)
{
	struct gust_value *values;
	struct gust_text text;
	size_t i, bad = 0;
	int r;

	if (csv->count == 0)
		return;
	values = calloc(csv->count, sizeof(*values));
	demand(values != NULL);
	for (i = 0; i < csv->count; i++) {
		text = csv_text(csv, i);
		values[i] = csv_is_null(csv, i)
				    ? gust_null()
				    : gust_string(text.data, text.length);
	}
	r = csv_write(&csv->dialect, values, csv->count, again, &bad);
	/* Without quotes, only a lone CR came in that does not go out. */
	demand(r == 0 || (!csv->dialect.quotes && bad < csv->count));
	free(values);
}

/*
 * Reads all; `out` gets what was read, `records` the same of the records
 * alone, without their places, `again` the records in CSV.
 */
static void read_all(const struct csv_dialect *dialect, size_t max,
		     const char *data, size_t size, size_t piece,
		     struct buffer *out, struct buffer *records,
		     struct buffer *again)
{
	struct csv csv = { 0 };
	size_t at = 0, part, taken;
	uint64_t told = 0;
	bool end = false;
	int r;

	csv_init(&csv, dialect, max);
	while (!end) {
		part = size - at < piece ? size - at : piece;
		end = part == 0;
		while ((r = csv_parse(&csv, data + at, part, end, &taken)) !=
		       CSV_MORE) {
			demand(r > 0 && taken <= part);
			at += taken;
			part -= taken;
			told += csv.bytes;
			demand(told == at);
			note(&csv, r, true, out);
			if (records == NULL || r != CSV_RECORD)
				continue;
			/* A lone null comes back as an empty text. */
			if (csv.count > 1)
				note(&csv, r, false, records);
			if (again != NULL && csv.count > 1)
				write_again(&csv, again);
		}
		demand(taken == part);
		at += taken;
	}
	demand(at == size);
	csv_destroy(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct csv_dialect dialects[] = {
		{ .delimiter = ',', .quote = '"', .quotes = true },
		{ .delimiter = '\t',
		  .quote = '\'',
		  .quotes = true,
		  .null = "\\N" },
		{ .delimiter = ';',
		  .quote = '"',
		  .quotes = true,
		  .null = "NA" },
		{ .delimiter = '|' },
	};
	struct buffer whole = { 0 }, pieces = { 0 }, records = { 0 };
	struct buffer again = { 0 }, second = { 0 }, ignored = { 0 };
	const struct csv_dialect *dialect;
	const char *text = (const char *)data + 2;
	size_t max, piece;

	if (size < 2)
		return 0;
	dialect = &dialects[data[0] & 3];
	max = data[0] & 4 ? 8 : 0;
	piece = (size_t)(data[1] & 15) + 1;
	read_all(dialect, max, text, size - 2, SIZE_MAX, &whole, &records,
		 &again);
	read_all(dialect, max, text, size - 2, piece, &pieces, NULL, NULL);
	demand(whole.used == pieces.used);
	demand(whole.used == 0 ||
	       memcmp(whole.data, pieces.data, whole.used) == 0);
	if (dialect->quotes) {
		read_all(dialect, 0, again.used > 0 ? again.data : "",
			 again.used, SIZE_MAX, &ignored, &second, NULL);
		demand(records.used == second.used);
		demand(second.used == 0 ||
		       memcmp(records.data, second.data, second.used) == 0);
	}
	buffer_destroy(&whole);
	buffer_destroy(&pieces);
	buffer_destroy(&records);
	buffer_destroy(&again);
	buffer_destroy(&second);
	buffer_destroy(&ignored);
	return 0;
}
