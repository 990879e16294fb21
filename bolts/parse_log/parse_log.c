/* SPDX-License-Identifier: MIT */

/*
 * parse_log: takes lines of logs apart.
 *
 * `format` names the formats that a line may have; they are tried in the order
 * given, and `auto` stands for all of them, in this order:
 *
 *	combined	of Apache and nginx: host ident user time timestamp
 *			method path protocol status bytes referer agent
 *	common		the same without referer and agent
 *	syslog		RFC 5424, RFC 3164 and the files of syslog daemons:
 *			time timestamp host facility level app pid msgid data
 *			message
 *	keyvalue	a=1 b="two words" c, also known as logfmt: time
 *			timestamp level message pairs
 *
 * `time` is in milliseconds since 1970, and `timestamp` is the same in words
 * and in UTC: 2000-10-10T20:55:36.000Z. A time without a zone is taken for
 * UTC. Syslog's old form has no year: it is `year`, or by default the year in
 * which the time is not more than a day ahead. What stands as "-" is null.
 *
 * A request that is not "METHOD PATH HTTP/..." is all `path`. `data` holds the
 * structured data of RFC 5424 as an object of objects, `level` syslog's
 * severity by name. `pairs` is an object of all pairs of keyvalue, its values
 * strings; a key alone is true, `key=` null. `level` is taken from the key
 * level, lvl or severity, `message` from message or msg, `time` from time, ts,
 * timestamp or t, in RFC 3339 or as a number: seconds since 1970, or from 10^11
 * on milliseconds.
 *
 * Without `outputs` all fields of all formats are emitted, with several
 * formats also `format`, which names the line's. Fields that a format does not
 * have are null. With `outputs` just those are emitted that stand there, each
 * cast to its type; for keyvalue they may also be keys. `keep` names fields of
 * the input that go with them.
 *
 * A line of none of the formats goes to the dead letters with its reason, or
 * to the stream `unparsed`.
 *
 * Input:
 *	any streams with the field `field` (line), a text; for the stream
 *	`unparsed` all with the same fields
 * Output:
 *	default: the fields of `keep`, then (format, time: int, timestamp,
 *	host, ident, user, method, path, protocol, status: int, bytes: int,
 *	referer, agent, facility, level, app, pid, msgid, data: json, message,
 *	pairs: json; all others string), or what `outputs` says
 *	unparsed: the fields of the input and reason: string (with `unparsed:
 *	stream`)
 *
 * Example:
 *	bolts:
 *	  - {id: visits, plugin: parse_log, options: {format: combined}}
 *	  - id: events
 *	    plugin: parse_log
 *	    options: {format: [syslog, keyvalue], unparsed: stream}
 *	    outputs: {default: {time: int, level: string, user_id: int}}
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gust/bolt.h>
#include <gust/kit/columns.h>
#include <gust/kit/extract.h>
#include <gust/kit/object.h>

#include "record.h"

enum parse_log_format {
	PARSE_LOG_COMBINED,
	PARSE_LOG_COMMON,
	PARSE_LOG_SYSLOG,
	PARSE_LOG_KEYVALUE,
	PARSE_LOG_FORMATS
};

struct parse_log {
	struct gust_list names; /* options */
	int64_t year;
	struct extract extract;

	enum parse_log_format formats[PARSE_LOG_FORMATS];
	size_t format_count;
	size_t *numbers; /* an enum record_column a column */
	struct record record;
};

static const char *const parse_log_names[] = { "combined", "common", "syslog",
					       "keyvalue" };

static const struct gust_option parse_log_options[] = {
	{ .name = "format",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct parse_log, names),
	  .help = "combined, common, syslog, keyvalue, several of them or auto",
	  .flags = GUST_REQUIRED },
	EXTRACT_OPTIONS(struct parse_log, extract),
	{ .name = "year",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct parse_log, year),
	  .help = "the year of times that have none; 0 is the latest that fits",
	  .min = 0,
	  .max = 9999 },
	EXTRACT_UNPARSED_OPTION(struct parse_log, extract),
	{ .name = NULL },
};

#define ACCESS (1u << PARSE_LOG_COMBINED | 1u << PARSE_LOG_COMMON)
#define COMBINED (1u << PARSE_LOG_COMBINED)
#define SYSLOG (1u << PARSE_LOG_SYSLOG)
#define KEYVALUE (1u << PARSE_LOG_KEYVALUE)
#define ALL (ACCESS | SYSLOG | KEYVALUE)

