/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <gust/kit/object.h>

#include "record.h"

/* RFC 5424, section 6.2.1. */
static const char *const syslog_facilities[] = {
	"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
	"lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
	"ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
	"local2", "local3", "local4", "local5", "local6",   "local7",
};

static const char *const syslog_levels[] = {
	"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
};

static struct gust_value syslog_name(const char *name)
{
	return gust_string(name, strlen(name));
}

/* <PRI>, if it is there. */
static int syslog_priority(struct record *record, const char **p)
{
	const char *at = *p;
	unsigned priority = 0;
	int digits = 0;

	if (at == record->end || *at != '<')
		return 0;
	for (at++; at < record->end && *at >= '0' && *at <= '9' && digits < 3;
	     at++, digits++)
		priority = 10 * priority + (unsigned)(*at - '0');
	if (digits == 0 || priority > 191 || at == record->end || *at != '>')
		return record_refuse(record, *p,
				     "a priority from <0> to <191>");
	record->values[RECORD_FACILITY] =
		syslog_name(syslog_facilities[priority / 8]);
	record->values[RECORD_LEVEL] = syslog_name(syslog_levels[priority % 8]);
	*p = at + 1;
	return 0;
}

/* A time up to a space, which is taken, too. */
static int syslog_time(struct record *record, const char **p, size_t length,
		       int64_t ms)
{
	if (length == 0 || length == (size_t)(record->end - *p) ||
	    (*p)[length] != ' ')
		return record_refuse(record, *p, "a time");
	record_set_time(record, ms);
	*p += length + 1;
	return 0;
}

/* The value of a parameter, behind its opening quote. */
static int syslog_parameter(struct record *record, const char **p)
{
	struct buffer *plain = &record->plain;
	const size_t before = plain->used;
	const char *at = *p;

	for (; at < record->end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < record->end &&
		    (at[1] == '"' || at[1] == '\\' || at[1] == ']'))
			at++;
		plain->data[plain->used++] = *at;
	}
	if (at == record->end)
		return record_refuse(record, at, "a closing quote");
	*p = at + 1;
	return object_string(&record->json, plain->data + before,
			     plain->used - before);
}

/* A name of structured data up to a byte of `ends`, as a key. */
static int syslog_key(struct record *record, const char **p, const char *ends)
{
	const char *at = *p;
	int r;

	while (at < record->end && (unsigned char)*at > ' ' &&
	       (unsigned char)*at < 0x7f && strchr("=]\"", *at) == NULL)
		at++;
	if (at == *p || at == record->end || *at == '\0' ||
	    strchr(ends, *at) == NULL)
		return record_refuse(record, at, "a name");
	r = object_string(&record->json, *p, (size_t)(at - *p));
	*p = at;
	return r < 0 ? r : buffer_char(&record->json, ':');
}

/* [ID NAME="VALUE" ...], as a member of an object. */
static int syslog_element(struct record *record, const char **p)
{
	struct buffer *json = &record->json;
	bool first = true;
	int r;

	++*p;
	r = syslog_key(record, p, " ]");
	if (r == 0)
		r = buffer_char(json, '{');
	while (r == 0 && *p < record->end && **p == ' ') {
		++*p;
		if (!first)
			r = buffer_char(json, ',');
		first = false;
		if (r == 0)
			r = syslog_key(record, p, "=");
		if (r < 0)
			return r;
		if (record->end - *p < 2 || (*p)[1] != '"')
			return record_refuse(record, *p, "a value in quotes");
		*p += 2;
		r = syslog_parameter(record, p);
	}
	if (r < 0)
		return r;
	if (*p == record->end || **p != ']')
		return record_refuse(record, *p, "']'");
	++*p;
	return buffer_char(json, '}');
}

