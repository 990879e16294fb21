/* SPDX-License-Identifier: MIT */
#ifndef PARSE_LOG_RECORD_H
#define PARSE_LOG_RECORD_H

/*
 * A line of a log, taken apart by one of the formats.
 *
 * A format reads a text of `n` bytes, any bytes, into a record that
 * record_begin() has prepared. 0; -EINVAL: it is no line of that format, and
 * `expected` and `at` say why; or -ENOMEM. Values borrow from the text and from
 * the record, until the next record_begin(). One thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/kit/buffer.h>
#include <gust/tuple.h>

#include "stamp.h"

enum record_column {
	RECORD_FORMAT,
	RECORD_TIME,
	RECORD_TIMESTAMP,
	RECORD_HOST,
	RECORD_IDENT,
	RECORD_USER,
	RECORD_METHOD,
	RECORD_PATH,
	RECORD_PROTOCOL,
	RECORD_STATUS,
	RECORD_BYTES,
	RECORD_REFERER,
	RECORD_AGENT,
	RECORD_FACILITY,
	RECORD_LEVEL,
	RECORD_APP,
	RECORD_PID,
	RECORD_MSGID,
	RECORD_DATA,
	RECORD_MESSAGE,
	RECORD_PAIRS,
	RECORD_COLUMNS
};

struct record {
	struct gust_value values[RECORD_COLUMNS];
	const char *expected; /* what should stand at byte `at`, from 1 */
	size_t at;

	const char *text, *end; /* what is read */
	char stamp[STAMP_SIZE];
	struct buffer plain; /* texts without their escapes */
	struct buffer json;
};

/* All values are null. -ENOMEM. */
int record_begin(struct record *record, const char *text, size_t n);

void record_destroy(struct record *record);

/* What a format returns: the line is none, since `expected` is not at `p`. */
int record_refuse(struct record *record, const char *p, const char *expected);

/* Sets the time and its text. */
void record_set_time(struct record *record, int64_t ms);

/*
 * Takes the text up to the next space, which must be there, off `*p`; "-" is
 * null. -EINVAL: it is empty, or has no end.
 */
int record_word(struct record *record, const char **p, const char *expected,
		struct gust_value *value);

/* Apache's common format, and the combined one. */
int access_read_common(struct record *record);
int access_read_combined(struct record *record);

/* RFC 5424 and RFC 3164, the latter also as files have it. `year` and `now`
 * are those of stamp_read_3164(). */
int syslog_read(struct record *record, int year, int64_t now);

/*
 * key=value key="value" key ...: each call takes a pair off `*p`, which begins
 * at record->text. 1; 0: there is none left; -EINVAL. A key alone is true, one
 * without a value null.
 */
int pairs_next(struct record *record, const char **p, struct gust_text *key,
	       struct gust_value *value);

#endif
