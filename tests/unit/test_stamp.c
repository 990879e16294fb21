/* SPDX-License-Identifier: MIT */

#include "base/stamp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define S INT64_C(1000000000)
#define NOON (INT64_C(1795262400) * S) /* 2026-11-21 12:00:00 UTC */

static int read_value(const char *format, enum gust_type type, const char *zone,
		      struct gust_value value, int64_t *time, char *text)
{
	struct gust_error error = { 0 };
	struct stamp *stamp = NULL;
	int r = stamp_open(format, type, zone, &stamp, &error);

	CHECK_STR(error.text, "");
	CHECK_INT(r, 0);
	r = stamp_read(stamp, &value, time, &error);
	CHECK_INT(r == 0, error.text[0] == '\0');
	if (text != NULL)
		snprintf(text, 512, "%s", error.text);
	stamp_close(stamp);
	return r;
}

static int64_t read_text(const char *format, const char *zone, const char *text)
{
	int64_t time = 0;

	CHECK_INT(read_value(format, GUST_STRING, zone,
			     gust_string(text, strlen(text)), &time, NULL),
		  0);
	return time;
}

static void refuse_text(const char *format, const char *text, int code,
			const char *expected)
{
	char said[512];
	int64_t time = 5;

	CHECK_INT(read_value(format, GUST_STRING, NULL,
			     gust_string(text, strlen(text)), &time, said),
		  code);
	CHECK_CONTAINS(said, expected);
}

TEST(numbers_have_units)
{
	static const struct {
		const char *format;
		int64_t ns;
	} cases[] = {
		{ "s", S }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 }
	};
	int64_t time;

	for (size_t i = 0; i < 4; i++) {
		const char *format = cases[i].format;

		read_value(format, GUST_INT, NULL, gust_int(-7), &time, NULL);
		CHECK_INT(time, -7 * cases[i].ns);
		read_value(format, GUST_FLOAT, NULL, gust_float(-7), &time,
			   NULL);
		CHECK_INT(time, -7 * cases[i].ns);
		CHECK_INT(read_text(format, NULL, "-7"), -7 * cases[i].ns);
		CHECK_INT(read_text(format, NULL, "0007"), 7 * cases[i].ns);
	}
	read_value(NULL, GUST_FLOAT, NULL, gust_float(-1.25), &time, NULL);
	CHECK_INT(time, -1250000000);
	read_value(NULL, GUST_FLOAT, NULL, gust_float(1795262400.5), &time,
		   NULL);
	CHECK_INT(time, NOON + S / 2);
	CHECK_INT(read_text("s", NULL, "1.123456789999"), 1123456789);
	CHECK_INT(read_text("s", NULL, "-1.5"), -1500000000);
	CHECK_INT(read_text("ms", NULL, "1.5"), 1500000);
	CHECK_INT(read_text("ns", NULL, "1.5"), 1);
}

TEST(numbers_have_a_range)
{
	char said[512];
	int64_t time = 0;

	CHECK_INT(read_value("ns", GUST_INT, NULL, gust_int(STAMP_MAX), &time,
			     NULL),
		  0);
	CHECK_INT(time, STAMP_MAX);
	CHECK_INT(read_value("ns", GUST_INT, NULL, gust_int(STAMP_MIN), &time,
			     NULL),
		  0);
	CHECK_INT(time, STAMP_MIN);
	CHECK_INT(read_value("ns", GUST_INT, NULL, gust_int(STAMP_MAX + 1),
			     &time, said),
		  -ERANGE);
	CHECK_CONTAINS(said, "out of range, expected one from 1678 to 2261");
	CHECK_INT(read_value("s", GUST_INT, NULL, gust_int(INT64_MIN), &time,
			     said),
		  -ERANGE);
	CHECK_INT(read_value("s", GUST_FLOAT, NULL, gust_float(1e300), &time,
			     said),
		  -ERANGE);
	CHECK_INT(read_value("s", GUST_FLOAT, NULL, gust_float(-1e300), &time,
			     said),
		  -ERANGE);
	CHECK_INT(read_value("s", GUST_FLOAT, NULL,
			     gust_float(strtod("nan", NULL)), &time, said),
		  -ERANGE);
	refuse_text("s", "99999999999999999999999", -ERANGE, "out of range");
	refuse_text("rfc3339", "0001-01-01T00:00:00Z", -ERANGE, "out of range");
	refuse_text("rfc3339", "2262-01-01T00:00:00Z", -ERANGE, "out of range");
	CHECK_INT(read_text("rfc3339", NULL, "1678-01-01T00:00:01Z"),
		  STAMP_MIN + S);
	CHECK_INT(read_text("rfc3339", NULL, "2261-12-31T23:59:59.999999999Z"),
		  STAMP_MAX);
}

