/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "record.h"

static int access_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Appends what the escape at `p`, behind its backslash, stands for; returns
 * how many bytes it has. */
static size_t access_escape(struct buffer *plain, const char *p,
			    const char *end)
{
	static const char letters[] = "nrtbvf\"\\";
	static const char meant[] = "\n\r\t\b\v\f\"\\";
	const char *letter = *p != '\0' ? strchr(letters, *p) : NULL;

	if (letter != NULL) {
		plain->data[plain->used++] = meant[letter - letters];
		return 1;
	}
	if (*p == 'x' && end - p >= 3 && access_hex(p[1]) >= 0 &&
	    access_hex(p[2]) >= 0) {
		plain->data[plain->used++] =
			(char)(16 * access_hex(p[1]) + access_hex(p[2]));
		return 3;
	}
	plain->data[plain->used++] = '\\';
	return 0;
}

/* Takes a text in quotes off `*p`. It is written to the room that
 * record_begin() has made. */
static int access_quoted(struct record *record, const char **p,
			 const char *expected, struct gust_text *text)
{
	struct buffer *plain = &record->plain;
	const size_t before = plain->used;
	const char *at = *p, *end = record->end;

	if (at == end || *at != '"')
		return record_refuse(record, at, expected);
	for (at++; at < end && *at != '"';) {
		if (*at == '\\' && at + 1 < end)
			at += 1 + access_escape(plain, at + 1, end);
		else
			plain->data[plain->used++] = *at++;
	}
	if (at == end)
		return record_refuse(record, at, "a closing quote");
	*p = at + 1;
	text->data = plain->data + before;
	text->length = plain->used - before;
	return 0;
}

/* A text in quotes as it is; "-" is null. */
static int access_header(struct record *record, const char **p,
			 const char *expected, enum record_column column)
{
	struct gust_text text;
	int r;

	if (*p == record->end || **p != ' ')
		return record_refuse(record, *p, expected);
	++*p;
	r = access_quoted(record, p, expected, &text);
	if (r == 0 && (text.length != 1 || text.data[0] != '-'))
		record->values[column] = gust_string(text.data, text.length);
	return r;
}

/* METHOD PATH PROTOCOL. What looks otherwise is all path. */
static void access_split_request(struct record *record, struct gust_text text)
{
	const char *begin = text.data, *end = begin + text.length;
	const char *path, *last;

	if (text.length == 0 || (text.length == 1 && *begin == '-'))
		return;
	path = memchr(begin, ' ', text.length);
	last = path != NULL ? memrchr(path, ' ', (size_t)(end - path)) : NULL;
	if (last == NULL || last == path || path == begin || end - last < 7 ||
	    memcmp(last + 1, "HTTP/", 5) != 0) {
		record->values[RECORD_PATH] = gust_string(begin, text.length);
		return;
	}
	record->values[RECORD_METHOD] =
		gust_string(begin, (size_t)(path - begin));
	record->values[RECORD_PATH] =
		gust_string(path + 1, (size_t)(last - path - 1));
	record->values[RECORD_PROTOCOL] =
		gust_string(last + 1, (size_t)(end - last - 1));
}

/* A number, or "-" for null, up to a space or the end. */
static int access_number(struct record *record, const char **p,
			 const char *expected, enum record_column column)
{
	const char *at = *p;
	int64_t sum = 0;

	if (at < record->end && *at == '-') {
		*p = at + 1;
		return 0;
	}
	while (at < record->end && *at >= '0' && *at <= '9') {
		if (sum > (INT64_MAX - 9) / 10)
			return record_refuse(record, *p, expected);
		sum = 10 * sum + (*at++ - '0');
	}
	if (at == *p)
		return record_refuse(record, at, expected);
	record->values[column] = gust_int(sum);
	*p = at;
	return 0;
}

/* "[TIME] " */
static int access_time(struct record *record, const char **p)
{
	const size_t left = (size_t)(record->end - *p);
	size_t n = 0;
	int64_t ms;

	if (left > 0 && **p == '[')
		n = stamp_read_access(*p + 1, left - 1, &ms);
	if (n == 0 || left < n + 3 || memcmp(*p + 1 + n, "] ", 2) != 0)
		return record_refuse(record, *p,
				     "a time such as "
				     "[10/Oct/2000:13:55:36 -0700]");
	record_set_time(record, ms);
	*p += n + 3;
	return 0;
}

/* The user may hold spaces; the time cannot. */
static int access_user(struct record *record, const char **p)
{
	const size_t left = (size_t)(record->end - *p);
	const char *end = memmem(*p, left, " [", 2);

	if (end == NULL || end == *p)
		return record_refuse(record, *p, "a user");
	if (end - *p > 1 || **p != '-')
		record->values[RECORD_USER] =
			gust_string(*p, (size_t)(end - *p));
	*p = end + 1;
	return 0;
}

/* What both formats have. */
static int access_read(struct record *record, const char **p)
{
	struct gust_text request;
	int r;

	if ((r = record_word(record, p, "a host",
			     &record->values[RECORD_HOST])) ||
	    (r = record_word(record, p, "an ident",
			     &record->values[RECORD_IDENT])) ||
	    (r = access_user(record, p)) || (r = access_time(record, p)) ||
	    (r = access_quoted(record, p, "a request in quotes", &request)))
		return r;
	access_split_request(record, request);
	if (*p == record->end || **p != ' ')
		return record_refuse(record, *p, "a status");
	++*p;
	r = access_number(record, p, "a status", RECORD_STATUS);
	if (r < 0)
		return r;
	if (*p == record->end || **p != ' ')
		return record_refuse(record, *p, "a number of bytes");
	++*p;
	return access_number(record, p, "a number of bytes", RECORD_BYTES);
}

int access_read_common(struct record *record)
{
	const char *p = record->text;
	int r = access_read(record, &p);

	if (r == 0 && p != record->end)
		r = record_refuse(record, p, "the end");
	return r;
}

int access_read_combined(struct record *record)
{
	const char *p = record->text;
	int r = access_read(record, &p);

	if (r == 0)
		r = access_header(record, &p, "a referer in quotes",
				  RECORD_REFERER);
	if (r == 0)
		r = access_header(record, &p, "an agent in quotes",
				  RECORD_AGENT);
	if (r == 0 && p != record->end)
		r = record_refuse(record, p, "the end");
	return r;
}
