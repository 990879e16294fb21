/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/csv.h>

#define CSV_FIELDS_LEAST ((size_t)16)

enum csv_state {
	CSV_START,  /* of a record */
	CSV_FIELD,  /* after a delimiter */
	CSV_PLAIN,  /* in a field without quotes */
	CSV_QUOTED, /* in one with quotes */
	CSV_CLOSED, /* after a quote in there: its end, or half of a quote */
	CSV_SKIP    /* after a mistake, up to the end of the line */
};

enum csv_mistake {
	CSV_NONE,
	CSV_STRAY, /* a quote in a field without quotes */
	CSV_AFTER, /* a byte after the closing quote */
	CSV_OPEN,  /* no closing quote */
	CSV_LONG
};

struct csv_field {
	size_t end; /* in the text */
	bool quoted;
};

/* One byte of an option, or -1. */
static int csv_byte(const char *text)
{
	if (strcmp(text, "\\t") == 0)
		return '\t';
	if (text[0] == '\0' || text[1] != '\0' || text[0] == '\n' ||
	    text[0] == '\r')
		return -1;
	return text[0];
}

/* Whether a field would not be read back if it stood there as it is. */
static bool csv_has_special(const struct csv_dialect *dialect, const char *data,
			    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (data[i] == '\n' || data[i] == '\r' ||
		    data[i] == dialect->delimiter ||
		    (dialect->quotes && data[i] == dialect->quote))
			return true;
	}
	return false;
}

int csv_dialect(struct csv_dialect *dialect, const char *delimiter,
		const char *quote, const char *null, struct gust_error *error)
{
	const int by = csv_byte(delimiter != NULL ? delimiter : ",");
	int in = '"';

	if (by == -1)
		return gust_error_set(error, -EINVAL,
				      "option 'delimiter' is '%s', expected "
				      "one byte that ends no line",
				      delimiter);
	if (quote != NULL && quote[0] != '\0')
		in = csv_byte(quote);
	if (in == -1)
		return gust_error_set(error, -EINVAL,
				      "option 'quote' is '%s', expected one "
				      "byte that ends no line, or none",
				      quote);
	*dialect = (struct csv_dialect){ .delimiter = (char)by,
					 .quote = (char)in,
					 .quotes = quote == NULL ||
						   quote[0] != '\0',
					 .null = null };
	if (dialect->quotes && by == in)
		return gust_error_set(error, -EINVAL,
				      "options 'delimiter' and 'quote' are "
				      "both '%c', expected two bytes",
				      by);
	if (null != NULL && csv_has_special(dialect, null, strlen(null)))
		return gust_error_set(error, -EINVAL,
				      "option 'null' is '%s', expected a text "
				      "without delimiters, quotes and line "
				      "ends",
				      null);
	return 0;
}

void csv_init(struct csv *csv, const struct csv_dialect *dialect, size_t max)
{
	csv->dialect = *dialect;
	csv->max = max != 0 ? max : SIZE_MAX;
	csv->line = 1;
	memset(csv->special, 0, sizeof(csv->special));
	csv->special['\n'] = 1;
	csv->special['\r'] = 1;
	csv->special[(unsigned char)dialect->delimiter] = 1;
	if (dialect->quotes)
		csv->special[(unsigned char)dialect->quote] = 1;
	csv_reset(csv);
}

void csv_destroy(struct csv *csv)
{
	buffer_destroy(&csv->text);
	free(csv->fields);
	*csv = (struct csv){ 0 };
}

void csv_reset(struct csv *csv)
{
	csv->count = 0;
	csv->bytes = 0;
	csv->lines = 0;
	csv->state = CSV_START;
	csv->cr = false;
	csv->done = false;
	csv->quoted = false;
	csv->mistake = CSV_NONE;
	csv->text.used = 0;
}

/* The first mistake of a record is the one that is told. */
static void csv_wrong(struct csv *csv, enum csv_mistake mistake,
		      unsigned char byte, uint64_t at)
{
	if (csv->mistake != CSV_NONE)
		return;
	csv->mistake = (int)mistake;
	csv->mistake_byte = byte;
	csv->mistake_at = at;
	csv->mistake_field = csv->count + 1;
}

/* Appends to the field, unless nothing will become of the record. */
static int csv_put(struct csv *csv, const char *data, size_t n)
{
	if (csv->mistake != CSV_NONE)
		return 0;
	if (n > csv->max - csv->text.used) {
		csv_wrong(csv, CSV_LONG, 0, 0);
		return 0;
	}
	return buffer_append(&csv->text, data, n);
}

