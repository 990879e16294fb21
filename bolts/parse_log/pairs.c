/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "record.h"

/* What may stand in a key: no space, quote or sign of equality. */
static bool pairs_in_key(char c)
{
	return (unsigned char)c > ' ' && c != '=' && c != '"' && c != '\x7f';
}

/* The text in quotes at `*p`; in the room that record_begin() has made. */
static int pairs_quoted(struct record *record, const char **p,
			struct gust_value *value)
{
	struct buffer *plain = &record->plain;
	const size_t before = plain->used;
	const char *at = *p + 1;

	for (; at < record->end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < record->end) {
			at++;
			plain->data[plain->used++] = *at == 'n'   ? '\n'
						     : *at == 't' ? '\t'
						     : *at == 'r' ? '\r'
								  : *at;
			continue;
		}
		plain->data[plain->used++] = *at;
	}
	if (at == record->end)
		return record_refuse(record, at, "a closing quote");
	*value = gust_string(plain->data + before, plain->used - before);
	*p = at + 1;
	return 1;
}

static int pairs_value(struct record *record, const char **p,
		       struct gust_value *value)
{
	const char *at = *p;

	if (at < record->end && *at == '"')
		return pairs_quoted(record, p, value);
	while (at < record->end && (unsigned char)*at > ' ')
		at++;
	*value = at > *p ? gust_string(*p, (size_t)(at - *p)) : gust_null();
	*p = at;
	return 1;
}

int pairs_next(struct record *record, const char **p, struct gust_text *key,
	       struct gust_value *value)
{
	const bool first = *p == record->text;
	const char *at;
	int r;

	while (*p < record->end && (**p == ' ' || **p == '\t'))
		++*p;
	at = *p;
	while (at < record->end && pairs_in_key(*at))
		at++;
	*key = (struct gust_text){ *p, (size_t)(at - *p) };
	if (at == record->end && at == *p && !first)
		return 0;
	if (at == *p)
		return record_refuse(record, at, "a key");
	*p = at;
	*value = gust_bool(true);
	/* Else every sentence would be one of keys. */
	if (first && (at == record->end || *at != '='))
		return record_refuse(record, at, "'=' behind the first key");
	if (at == record->end || *at == ' ' || *at == '\t')
		return 1;
	if (*at != '=')
		return record_refuse(record, at, "'=' behind the key");
	++*p;
	r = pairs_value(record, p, value);
	if (r == 1 && *p < record->end && **p != ' ' && **p != '\t')
		return record_refuse(record, *p, "a space behind the value");
	return r;
}
