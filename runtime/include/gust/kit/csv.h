/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_CSV_H
#define GUST_KIT_CSV_H

/*
 * CSV, read and written: RFC 4180 with any delimiter and any quote.
 *
 * Fields are separated by the delimiter, records by LF or CRLF; the last one
 * needs no line end. A field in quotes may hold delimiters, line ends and,
 * doubled, quotes. An empty line is a record without fields. All other bytes
 * are taken as they are: NUL, a lone CR, bytes that are no UTF-8, spaces
 * around a field. A byte order mark is the caller's to skip.
 *
 * The parser takes bytes as they come and keeps its place, so a record may
 * come in any pieces and each byte is looked at once:
 *
 *	struct csv csv = { 0 };
 *
 *	csv_init(&csv, &dialect, max);
 *	while ((n = read(fd, block, sizeof(block))) >= 0) {
 *		for (p = block; ; p += taken) {
 *			r = csv_parse(&csv, p, block + n - p, n == 0, &taken);
 *			if (r <= CSV_MORE)
 *				break;
 *			... csv.count fields, or a mistake; begins csv.bytes
 *			    before p + taken, in line csv.line
 *		}
 *		...
 *	}
 *	csv_destroy(&csv);
 *
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

/* How a text of CSV is written. */
struct csv_dialect {
	char delimiter;
	char quote;       /* if `quotes` */
	bool quotes;      /* else quotes are bytes as any others */
	const char *null; /* how null is written; NULL: as an empty field */
};

/*
 * In declare(): makes a dialect of the options `delimiter` and `quote`, which
 * are one byte each; "\t" as two characters is a tab, an empty quote means that
 * there is none. NULL stands for "," and "\"". `null`, which is borrowed, must
 * need no quotes. -EINVAL sets `error`.
 */
int csv_dialect(struct csv_dialect *dialect, const char *delimiter,
		const char *quote, const char *null, struct gust_error *error);

/* What csv_parse() has come to, besides -ENOMEM. */
#define CSV_MORE 0    /* nothing is complete: it needs more bytes */
#define CSV_RECORD 1  /* a record: csv_text() gives its fields */
#define CSV_MISTAKE 2 /* a record with a mistake: csv_mistake() gives it */

struct csv_field; /* where a field ends, and whether it was in quotes */

/* The members of the first part are the caller's to read. */
struct csv {
	size_t count;   /* of the record's fields */
	uint64_t bytes; /* that the record has, its line end included */
	uint64_t line;  /* in which it begins, from 1; may be set at a start */

	struct csv_dialect dialect;
	size_t max;
	uint8_t special[256]; /* which bytes are not just a field's */
	int state;
	bool cr;   /* the byte before was a CR and may belong to a line end */
	bool done; /* the record was given out: the next byte begins another */
	int mistake;
	unsigned char mistake_byte;
	uint64_t mistake_at; /* byte of the record, from 1 */
	size_t mistake_field;
	uint64_t lines; /* line ends of the record, so far */
	uint64_t begun; /* where the field in quotes began, from 1 */
	bool quoted;    /* the field being read is */
	struct buffer text;
	struct csv_field *fields;
	size_t size; /* of `fields` */
};

/*
 * Prepares a parser that is all zero. A record whose fields are longer than
 * `max` bytes together, or more than that many, is a mistake; 0 is no bound.
 */
void csv_init(struct csv *csv, const struct csv_dialect *dialect, size_t max);

/* Also takes one that is all zero. */
void csv_destroy(struct csv *csv);

/* Forgets a record that is half read; the next byte begins one. `line` stays.
 */
void csv_reset(struct csv *csv);

/*
 * Reads on in `n` bytes, of which `*taken` need not come again: all of them
 * with CSV_MORE, those up to the record's end else. With `end` no byte follows
 * these: a record that is open is then complete, and CSV_MORE means that there
 * is none. A record with a mistake ends with its line, since nobody knows what
 * was meant; one that is too long or lacks its closing quote ends where its
 * quotes say so, or at the end. After -ENOMEM the parser must be reset.
 */
int csv_parse(struct csv *csv, const char *data, size_t n, bool end,
	      size_t *taken);

/* The bytes of a field, without its quotes; they stay until the next
 * csv_parse(). No NUL follows them. */
struct gust_text csv_text(const struct csv *csv, size_t field);

/* Whether a field was in quotes. */
bool csv_is_quoted(const struct csv *csv, size_t field);

/* Whether a field is what the dialect writes for null, without quotes. */
bool csv_is_null(const struct csv *csv, size_t field);

/* After CSV_MISTAKE: says what it is, in which field and at which byte of the
 * record. Returns -EINVAL. */
int csv_mistake(const struct csv *csv, struct gust_error *error);

/* After CSV_MISTAKE: whether it is a quote that is never closed. */
bool csv_is_open(const struct csv *csv);

/*
 * Appends a record and a line feed. Fields are in quotes only where they would
 * not be read back as they are: with a delimiter, a quote, a CR or LF, and
 * texts that are written like null. A record of one field is never an empty
 * line. Values are written as buffer_value() does. -EINVAL: the dialect has no
 * quotes, and value `*bad` needs them; or -ENOMEM. Then nothing is appended.
 */
int csv_write(const struct csv_dialect *dialect,
	      const struct gust_value *values, size_t count,
	      struct buffer *buffer, size_t *bad);

#endif
