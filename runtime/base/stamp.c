/* SPDX-License-Identifier: MIT */

#include "base/stamp.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/zone.h"

#define NS_PER_S INT64_C(1000000000)
#define SECONDS_MIN (STAMP_MIN / NS_PER_S)
#define SECONDS_MAX (STAMP_MAX / NS_PER_S)

enum stamp_kind { STAMP_NUMBER, STAMP_RFC3339, STAMP_PATTERN };

struct stamp {
	enum stamp_kind kind;
	int64_t unit;       /* of numbers, in ns */
	struct zone *zone;  /* NULL: UTC */
	bool offset;        /* the pattern reads one */
	const char *format; /* for messages */
	int fractions;      /* how many there are of `%f` */
	char text[];        /* the parts between them, each with its NUL */
};

/* Fractions are read to this many digits. */
#define FRACTION_DIGITS 9

static int stamp_refuse(const struct gust_value *value,
			const struct stamp *stamp, struct gust_error *error)
{
	const char *expected =
		stamp->kind == STAMP_NUMBER ? "a number" : stamp->format;

	if (value->type == GUST_NULL)
		return gust_error_set(error, -EINVAL,
				      "there is no time, expected %s",
				      expected);
	return gust_error_set(error, -EINVAL, "'%.*s' is no time, expected %s",
			      (int)(value->length < 60 ? value->length : 60),
			      value->as.data, expected);
}

static int stamp_beyond(struct gust_error *error)
{
	return gust_error_set(error, -ERANGE,
			      "the time is out of range, expected one from "
			      "1678 to 2261");
}

/* From seconds and what of a second is behind them. */
static int stamp_join(int64_t seconds, int64_t ns, int64_t *time,
		      struct gust_error *error)
{
	if (seconds < SECONDS_MIN || seconds > SECONDS_MAX)
		return stamp_beyond(error);
	*time = seconds * NS_PER_S + ns;
	return 0;
}

static int stamp_integer(int64_t number, int64_t unit, int64_t *time,
			 struct gust_error *error)
{
	if (__builtin_mul_overflow(number, unit, time) || *time < STAMP_MIN ||
	    *time > STAMP_MAX)
		return stamp_beyond(error);
	return 0;
}

static int stamp_float(double number, int64_t unit, int64_t *time,
		       struct gust_error *error)
{
	int64_t whole;

	if (!(number >= (double)(STAMP_MIN / unit) &&
	      number < (double)(STAMP_MAX / unit)))
		return stamp_beyond(error);
	/* Whole units apart, which a double holds exactly. */
	whole = (int64_t)number;
	whole -= (double)whole > number;
	*time = whole * unit +
		(int64_t)((number - (double)whole) * (double)unit + 0.5);
	return 0;
}

/* The digits of a fraction, as parts of `unit`; what is too fine is cut. */
static int64_t stamp_fraction(const char **p, int64_t unit)
{
	int64_t sum = 0;

	for (; **p >= '0' && **p <= '9'; ++*p) {
		unit /= 10;
		sum += unit * (**p - '0');
	}
	return sum;
}

static int stamp_digits(const struct stamp *stamp,
			const struct gust_value *value, int64_t *time,
			struct gust_error *error)
{
	const char *p = value->as.data, *begin;
	int64_t whole = 0, part = 0;
	bool minus = *p == '-';

	p += minus;
	for (begin = p; *p >= '0' && *p <= '9'; p++) {
		if (whole > (INT64_MAX - 9) / 10)
			return stamp_beyond(error);
		whole = whole * 10 + (*p - '0');
	}
	if (p == begin)
		return stamp_refuse(value, stamp, error);
	if (*p == '.') {
		p++;
		part = stamp_fraction(&p, stamp->unit);
	}
	if (p != value->as.data + value->length)
		return stamp_refuse(value, stamp, error);
	if (stamp_integer(minus ? -whole : whole, stamp->unit, time, error) !=
	    0)
		return -ERANGE;
	*time += minus ? -part : part;
	return 0;
}

/* Reads `digits` digits; a negative number when there are not so many. */
static int stamp_number(const char **p, int digits)
{
	int number = 0;

	for (; digits > 0; digits--, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		number = number * 10 + (**p - '0');
	}
	return number;
}

static bool stamp_skip(const char **p, const char *one_of)
{
	if (**p == '\0' || strchr(one_of, **p) == NULL)
		return false;
	++*p;
	return true;
}