static int csv_close_field(struct csv *csv)
{
	const size_t size =
		csv->size < CSV_FIELDS_LEAST ? CSV_FIELDS_LEAST : 2 * csv->size;
	struct csv_field *fields;

	if (csv->count >= csv->max)
		csv_wrong(csv, CSV_LONG, 0, 0);
	if (csv->mistake != CSV_NONE)
		return 0;
	if (csv->count == csv->size) {
		fields = reallocarray(csv->fields, size, sizeof(*fields));
		if (fields == NULL)
			return -ENOMEM;
		csv->fields = fields;
		csv->size = size;
	}
	csv->fields[csv->count].end = csv->text.used;
	csv->fields[csv->count].quoted = csv->quoted;
	csv->count++;
	csv->quoted = false;
	return 0;
}

/* The line has ended where a record may. */
static int csv_close_record(struct csv *csv)
{
	int r = 0;

	if (csv->state != CSV_START && csv->state != CSV_SKIP)
		r = csv_close_field(csv);
	csv->done = true;
	if (r < 0)
		return r;
	return csv->mistake == CSV_NONE ? CSV_RECORD : CSV_MISTAKE;
}

/* Goes on within quotes. */
static int csv_quoted(struct csv *csv, const char *data, size_t n, size_t *at)
{
	const char *begin = data + *at, *p = begin;
	const char *quote = memchr(begin, csv->dialect.quote, n - *at);
	const char *end = quote != NULL ? quote : data + n;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		csv->lines++;
		p++;
	}
	*at = (size_t)(end - data) + (quote != NULL);
	if (quote != NULL)
		csv->state = CSV_CLOSED;
	return csv_put(csv, begin, (size_t)(end - begin));
}

/* Looks for the end of the line after a mistake. */
static int csv_skip(struct csv *csv, const char *data, size_t n, size_t *at)
{
	const char *found = memchr(data + *at, '\n', n - *at);

	if (found == NULL) {
		*at = n;
		return CSV_MORE;
	}
	*at = (size_t)(found - data) + 1;
	csv->lines++;
	return csv_close_record(csv);
}

/* A delimiter, a quote or a line end, outside of quotes. */
static int csv_special(struct csv *csv, char c, uint64_t at)
{
	if (c == '\r') {
		csv->cr = true;
		return CSV_MORE;
	}
	if (c == '\n') {
		csv->lines++;
		return csv_close_record(csv);
	}
	if (c == csv->dialect.delimiter) {
		csv->state = CSV_FIELD;
		return csv_close_field(csv);
	}
	if (csv->state == CSV_CLOSED) {
		csv->state = CSV_QUOTED;
		return csv_put(csv, &c, 1);
	}
	if (csv->state == CSV_PLAIN) {
		csv_wrong(csv, CSV_STRAY, (unsigned char)c, at);
		csv->state = CSV_SKIP;
		return CSV_MORE;
	}
	csv->state = CSV_QUOTED;
	csv->quoted = true;
	csv->begun = at;
	return CSV_MORE;
}

/* Bytes that are just a field's; the first of them is byte `place`. */
static int csv_plain(struct csv *csv, const char *data, size_t n,
		     uint64_t place)
{
	if (csv->state == CSV_CLOSED) {
		csv_wrong(csv, CSV_AFTER, (unsigned char)data[0], place);
		csv->state = CSV_SKIP;
		return CSV_MORE;
	}
	csv->state = CSV_PLAIN;
	return csv_put(csv, data, n);
}

/* Goes on by a run of bytes or by one byte that means something. */
static int csv_step(struct csv *csv, const char *data, size_t n, size_t *at)
{
	const size_t begin = *at;

	if (csv->state == CSV_QUOTED)
		return csv_quoted(csv, data, n, at);
	if (csv->state == CSV_SKIP)
		return csv_skip(csv, data, n, at);
	if (csv->cr) {
		csv->cr = false;
		if (data[begin] != '\n')
			return csv_plain(csv, "\r", 1, csv->bytes + begin);
	}
	while (*at < n && !csv->special[(unsigned char)data[*at]])
		++*at;
	if (*at > begin)
		return csv_plain(csv, data + begin, *at - begin,
				 csv->bytes + begin + 1);
	++*at;
	return csv_special(csv, data[begin], csv->bytes + *at);
}

int csv_parse(struct csv *csv, const char *data, size_t n, bool end,
	      size_t *taken)
{
	size_t at = 0;
	int r = CSV_MORE;

	if (csv->done) {
		csv->line += csv->lines;
		csv_reset(csv);
	}
	while (at < n && r == CSV_MORE)
		r = csv_step(csv, data, n, &at);
	if (r == CSV_MORE && end && csv->bytes + at > 0) {
		if (csv->state == CSV_QUOTED)
			csv_wrong(csv, CSV_OPEN, 0, csv->begun);
		r = csv_close_record(csv);
	}
	csv->bytes += at;
	*taken = at;
	return r;
}

