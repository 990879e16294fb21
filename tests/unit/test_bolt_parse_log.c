/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <time.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "line", GUST_STRING },
	{ "number", GUST_INT },
	{ NULL, GUST_NULL },
};

static const char *formats[4];

static struct fake *prepare(const char *format, const char *second)
{
	struct fake *fake = fake_create("bolts/parse_log");

	fake_input(fake, columns);
	formats[0] = format;
	formats[1] = second;
	fake_set_list(fake, "format", formats, second == NULL ? 1 : 2);
	fake_set_string(fake, "field", "line");
	fake_set_number(fake, "year", 2026);
	return fake;
}

static struct fake *opened(const char *format, const char *second)
{
	return fake_opened(prepare(format, second));
}

static int give(struct fake *fake, const char *line, size_t n)
{
	const struct gust_value row[] = { gust_string(line, n), gust_int(7) };

	return fake_give(fake, row, 2);
}

/* What a line becomes. */
static void check(struct fake *fake, const char *line, const char *expected)
{
	fake_forget(fake);
	if (give(fake, line, strlen(line)) != 0)
		FAIL("'%s' is refused: %s\n", line, fake->reason);
	CHECK_STR(fake->emitted.data, expected);
}

/* Why a line is put aside. */
static void refuse(struct fake *fake, const char *line, const char *reason)
{
	fake_forget(fake);
	CHECK(give(fake, line, strlen(line)) < 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_UINT(fake->emits, 0);
	CHECK_STR(fake->reason, reason);
}

#define FRANK "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "
#define FRANK_TIME "971211336000\t2000-10-10T20:55:36.000Z\t127.0.0.1\tnull\t"

TEST(common)
{
	struct fake *fake = opened("common", NULL);

	CHECK_UINT(fake->column_count, 10);
	check(fake, FRANK "\"GET /apache_pb.gif HTTP/1.0\" 200 2326",
	      FRANK_TIME "frank\tGET\t/apache_pb.gif\tHTTP/1.0\t200\t2326\n");
	check(fake, FRANK "\"GET /a b HTTP/1.0\" - -\r\n",
	      FRANK_TIME "frank\tGET\t/a b\tHTTP/1.0\tnull\tnull\n");
	check(fake, "h i - [10/Oct/2000:13:55:36 -0700] \"-\" 408 0",
	      "971211336000\t2000-10-10T20:55:36.000Z\th\ti\tnull\tnull\tnull\t"
	      "null\t408\t0\n");
	refuse(fake, FRANK "\"GET / HTTP/1.0\" 200 2326 \"-\" \"x\"",
	       "no common: expected the end at byte 73");
	fake_destroy(fake);
}

TEST(combined)
{
	struct fake *fake = opened("combined", NULL);

	check(fake,
	      FRANK "\"GET / HTTP/1.0\" 200 2326 \"http://a/\" \"Moz \\\"x\\\" "
		    "\\xc3\\xA9\\t\\q\"",
	      FRANK_TIME "frank\tGET\t/\tHTTP/1.0\t200\t2326\thttp://a/\tMoz "
			 "\"x\" \xc3\xa9\t\\q\n");
	check(fake, FRANK "\"\\x16\\x03\\x01\" 400 0 \"-\" \"\"",
	      FRANK_TIME "frank\tnull\t\x16\x03\x01\tnull\t400\t0\tnull\t\n");
	check(fake,
	      "::1 - two words [01/Jan/1970:00:00:00 +0000] \"GET /\" 200 "
	      "9223372036854775799 \"-\" \"-\"",
	      "0\t1970-01-01T00:00:00.000Z\t::1\tnull\ttwo words\tnull\tGET /\t"
	      "null\t200\t9223372036854775799\tnull\tnull\n");
	refuse(fake, FRANK "\"GET / HTTP/1.0\" 200 2326",
	       "no combined: expected a referer in quotes at byte 73");
	fake_destroy(fake);
}

TEST(what_is_no_access_log)
{
	struct fake *fake = opened("common", NULL);

	refuse(fake, "h i u [29/Feb/1900:00:00:00 +0000] \"-\" 1 1",
	       "no common: expected a time such as [10/Oct/2000:13:55:36 "
	       "-0700] at byte 7");
	check(fake, "h i u [29/Feb/2000:00:00:00 +0000] \"-\" 1 1",
	      "951782400000\t2000-02-29T00:00:00.000Z\th\ti\tu\tnull\tnull\t"
	      "null\t1\t1\n");
	check(fake, "h i u [29/Feb/2024:00:00:00 +0000] \"-\" 1 1",
	      "1709164800000\t2024-02-29T00:00:00.000Z\th\ti\tu\tnull\tnull\t"
	      "null\t1\t1\n");
	check(fake, "h i u [31/Dec/1899:23:59:60 +0000] \"-\" 1 1",
	      "-2208988800000\t1900-01-01T00:00:00.000Z\th\ti\tu\tnull\tnull\t"
	      "null\t1\t1\n");

	refuse(fake, "", "no common: expected a host at byte 1");
	refuse(fake, "host", "no common: expected a host at byte 1");
	refuse(fake, "h i ", "no common: expected a user at byte 5");
	refuse(fake, "h i u [10/Oct/2000:13:55:36] \"-\" 1 1",
	       "no common: expected a time such as [10/Oct/2000:13:55:36 "
	       "-0700] at byte 7");
	refuse(fake, "h i u [30/Feb/2000:13:55:36 -0700] \"-\" 1 1",
	       "no common: expected a time such as [10/Oct/2000:13:55:36 "
	       "-0700] at byte 7");
	refuse(fake, FRANK "GET / 200 1",
	       "no common: expected a request in quotes at byte 48");
	refuse(fake, FRANK "\"GET /\\\" 200 1",
	       "no common: expected a closing quote at byte 62");
	refuse(fake, FRANK "\"GET /\" x 1",
	       "no common: expected a status at byte 56");
	refuse(fake, FRANK "\"GET /\" 200 99999999999999999999",
	       "no common: expected a number of bytes at byte 60");
	refuse(fake, FRANK "\"GET /\" 200",
	       "no common: expected a number of bytes at byte 59");
	fake_destroy(fake);
}

TEST(syslog_5424)
{
	struct fake *fake = opened("syslog", NULL);

	CHECK_UINT(fake->column_count, 10);
	check(fake,
	      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 "
	      "- \xef\xbb\xbf'su root' failed",
	      "1065910455003\t2003-10-11T22:14:15.003Z\tmymachine.example.com\t"
	      "auth\tcrit\tsu\tnull\tID47\tnull\t'su root' failed\n");
	check(fake,
	      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - "
	      "- %% It's time",
	      "1061727255000\t2003-08-24T12:14:15.000Z\t192.0.2.1\tlocal4\t"
	      "notice\tmyproc\t8710\tnull\tnull\t%% It's time\n");
	check(fake, "<165>1 - - e - - [a@1 i=\"3\" s=\"x\\\"\\]\\\\\\n\"][b@2]",
	      "null\tnull\tnull\tlocal4\tnotice\te\tnull\tnull\t"
	      "{\"a@1\":{\"i\":\"3\",\"s\":\"x\\\"]\\\\\\\\n\"},\"b@2\":{}}\t"
	      "null\n");
	check(fake, "<0>1 - - - - - - ",
	      "null\tnull\tnull\tkern\temerg\tnull\tnull\tnull\tnull\t\n");
	fake_destroy(fake);
}

TEST(syslog_3164)
{
	struct fake *fake = opened("syslog", NULL);

	check(fake, "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
	      "1791756855000\t2026-10-11T22:14:15.000Z\tmymachine\tauth\tcrit\t"
	      "su\tnull\tnull\tnull\t'su root' failed\n");
	check(fake, "Feb  5 17:32:18 host CRON[12]:  (root) CMD",
	      "1770312738000\t2026-02-05T17:32:18."
	      "000Z\thost\tnull\tnull\tCRON\t"
	      "12\tnull\tnull\t (root) CMD\n");
	check(fake, "2026-11-21T16:39:24.123456+00:00 host kernel: [1.2] x",
	      "1795279164123\t2026-11-21T16:39:24.123Z\thost\tnull\tnull\t"
	      "kernel\tnull\tnull\tnull\t[1.2] x\n");
	check(fake, "Feb 05 17:32:18 host last message repeated 2 times",
	      "1770312738000\t2026-02-05T17:32:18."
	      "000Z\thost\tnull\tnull\tnull\t"
	      "null\tnull\tnull\tlast message repeated 2 times\n");
	check(fake, "Feb 05 17:32:18 host a[1 x",
	      "1770312738000\t"
	      "2026-02-05T17:32:18.000Z\thost\tnull\tnull\tnull\tnull\tnull\t"
	      "null\ta[1 x\n");
	fake_destroy(fake);
}

TEST(what_is_no_syslog)
{
	struct fake *fake = opened("syslog", NULL);

	refuse(fake, "<192>1 - - - - - -",
	       "no syslog: expected a priority from <0> to <191> at byte 1");
	refuse(fake, "<>x",
	       "no syslog: expected a priority from <0> to <191> at byte 1");
	refuse(fake, "<1>1 yesterday - - - - -",
	       "no syslog: expected a time at byte 6");
	refuse(fake, "<1>1 - - - - - ?",
	       "no syslog: expected structured data or '-' at byte 16");
	refuse(fake, "<1>1 - - - - - [a b]",
	       "no syslog: expected a name at byte 20");
	refuse(fake, "<1>1 - - - - - [a b=\"",
	       "no syslog: expected a closing quote at byte 22");
	refuse(fake, "<1>1 - - - - - [a b=\"\"",
	       "no syslog: expected ']' at byte 23");
	refuse(fake, "<1>1 - - - - - [a b=1]",
	       "no syslog: expected a value in quotes at byte 20");
	refuse(fake, "<1>1 - - - - -",
	       "no syslog: expected a message id at byte 14");
	refuse(fake, "Feb 30 17:32:18 host x",
	       "no syslog: expected a time at "
	       "byte 1");
	refuse(fake, "a sentence", "no syslog: expected a time at byte 1");
	refuse(fake, "", "no syslog: expected a time at byte 1");
	fake_destroy(fake);
}

TEST(a_year_is_guessed)
{
	struct fake *fake = prepare("syslog", NULL);
	char line[64], stamp[64], expected[256];
	struct tm tm;
	time_t day;
	int back;

	fake_set_number(fake, "year", 0);
	CHECK_INT(fake_open(fake), 0);
	/* From a year but two days ago to now. */
	for (back = 0; back < 363; back += 11) {
		day = time(NULL) - (time_t)back * 86400;
		gmtime_r(&day, &tm);
		strftime(line, sizeof(line), "%b %e %H:%M:%S h x", &tm);
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
		snprintf(expected, sizeof(expected),
			 "%lld000\t%s\th\tnull\tnull\tnull\tnull\tnull\tnull\t"
			 "x\n",
			 (long long)day, stamp);
		check(fake, line, expected);
	}
	fake_destroy(fake);
}

TEST(pairs)
{
	struct fake *fake = opened("keyvalue", NULL);

	CHECK_UINT(fake->column_count, 5);
	check(fake,
	      "ts=2026-11-21T16:39:24+01:00 level=info msg=\"a \\\"b\\\" \\n\" "
	      "dur=5ms  ok empty= q=\"\"",
	      "1795275564000\t2026-11-21T15:39:24.000Z\tinfo\ta \"b\" \n\t"
	      "{\"ts\":\"2026-11-21T16:39:24+01:00\",\"level\":\"info\","
	      "\"msg\":\"a \\\"b\\\" \\n\",\"dur\":\"5ms\",\"ok\":true,"
	      "\"empty\":null,\"q\":\"\"}\n");
	check(fake, "t=1502911297.40483",
	      "1502911297404\t2017-08-16T19:21:37.404Z\tnull\tnull\t"
	      "{\"t\":\"1502911297.40483\"}\n");
	check(fake, "time=1502911297404",
	      "1502911297404\t2017-08-16T19:21:37.404Z\tnull\tnull\t"
	      "{\"time\":\"1502911297404\"}\n");
	check(fake, "time=soon lvl=w",
	      "null\tnull\tw\tnull\t{\"time\":\"soon\",\"lvl\":\"w\"}\n");
	refuse(fake, "", "no keyvalue: expected a key at byte 1");
	refuse(fake, "two words",
	       "no keyvalue: expected '=' behind the first "
	       "key at byte 4");
	refuse(fake, "a=1 b=\"x",
	       "no keyvalue: expected a closing quote at "
	       "byte 9");
	refuse(fake, "a=1 b=\"x\"y",
	       "no keyvalue: expected a space behind "
	       "the value at byte 10");
	refuse(fake, "a=1 =2", "no keyvalue: expected a key at byte 5");
	refuse(fake, "a=1 b\"",
	       "no keyvalue: expected '=' behind the key at "
	       "byte 6");
	fake_destroy(fake);
}

static const struct gust_column outputs[] = {
	{ "number", GUST_INT },    { "time", GUST_INT },
	{ "status", GUST_STRING }, { "user_id", GUST_INT },
	{ "format", GUST_STRING }, { NULL, GUST_NULL },
};

TEST(outputs_choose_and_cast)
{
	static const char *const keep[] = { "number" };
	struct fake *fake = prepare("common", "keyvalue");

	fake_output(fake, "default", outputs);
	fake_set_list(fake, "keep", keep, 1);
	CHECK_INT(fake_open(fake), 0);
	check(fake, FRANK "\"GET /\" 200 1",
	      "7\t971211336000\t200\tnull\tcommon\n");
	check(fake, "user_id=5 status=ok time=1 format=x",
	      "7\t1000\tok\t5\tkeyvalue\n");
	refuse(fake, "user_id=five", "field 'user_id' is 'five', expected int");
	fake_destroy(fake);
}

TEST(several_formats)
{
	struct fake *fake = opened("common", "keyvalue");

	CHECK_STR(fake->columns[0].name, "format");
	CHECK_UINT(fake->column_count, 14);
	check(fake, FRANK "\"GET /\" 200 1",
	      "common\t" FRANK_TIME
	      "frank\tnull\tGET /\tnull\t200\t1\tnull\tnull\tnull\n");
	/* A field of another format is one by its name, too. */
	check(fake, "host=h status=5",
	      "keyvalue\tnull\tnull\th\tnull\tnull\tnull\tnull\tnull\t5\tnull\t"
	      "null\tnull\t{\"host\":\"h\",\"status\":\"5\"}\n");
	refuse(fake, "a sentence",
	       "no common: expected an ident at byte 3; no keyvalue: expected "
	       "'=' behind the first key at byte 2");
	fake_destroy(fake);
}

TEST(a_format_that_fails_leaves_nothing_behind)
{
	static const struct gust_column two[] = { { "a", GUST_STRING },
						  { "host", GUST_STRING },
						  { NULL, GUST_NULL } };
	struct fake *fake = prepare("keyvalue", "common");

	fake_output(fake, "default", two);
	CHECK_INT(fake_open(fake), 0);
	check(fake, "a=1 - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 200 1",
	      "null\ta=1\n");
	fake_destroy(fake);
}

TEST(the_unparsed_are_kept_aside)
{
	struct fake *fake = prepare("auto", NULL);

	fake_set_string(fake, "unparsed", "stream");
	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 21);
	CHECK_INT(give(fake, "?", 1), 0);
	CHECK_STR(fake->emitted.data,
		  "unparsed: ?\t7\tno combined: expected a host at byte 1; no "
		  "common: expected a host at byte 1; no syslog: expected a "
		  "time at byte 1; no keyvalue: expected '=' behind the first "
		  "key at byte 2\n");
	fake_destroy(fake);
}