/* The columns of struct record, and which formats have them. */
static const struct parse_log_column {
	const char *name;
	enum gust_type type;
	unsigned formats;
} parse_log_columns[RECORD_COLUMNS] = {
	[RECORD_FORMAT] = { "format", GUST_STRING, 0 },
	[RECORD_TIME] = { "time", GUST_INT, ALL },
	[RECORD_TIMESTAMP] = { "timestamp", GUST_STRING, ALL },
	[RECORD_HOST] = { "host", GUST_STRING, ACCESS | SYSLOG },
	[RECORD_IDENT] = { "ident", GUST_STRING, ACCESS },
	[RECORD_USER] = { "user", GUST_STRING, ACCESS },
	[RECORD_METHOD] = { "method", GUST_STRING, ACCESS },
	[RECORD_PATH] = { "path", GUST_STRING, ACCESS },
	[RECORD_PROTOCOL] = { "protocol", GUST_STRING, ACCESS },
	[RECORD_STATUS] = { "status", GUST_INT, ACCESS },
	[RECORD_BYTES] = { "bytes", GUST_INT, ACCESS },
	[RECORD_REFERER] = { "referer", GUST_STRING, COMBINED },
	[RECORD_AGENT] = { "agent", GUST_STRING, COMBINED },
	[RECORD_FACILITY] = { "facility", GUST_STRING, SYSLOG },
	[RECORD_LEVEL] = { "level", GUST_STRING, SYSLOG | KEYVALUE },
	[RECORD_APP] = { "app", GUST_STRING, SYSLOG },
	[RECORD_PID] = { "pid", GUST_STRING, SYSLOG },
	[RECORD_MSGID] = { "msgid", GUST_STRING, SYSLOG },
	[RECORD_DATA] = { "data", GUST_JSON, SYSLOG },
	[RECORD_MESSAGE] = { "message", GUST_STRING, SYSLOG | KEYVALUE },
	[RECORD_PAIRS] = { "pairs", GUST_JSON, KEYVALUE },
};

static int parse_log_add_format(struct parse_log *log, const char *name,
				struct gust_error *error)
{
	enum parse_log_format format = PARSE_LOG_COMBINED;
	size_t i;

	while (format < PARSE_LOG_FORMATS &&
	       strcmp(parse_log_names[format], name) != 0)
		format++;
	if (format == PARSE_LOG_FORMATS)
		return gust_error_set(error, -EINVAL,
				      "option 'format': '%.60s' is unknown, "
				      "expected combined, common, syslog, "
				      "keyvalue or auto",
				      name);
	for (i = 0; i < log->format_count; i++)
		if (log->formats[i] == format)
			return gust_error_set(error, -EINVAL,
					      "option 'format': '%s' stands "
					      "twice, expected it once",
					      name);
	log->formats[log->format_count++] = format;
	return 0;
}

static int parse_log_set_formats(struct parse_log *log,
				 struct gust_error *error)
{
	size_t i;
	int r = 0;

	if (log->names.count == 0)
		return gust_error_set(error, -EINVAL,
				      "option 'format' is empty, expected a "
				      "format");
	if (log->names.count == 1 && strcmp(log->names.items[0], "auto") == 0) {
		for (i = 0; i < PARSE_LOG_FORMATS; i++)
			parse_log_add_format(log, parse_log_names[i], NULL);
		return 0;
	}
	for (i = 0; r == 0 && i < log->names.count; i++)
		r = parse_log_add_format(log, log->names.items[i], error);
	return r;
}

static int parse_log_declare(void *self, struct gust_declaration *about,
			     struct gust_error *error)
{
	struct gust_column columns[RECORD_COLUMNS + 1];
	struct parse_log *log = self;
	unsigned formats = 0;
	size_t i, count = 0;
	int r = parse_log_set_formats(log, error);

	for (i = 0; i < log->format_count; i++)
		formats |= 1u << log->formats[i];
	for (i = 0; i < RECORD_COLUMNS; i++)
		if (i == RECORD_FORMAT
			    ? log->format_count > 1
			    : (parse_log_columns[i].formats & formats) != 0)
			columns[count++] = (struct gust_column){
				parse_log_columns[i].name,
				parse_log_columns[i].type
			};
	columns[count] = (struct gust_column){ NULL, GUST_NULL };
	if (r == 0)
		r = extract_declare(&log->extract, about, columns,
				    (formats & KEYVALUE) == 0, error);
	return r < 0 ? r
		     : aside_declare(&log->extract.aside, EXTRACT_UNPARSED,
				     about, error);
}

static int parse_log_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct parse_log *log = self;
	size_t i, column;
	int r = extract_open(&log->extract, task, error);

	if (r < 0)
		return r;
	log->numbers = calloc(log->extract.count + 1, sizeof(*log->numbers));
	if (log->numbers == NULL)
		return -ENOMEM;
	for (i = 0; i < log->extract.count; i++) {
		column = 0;
		while (column < RECORD_COLUMNS &&
		       strcmp(parse_log_columns[column].name,
			      log->extract.columns[i].name) != 0)
			column++;
		log->numbers[i] = column;
	}
	return aside_open(&log->extract.aside, EXTRACT_UNPARSED, task, error);
}

static bool parse_log_is(struct gust_text key, const char *const *names)
{
	for (; *names != NULL; names++)
		if (key.length == strlen(*names) &&
		    memcmp(key.data, *names, key.length) == 0)
			return true;
	return false;
}