struct gust_text csv_text(const struct csv *csv, size_t field)
{
	const size_t begin = field == 0 ? 0 : csv->fields[field - 1].end;

	assert(field < csv->count);
	if (csv->fields[field].end == begin)
		return (struct gust_text){ "", 0 };
	return (struct gust_text){ csv->text.data + begin,
				   csv->fields[field].end - begin };
}

/* Whether a text is written as null is. */
static bool csv_like_null(const struct csv_dialect *dialect, const char *data,
			  size_t n)
{
	const char *null = dialect->null != NULL ? dialect->null : "";

	return n == strlen(null) && (n == 0 || memcmp(data, null, n) == 0);
}

bool csv_is_quoted(const struct csv *csv, size_t field)
{
	assert(field < csv->count);
	return csv->fields[field].quoted;
}

bool csv_is_open(const struct csv *csv)
{
	return csv->mistake == CSV_OPEN;
}

bool csv_is_null(const struct csv *csv, size_t field)
{
	const struct gust_text text = csv_text(csv, field);

	return !csv->fields[field].quoted &&
	       csv_like_null(&csv->dialect, text.data, text.length);
}

int csv_mistake(const struct csv *csv, struct gust_error *error)
{
	const unsigned char byte = csv->mistake_byte;
	char shown[8];

	if (csv->mistake == CSV_LONG)
		return gust_error_set(error, -EINVAL,
				      "the record is longer than %zu bytes",
				      csv->max);
	if (csv->mistake == CSV_OPEN)
		return gust_error_set(error, -EINVAL,
				      "the quote at byte %llu, before field "
				      "%zu, is never closed",
				      (unsigned long long)csv->mistake_at,
				      csv->mistake_field);
	snprintf(shown, sizeof(shown),
		 byte > ' ' && byte < 0x7f ? "'%c'" : "0x%02x", byte);
	if (csv->mistake == CSV_STRAY)
		return gust_error_set(error, -EINVAL,
				      "field %zu has %s at byte %llu, but "
				      "does not begin with it",
				      csv->mistake_field, shown,
				      (unsigned long long)csv->mistake_at);
	return gust_error_set(error, -EINVAL,
			      "%s at byte %llu follows the closing quote of "
			      "field %zu, expected a delimiter or the end of "
			      "the line",
			      shown, (unsigned long long)csv->mistake_at,
			      csv->mistake_field);
}

/* Puts quotes around what stands at `begin` and doubles those within. */
static int csv_quote(struct buffer *buffer, size_t begin, char quote)
{
	size_t i, quotes = 2;
	char *to, *from;
	int r;

	for (i = begin; i < buffer->used; i++)
		quotes += buffer->data[i] == quote;
	r = buffer_reserve(buffer, quotes);
	if (r < 0)
		return r;
	from = buffer->data + buffer->used;
	buffer->used += quotes;
	to = buffer->data + buffer->used;
	*--to = quote;
	while (from > buffer->data + begin) {
		*--to = *--from;
		if (*from == quote)
			*--to = quote;
	}
	buffer->data[begin] = quote;
	return 0;
}

/* Appends a value; -EINVAL where it needs quotes and there are none. */
static int csv_write_field(const struct csv_dialect *dialect,
			   struct gust_value value, bool alone,
			   struct buffer *buffer)
{
	const size_t begin = buffer->used;
	const bool null = value.type == GUST_NULL;
	const char *data;
	bool quotes;
	size_t n;
	int r;

	if (null && dialect->null != NULL)
		r = buffer_text(buffer, dialect->null);
	else
		r = buffer_value(buffer, value);
	if (r < 0)
		return r;
	data = buffer->data + begin;
	n = buffer->used - begin;
	quotes = !null && csv_has_special(dialect, data, n);
	if (dialect->quotes &&
	    ((!null && csv_like_null(dialect, data, n)) || (alone && n == 0)))
		quotes = true;
	if (!quotes)
		return 0;
	if (!dialect->quotes)
		return -EINVAL;
	return csv_quote(buffer, begin, dialect->quote);
}

int csv_write(const struct csv_dialect *dialect,
	      const struct gust_value *values, size_t count,
	      struct buffer *buffer, size_t *bad)
{
	const size_t before = buffer->used;
	size_t i;
	int r = buffer_reserve(buffer, 1); /* there is data to point to */

	for (i = 0; i < count && r == 0; i++) {
		if (i > 0)
			r = buffer_char(buffer, dialect->delimiter);
		if (r == 0)
			r = csv_write_field(dialect, values[i], count == 1,
					    buffer);
		if (r == -EINVAL)
			*bad = i;
	}
	if (r == 0)
		r = buffer_char(buffer, '\n');
	if (r < 0)
		buffer->used = before;
	return r;
}