TEST(rfc3339)
{
	CHECK_INT(read_text(NULL, NULL, "2026-11-21T12:00:00Z"), NOON);
	CHECK_INT(read_text("rfc3339", NULL, "2026-11-21 12:00:00"), NOON);
	CHECK_INT(read_text(NULL, NULL, "2026-11-21t13:30:00.25+01:30"),
		  NOON + S / 4);
	CHECK_INT(read_text(NULL, NULL, "2026-11-21T07:00:00-0500"), NOON);
	CHECK_INT(read_text(NULL, NULL, "1969-12-31T23:59:59.5Z"), -S / 2);
	CHECK_INT(read_text(NULL, NULL, "2024-02-29T00:00:00Z"),
		  INT64_C(1709164800) * S);
	CHECK_INT(read_text(NULL, NULL, "2016-12-31T23:59:60Z"),
		  INT64_C(1483228800) * S);
	CHECK_INT(read_text(NULL, NULL, "2026-11-21T12:00:00.123456789123Z"),
		  NOON + 123456789);
}

TEST(what_is_no_rfc3339)
{
	static const char *const bad[] = { "",
					   "2026",
					   "2026-11-21",
					   "2026-11-21T12:00Z",
					   "2026-13-21T12:00:00Z",
					   "2026-02-29T12:00:00Z",
					   "2026-11-00T12:00:00Z",
					   "2026-11-21T24:00:00Z",
					   "2026-11-21T12:60:00Z",
					   "2026-11-21T12:00:61Z",
					   "2026-11-21T12:00:00Zx",
					   "2026-11-21T12:00:00+25:00",
					   "2026-11-21T12:00:00+1",
					   " 2026-11-21T12:00:00Z",
					   "2026-11-21T12:00:00Z " };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse_text("rfc3339", bad[i], -EINVAL,
			    "is no time, expected rfc3339");
	refuse_text("ms", "12a", -EINVAL,
		    "'12a' is no time, expected a number");
	refuse_text("ms", "-", -EINVAL, "is no time");
	refuse_text("ms", "+5", -EINVAL, "is no time");
}

TEST(patterns)
{
	CHECK_INT(read_text("%d/%b/%Y:%H:%M:%S %z", NULL,
			    "21/Nov/2026:13:00:00 +0100"),
		  NOON);
	CHECK_INT(read_text("%Y-%m-%d %H:%M:%S.%f", NULL,
			    "2026-11-21 12:00:00.5"),
		  NOON + S / 2);
	CHECK_INT(read_text("%H:%M:%S,%f %d.%m.%y", NULL,
			    "12:00:00,000001 21.11.26"),
		  NOON + 1000);
	CHECK_INT(read_text("%s", NULL, "1795262400"), NOON);
	CHECK_INT(read_text("%s.%f", NULL, "1795262400.25"), NOON + S / 4);
	CHECK_INT(read_text("%Y-%m-%d", NULL, "1969-12-31"), -86400 * S);
	CHECK_INT(read_text("%H:%M", NULL, "00:01"), 60 * S);
	CHECK_INT(read_text("100%% %Y-%m-%d", NULL, "100% 1970-01-02"),
		  86400 * S);
	refuse_text("%Y-%m-%d", "2026-11-21x", -EINVAL,
		    "'2026-11-21x' is no time, expected %Y-%m-%d");
	refuse_text("%Y-%m-%d.%f", "2026-11-21.", -EINVAL, "is no time");
	refuse_text("%Y", "3000", -ERANGE, "out of range");
}

TEST(zones)
{
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
		return;
	CHECK_INT(read_text("rfc3339", "Europe/Berlin", "2026-11-21T13:00:00"),
		  NOON);
	/* What says so itself is not moved. */
	CHECK_INT(read_text("rfc3339", "Europe/Berlin", "2026-11-21T12:00:00Z"),
		  NOON);
	CHECK_INT(read_text("%Y-%m-%d %H", "Europe/Berlin", "2026-07-01 02"),
		  INT64_C(1782864000) * S);
	/* The zone of the process is nobody's affair. */
	setenv("TZ", "America/New_York", 1);
	tzset();
	CHECK_INT(read_text("%Y-%m-%d %H", NULL, "2026-11-21 12"), NOON);
	CHECK_INT(read_text("%s", NULL, "1795262400"), NOON);
	unsetenv("TZ");
	tzset();
}

TEST(what_cannot_be_read)
{
	char said[512];
	int64_t time = 5;

	CHECK_INT(read_value("ms", GUST_INT, NULL, gust_null(), &time, said),
		  -EINVAL);
	CHECK_STR(said, "there is no time, expected a number");
	CHECK_INT(read_value(NULL, GUST_STRING, NULL, gust_null(), &time, said),
		  -EINVAL);
	/* A text with a NUL in it. */
	CHECK_INT(read_value("%Y", GUST_STRING, NULL, gust_string("2026\0", 5),
			     &time, said),
		  -EINVAL);
	CHECK_INT(read_value("s", GUST_STRING, NULL, gust_string("5\0", 2),
			     &time, said),
		  -EINVAL);
	CHECK_INT(time, 5);
}