/* hh:mm:ss; a leap second counts as the one behind it. */
static bool stamp_clock(const char **p, struct tm *tm)
{
	tm->tm_hour = stamp_number(p, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || !stamp_skip(p, ":"))
		return false;
	tm->tm_min = stamp_number(p, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59 || !stamp_skip(p, ":"))
		return false;
	tm->tm_sec = stamp_number(p, 2);
	return tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

static bool stamp_date(const char **p, struct tm *tm)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	int year = stamp_number(p, 4);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year < 0 || !stamp_skip(p, "-"))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = stamp_number(p, 2) - 1;
	if (tm->tm_mon < 0 || tm->tm_mon > 11 || !stamp_skip(p, "-"))
		return false;
	tm->tm_mday = stamp_number(p, 2);
	return tm->tm_mday >= 1 && tm->tm_mday <= days[tm->tm_mon] &&
	       (leap || tm->tm_mon != 1 || tm->tm_mday < 29);
}

/* Z, +01:00 or +0100; sets `*known` if there is one. */
static bool stamp_east(const char **p, int *east, bool *known)
{
	bool minus = **p == '-';
	int hours, minutes;

	*known = true;
	*east = 0;
	if (stamp_skip(p, "Zz"))
		return true;
	if (!stamp_skip(p, "+-")) {
		*known = false;
		return true;
	}
	hours = stamp_number(p, 2);
	stamp_skip(p, ":");
	minutes = stamp_number(p, 2);
	*east = (hours * 60 + minutes) * 60;
	if (minus)
		*east = -*east;
	return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
}

static int stamp_rfc3339(const struct stamp *stamp,
			 const struct gust_value *value, int64_t *time,
			 struct gust_error *error)
{
	const char *p = value->as.data;
	struct tm tm = { 0 };
	int64_t seconds, ns = 0;
	bool known;
	int east;

	if (!stamp_date(&p, &tm) || !stamp_skip(&p, "Tt ") ||
	    !stamp_clock(&p, &tm))
		return stamp_refuse(value, stamp, error);
	if (stamp_skip(&p, ".,"))
		ns = stamp_fraction(&p, NS_PER_S);
	if (!stamp_east(&p, &east, &known) ||
	    p != value->as.data + value->length)
		return stamp_refuse(value, stamp, error);
	seconds = timegm(&tm);
	seconds = known ? seconds - east : zone_to_utc(stamp->zone, seconds);
	return stamp_join(seconds, ns, time, error);
}

/* Reads the parts of a pattern, between which are fractions. NULL: it does not
 * fit. */
static const char *stamp_parts(const struct stamp *stamp, const char *p,
			       struct tm *tm, int64_t *ns)
{
	const char *part = stamp->text;

	p = strptime(p, part, tm);
	for (int i = 0; p != NULL && i < stamp->fractions; i++) {
		if (*p < '0' || *p > '9')
			return NULL;
		*ns = stamp_fraction(&p, NS_PER_S);
		part += strlen(part) + 1;
		p = strptime(p, part, tm);
	}
	return p;
}

static int stamp_pattern(const struct stamp *stamp,
			 const struct gust_value *value, int64_t *time,
			 struct gust_error *error)
{
	struct tm tm = { .tm_year = 70, .tm_mday = 1 };
	const char *p;
	int64_t seconds, ns = 0;

	p = stamp_parts(stamp, value->as.data, &tm, &ns);
	if (p != value->as.data + value->length)
		return stamp_refuse(value, stamp, error);
	/* timegm() sets it to 0. */
	seconds = tm.tm_gmtoff;
	if (stamp->offset)
		seconds = timegm(&tm) - seconds;
	else
		seconds = zone_to_utc(stamp->zone, timegm(&tm));
	return stamp_join(seconds, ns, time, error);
}

int stamp_read(const struct stamp *stamp, const struct gust_value *value,
	       int64_t *time, struct gust_error *error)
{
	if (value->type == GUST_INT && stamp->kind == STAMP_NUMBER)
		return stamp_integer(value->as.integer, stamp->unit, time,
				     error);
	if (value->type == GUST_FLOAT && stamp->kind == STAMP_NUMBER)
		return stamp_float(value->as.number, stamp->unit, time, error);
	if (value->type != GUST_STRING)
		return stamp_refuse(&(struct gust_value){ GUST_NULL, 0, { 0 } },
				    stamp, error);
	switch (stamp->kind) {
	case STAMP_NUMBER:
		return stamp_digits(stamp, value, time, error);
	case STAMP_RFC3339:
		return stamp_rfc3339(stamp, value, time, error);
	case STAMP_PATTERN:
		break;
	}
	return stamp_pattern(stamp, value, time, error);
}

static const struct stamp_unit {
	const char *name;
	int64_t ns;
} units[] = { { "s", NS_PER_S },
	      { "ms", INT64_C(1000000) },
	      { "us", INT64_C(1000) },
	      { "ns", INT64_C(1) } };

#define UNITS (sizeof(units) / sizeof(units[0]))