static int syslog_data(struct record *record, const char **p)
{
	struct buffer *json = &record->json;
	int r;

	if (*p < record->end && **p == '-') {
		++*p;
		return 0;
	}
	if (*p == record->end || **p != '[')
		return record_refuse(record, *p, "structured data or '-'");
	r = buffer_char(json, '{');
	while (r == 0 && *p < record->end && **p == '[') {
		if (json->used > 1)
			r = buffer_char(json, ',');
		if (r == 0)
			r = syslog_element(record, p);
	}
	if (r == 0)
		r = buffer_char(json, '}');
	if (r == 0)
		record->values[RECORD_DATA] = gust_json(json->data, json->used);
	return r;
}

/* What is left is the message. */
static void syslog_message(struct record *record, const char *p)
{
	const size_t left = (size_t)(record->end - p);

	record->values[RECORD_MESSAGE] = gust_string(p, left);
}

/* Behind "<PRI>1 ". */
static int syslog_read_5424(struct record *record, const char *p)
{
	static const char bom[] = "\xef\xbb\xbf";
	int64_t ms = 0;
	size_t n;
	int r;

	if (record->end - p >= 2 && memcmp(p, "- ", 2) == 0) {
		p += 2;
		r = 0;
	} else {
		n = stamp_read_3339(p, (size_t)(record->end - p), &ms);
		r = syslog_time(record, &p, n, ms);
	}
	if (r < 0 ||
	    (r = record_word(record, &p, "a host",
			     &record->values[RECORD_HOST])) ||
	    (r = record_word(record, &p, "an application",
			     &record->values[RECORD_APP])) ||
	    (r = record_word(record, &p, "a process id",
			     &record->values[RECORD_PID])) ||
	    (r = record_word(record, &p, "a message id",
			     &record->values[RECORD_MSGID])) ||
	    (r = syslog_data(record, &p)))
		return r;
	if (p == record->end)
		return 0;
	if (*p != ' ')
		return record_refuse(record, p, "a space or the end");
	p++;
	if (record->end - p >= 3 && memcmp(p, bom, 3) == 0)
		p += 3;
	syslog_message(record, p);
	return 0;
}

/* APP: or APP[PID]:, if it is there. */
static const char *syslog_tag(struct record *record, const char *p)
{
	const char *at = p, *pid = NULL, *pid_end = NULL;

	while (at < record->end && (unsigned char)*at > ' ' && *at != '[' &&
	       *at != ':')
		at++;
	if (at == p || at == record->end)
		return p;
	if (*at == '[') {
		pid = at + 1;
		pid_end = memchr(pid, ']', (size_t)(record->end - pid));
		if (pid_end == NULL || pid_end + 1 == record->end ||
		    pid_end[1] != ':' || pid_end == pid)
			return p;
	} else if (*at != ':') {
		return p;
	}
	record->values[RECORD_APP] = gust_string(p, (size_t)(at - p));
	if (pid != NULL)
		record->values[RECORD_PID] =
			gust_string(pid, (size_t)(pid_end - pid));
	p = (pid != NULL ? pid_end + 1 : at) + 1;
	return p < record->end && *p == ' ' ? p + 1 : p;
}

/* Behind the priority, if there is one. */
static int syslog_read_3164(struct record *record, const char *p, int year,
			    int64_t now)
{
	const size_t left = (size_t)(record->end - p);
	int64_t ms = 0;
	size_t n = stamp_read_3164(p, left, year, now, &ms);
	int r;

	if (n == 0)
		n = stamp_read_3339(p, left, &ms);
	r = syslog_time(record, &p, n, ms);
	if (r == 0)
		r = record_word(record, &p, "a host",
				&record->values[RECORD_HOST]);
	if (r == 0)
		syslog_message(record, syslog_tag(record, p));
	return r;
}

int syslog_read(struct record *record, int year, int64_t now)
{
	const char *p = record->text;
	int r = syslog_priority(record, &p);

	if (r < 0)
		return r;
	if (p > record->text && record->end - p >= 2 && memcmp(p, "1 ", 2) == 0)
		return syslog_read_5424(record, p + 2);
	return syslog_read_3164(record, p, year, now);
}