TEST(any_bytes_are_taken)
{
	struct fake *fake = opened("keyvalue", NULL);
	const size_t n = 900000;
	char *text = malloc(n);

	CHECK_INT(give(fake, "a=\xff\xfe", 4), 0);
	CHECK_STR(fake->emitted.data, "null\tnull\tnull\tnull\t{\"a\":\""
				      "\xef\xbf\xbd\xef\xbf\xbd\"}\n");
	CHECK(give(fake, "a=1 \0=2", 7) < 0);
	CHECK(give(fake, "\0", 1) < 0);
	memset(text, 'x', n);
	memcpy(text, "msg=\"", 5);
	text[n - 1] = '"';
	fake_forget(fake);
	/* It stands there twice. */
	CHECK(give(fake, text, n) < 0);
	CHECK_STR(fake->reason, "what was found is longer than a tuple may "
				"be, 1048576 bytes");
	memset(text, ' ', n);
	CHECK(give(fake, text, n) < 0);
	free(text);
	fake_destroy(fake);
}

static void mistake(struct fake *fake, const char *text)
{
	fake_refuse(fake, -EINVAL, text);
}

TEST(mistakes_are_found_before_anything_runs)
{
	struct fake *fake;

	mistake(prepare("apache", NULL),
		"option 'format': 'apache' is unknown, expected combined, "
		"common, syslog, keyvalue or auto");
	mistake(prepare("common", "auto"),
		"option 'format': 'auto' is unknown, expected combined, "
		"common, syslog, keyvalue or auto");
	mistake(prepare("common", "common"),
		"option 'format': 'common' stands twice, expected it once");
	fake = prepare("common", NULL);
	fake_set_list(fake, "format", formats, 0);
	mistake(fake, "option 'format' is empty, expected a format");
	fake = prepare("common", NULL);
	fake_output(fake, "default", outputs + 3);
	mistake(fake, "field 'user_id' of 'outputs' is none that can be "
		      "found, expected a name that is, or one in 'keep'");
}