static int stamp_find_format(struct stamp *stamp, struct gust_error *error)
{
	for (size_t i = 0; i < UNITS; i++) {
		if (strcmp(stamp->format, units[i].name) != 0)
			continue;
		stamp->kind = STAMP_NUMBER;
		stamp->unit = units[i].ns;
		return 0;
	}
	stamp->kind = STAMP_RFC3339;
	if (strcmp(stamp->format, "rfc3339") == 0)
		return 0;
	stamp->kind = STAMP_PATTERN;
	if (strchr(stamp->format, '%') != NULL)
		return 0;
	return gust_error_set(error, -EINVAL,
			      "'%.60s' is no format of a time, expected s, ms, "
			      "us, ns, rfc3339 or a pattern as "
			      "'%%Y-%%m-%%d %%H:%%M:%%S'",
			      stamp->format);
}

/* Cuts the pattern at its fractions, and sees whether it has an offset. */
static void stamp_cut(struct stamp *stamp)
{
	char *to = stamp->text;

	for (const char *p = stamp->format; *p != '\0'; p++) {
		*to++ = *p;
		if (*p != '%' || p[1] == '\0')
			continue;
		p++;
		stamp->offset |= *p == 'z' || *p == 's';
		if (*p == 'f') {
			to[-1] = '\0';
			stamp->fractions++;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
}

/* A time that the pattern writes must be one that it reads. */
static int stamp_try(const struct stamp *stamp, struct gust_error *error)
{
	struct tm tm = { .tm_year = 126, .tm_mon = 10, .tm_mday = 21 };
	char text[512] = "x", pattern[256];
	struct gust_value value;
	size_t at = 0;
	int64_t time;

	for (const char *p = stamp->format;
	     *p != '\0' && at < sizeof(pattern) - 2; p++) {
		pattern[at++] = *p;
		if (*p != '%')
			continue;
		if (p[1] == 'f')
			pattern[at - 1] = '5';
		else
			pattern[at++] = p[1];
		p += p[1] != '\0';
	}
	pattern[at] = '\0';
	timegm(&tm);
	value = gust_string(text, strftime(text, sizeof(text), pattern, &tm));
	if (at < sizeof(pattern) - 2 && value.length > 0 &&
	    stamp_pattern(stamp, &value, &time, NULL) == 0)
		return 0;
	return gust_error_set(error, -EINVAL,
			      "the pattern '%.60s' reads no time, expected one "
			      "of strptime()",
			      stamp->format);
}

/* Whether values of a type can be read so. */
static int stamp_suits(const struct stamp *stamp, enum gust_type type,
		       struct gust_error *error)
{
	if (type == GUST_STRING)
		return 0;
	if (type != GUST_INT && type != GUST_FLOAT)
		return gust_error_set(error, -EINVAL,
				      "a field of type %s holds no time, "
				      "expected int, float or string",
				      gust_type_name(type));
	if (stamp->kind == STAMP_NUMBER)
		return 0;
	return gust_error_set(error, -EINVAL,
			      "a field of type %s has no such format, expected "
			      "s, ms, us or ns",
			      gust_type_name(type));
}

/* What is usual, or NULL. */
static const char *stamp_usual(enum gust_type type)
{
	if (type == GUST_FLOAT)
		return "s";
	return type == GUST_INT ? NULL : "rfc3339";
}

int stamp_open(const char *format, enum gust_type type, const char *zone,
	       struct stamp **stamp, struct gust_error *error)
{
	struct stamp *made;
	int r;

	if (format == NULL)
		format = stamp_usual(type);
	if (format == NULL)
		return gust_error_set(error, -EINVAL,
				      "an int does not say its unit, expected "
				      "'format' with s, ms, us or ns");
	made = calloc(1, sizeof(*made) + 2 * strlen(format) + 4);
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	made->format = strcpy(made->text + strlen(format) + 3, format);
	r = stamp_find_format(made, error);
	if (r == 0)
		r = stamp_suits(made, type, error);
	if (r == 0 && zone != NULL && made->kind == STAMP_NUMBER)
		r = gust_error_set(error, -EINVAL,
				   "numbers since 1970 are the same in all "
				   "zones, expected 'zone' left out");
	if (r == 0 && zone != NULL)
		r = zone_open(zone, &made->zone, error);
	if (r == 0 && made->kind == STAMP_PATTERN) {
		stamp_cut(made);
		r = stamp_try(made, error);
	}
	if (r != 0) {
		stamp_close(made);
		return r;
	}
	*stamp = made;
	return 0;
}

void stamp_close(struct stamp *stamp)
{
	if (stamp == NULL)
		return;
	zone_close(stamp->zone);
	free(stamp);
}