static void parse_log_pair_time(struct record *record, struct gust_value value)
{
	int64_t ms;
	size_t n;

	if (value.type != GUST_STRING)
		return;
	n = stamp_read_3339(value.as.data, value.length, &ms);
	if (n != value.length)
		n = stamp_read_number(value.as.data, value.length, &ms);
	if (n > 0 && n == value.length)
		record_set_time(record, ms);
}

/* Puts a pair where it belongs, besides `pairs`: the columns that have a
 * meaning of their own, and those of its name. */
static void parse_log_place(struct parse_log *log, struct gust_text key,
			    struct gust_value value)
{
	static const char *const times[] = { "time", "ts", "timestamp", "t",
					     NULL };
	static const char *const levels[] = { "level", "lvl", "severity",
					      NULL };
	static const char *const messages[] = { "message", "msg", NULL };
	static const char *const others[] = { "format", "pairs", NULL };
	struct extract *extract = &log->extract;
	size_t i;

	if (parse_log_is(key, times)) {
		parse_log_pair_time(&log->record, value);
		return;
	}
	if (parse_log_is(key, levels))
		log->record.values[RECORD_LEVEL] = value;
	if (parse_log_is(key, messages))
		log->record.values[RECORD_MESSAGE] = value;
	if (parse_log_is(key, others))
		return;
	for (i = 0; i < extract->count; i++)
		if (strlen(extract->columns[i].name) == key.length &&
		    memcmp(extract->columns[i].name, key.data, key.length) == 0)
			extract->values[i] = value;
}

static int parse_log_write_pair(struct buffer *json, struct gust_text key,
				struct gust_value value)
{
	int r = buffer_char(json, json->used == 0 ? '{' : ',');

	if (r == 0)
		r = object_string(json, key.data, key.length);
	if (r == 0)
		r = buffer_char(json, ':');
	return r == 0 ? object_value(json, value) : r;
}

static int parse_log_read_pairs(struct parse_log *log)
{
	struct record *record = &log->record;
	struct buffer *json = &record->json;
	const char *p = record->text;
	struct gust_text key;
	struct gust_value value;
	size_t i;
	int r;

	while ((r = pairs_next(record, &p, &key, &value)) == 1) {
		r = parse_log_write_pair(json, key, value);
		if (r < 0)
			return r;
		parse_log_place(log, key, value);
	}
	if (r == 0)
		r = buffer_char(json, '}');
	if (r == 0)
		record->values[RECORD_PAIRS] =
			gust_json(json->data, json->used);
	/* What a line that is none has left behind. */
	for (i = 0; r < 0 && i < log->extract.count; i++)
		log->extract.values[i] = gust_null();
	return r;
}

static int64_t parse_log_now(void)
{
	return (int64_t)time(NULL) * 1000;
}

static int parse_log_read(struct parse_log *log, enum parse_log_format format,
			  struct gust_text text)
{
	int r = record_begin(&log->record, text.data, text.length);

	if (r < 0)
		return r;
	log->record.values[RECORD_FORMAT] = gust_string(
		parse_log_names[format], strlen(parse_log_names[format]));
	switch (format) {
	case PARSE_LOG_COMBINED:
		return access_read_combined(&log->record);
	case PARSE_LOG_COMMON:
		return access_read_common(&log->record);
	case PARSE_LOG_SYSLOG:
		return syslog_read(&log->record, (int)log->year,
				   log->year != 0 ? 0 : parse_log_now());
	default:
		return parse_log_read_pairs(log);
	}
}

static int parse_log_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct parse_log *log = self;
	struct extract *extract = &log->extract;
	char reasons[400] = "";
	struct gust_text text;
	size_t i, used = 0;
	int r;

	if (extract_begin(extract, task, in, &text, &r) != 0)
		return r;
	for (i = 0; i < log->format_count; i++) {
		r = parse_log_read(log, log->formats[i], text);
		if (r != -EINVAL)
			break;
		if (used < sizeof(reasons))
			used += (size_t)snprintf(
				reasons + used, sizeof(reasons) - used,
				"%sno %s: expected %s at byte %zu",
				used > 0 ? "; " : "",
				parse_log_names[log->formats[i]],
				log->record.expected, log->record.at);
	}
	if (r == -EINVAL)
		return aside_put(&extract->aside, task, in, "%s", reasons);
	if (r < 0)
		return r;
	for (i = 0; i < extract->count; i++)
		if (extract->values[i].type == GUST_NULL &&
		    log->numbers[i] < RECORD_COLUMNS)
			extract->values[i] =
				log->record.values[log->numbers[i]];
	return extract_emit(extract, task, in);
}

static void parse_log_close(void *self)
{
	struct parse_log *log = self;

	free(log->numbers);
	record_destroy(&log->record);
	extract_close(&log->extract);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "parse_log",
	.summary = "takes lines of logs apart",
	.options = parse_log_options,
	.instance_size = sizeof(struct parse_log),
	.declare = parse_log_declare,
	.open = parse_log_open,
	.execute = parse_log_execute,
	.close = parse_log_close,
};
