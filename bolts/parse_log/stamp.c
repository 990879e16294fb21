/* SPDX-License-Identifier: MIT */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "stamp.h"

#define DAY_MS ((int64_t)86400000)

/* The first and the last millisecond that four digits of a year can say. */
#define STAMP_MIN (INT64_C(-62167219200000))
#define STAMP_MAX (INT64_C(253402300799999))

struct stamp {
	int year, month, day, hour, minute, second, ms;
};

/*
 * Days from 1970-01-01 on, in the Gregorian calendar: days_from_civil() of
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
static int64_t stamp_days(int year, int month, int day)
{
	const int y = year - (month <= 2 ? 1 : 0);
	const int era = (y >= 0 ? y : y - 399) / 400;
	const int of_era = y - era * 400;
	const int of_year =
		(153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int64_t)era * 146097 + of_era * 365 + of_era / 4 -
	       of_era / 100 + of_year - 719468;
}

static bool stamp_leaps(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int stamp_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	return month == 2 && stamp_leaps(year) ? 29 : days[month - 1];
}

/* A leap second counts as the one behind it. `zone` is in minutes. */
static bool stamp_join(const struct stamp *stamp, int zone, int64_t *ms)
{
	int64_t sum;

	if (stamp->month < 1 || stamp->month > 12 || stamp->day < 1 ||
	    stamp->day > stamp_month_days(stamp->year, stamp->month) ||
	    stamp->hour > 23 || stamp->minute > 59 || stamp->second > 60)
		return false;
	sum = stamp_days(stamp->year, stamp->month, stamp->day) * 24 +
	      stamp->hour;
	sum = (sum * 60 + stamp->minute - zone) * 60 + stamp->second;
	sum = sum * 1000 + stamp->ms;
	if (sum < STAMP_MIN || sum > STAMP_MAX)
		return false;
	*ms = sum;
	return true;
}

/* What is left of a text; a function that fails sets `p` to NULL. */
struct scan {
	const char *p, *end;
};

static int scan_digits(struct scan *scan, int count)
{
	int sum = 0;

	if (scan->p == NULL || scan->end - scan->p < count) {
		scan->p = NULL;
		return 0;
	}
	for (; count > 0; count--, scan->p++) {
		if (*scan->p < '0' || *scan->p > '9') {
			scan->p = NULL;
			return 0;
		}
		sum = 10 * sum + (*scan->p - '0');
	}
	return sum;
}

/* Takes one of the bytes of `any`, and returns it; 0 fails. */
static char scan_byte(struct scan *scan, const char *any)
{
	if (scan->p == NULL || scan->p == scan->end || *scan->p == '\0' ||
	    strchr(any, *scan->p) == NULL) {
		scan->p = NULL;
		return 0;
	}
	return *scan->p++;
}

static bool scan_sees(const struct scan *scan, const char *any)
{
	return scan->p != NULL && scan->p < scan->end && *scan->p != '\0' &&
	       strchr(any, *scan->p) != NULL;
}

/* Digits of a fraction, of which the first three are the milliseconds. */
static int scan_fraction(struct scan *scan)
{
	int ms = scan_digits(scan, 1) * 100, weight = 10;

	while (scan_sees(scan, "0123456789")) {
		ms += (*scan->p++ - '0') * weight;
		weight /= 10;
	}
	return ms;
}

static int scan_month(struct scan *scan)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int i;

	if (scan->p != NULL && scan->end - scan->p >= 3) {
		for (i = 0; i < 12; i++) {
			if (memcmp(scan->p, names + 3 * i, 3) != 0)
				continue;
			scan->p += 3;
			return i + 1;
		}
	}
	scan->p = NULL;
	return 0;
}

/* HH:MM:SS */
static void scan_time(struct scan *scan, struct stamp *stamp)
{
	stamp->hour = scan_digits(scan, 2);
	scan_byte(scan, ":");
	stamp->minute = scan_digits(scan, 2);
	scan_byte(scan, ":");
	stamp->second = scan_digits(scan, 2);
}

/* +HH:MM or +HHMM, in minutes. */
static int scan_zone(struct scan *scan)
{
	const char sign = scan_byte(scan, "+-");
	int hours = scan_digits(scan, 2), minutes;

	if (scan_sees(scan, ":"))
		scan->p++;
	minutes = scan_digits(scan, 2);
	if (hours > 23 || minutes > 59)
		scan->p = NULL;
	return (sign == '-' ? -1 : 1) * (60 * hours + minutes);
}

size_t stamp_read_3339(const char *text, size_t n, int64_t *ms)
{
	struct scan scan = { text, text + n };
	struct stamp stamp = { 0 };
	int zone = 0;

	stamp.year = scan_digits(&scan, 4);
	scan_byte(&scan, "-");
	stamp.month = scan_digits(&scan, 2);
	scan_byte(&scan, "-");
	stamp.day = scan_digits(&scan, 2);
	scan_byte(&scan, "Tt ");
	scan_time(&scan, &stamp);
	if (scan_sees(&scan, ".,")) {
		scan.p++;
		stamp.ms = scan_fraction(&scan);
	}
	if (scan_sees(&scan, "Zz"))
		scan.p++;
	else if (scan_sees(&scan, "+-"))
		zone = scan_zone(&scan);
	if (scan.p == NULL || !stamp_join(&stamp, zone, ms))
		return 0;
	return (size_t)(scan.p - text);
}

size_t stamp_read_access(const char *text, size_t n, int64_t *ms)
{
	struct scan scan = { text, text + n };
	struct stamp stamp = { 0 };
	int zone;

	stamp.day = scan_digits(&scan, 2);
	scan_byte(&scan, "/");
	stamp.month = scan_month(&scan);
	scan_byte(&scan, "/");
	stamp.year = scan_digits(&scan, 4);
	scan_byte(&scan, ":");
	scan_time(&scan, &stamp);
	scan_byte(&scan, " ");
	zone = scan_zone(&scan);
	if (scan.p == NULL || !stamp_join(&stamp, zone, ms))
		return 0;
	return (size_t)(scan.p - text);
}

static int stamp_year_of(int64_t ms)
{
	/* Never too late, and too early by a year at most. */
	int year = (int)(ms / DAY_MS / 366) + 1970;

	while (stamp_days(year + 1, 1, 1) * DAY_MS <= ms)
		year++;
	return year;
}

size_t stamp_read_3164(const char *text, size_t n, int year, int64_t now,
		       int64_t *ms)
{
	struct scan scan = { text, text + n };
	struct stamp stamp = { 0 };
	bool fits;

	stamp.month = scan_month(&scan);
	scan_byte(&scan, " ");
	if (scan_sees(&scan, " ")) {
		scan.p++;
		stamp.day = scan_digits(&scan, 1);
	} else {
		stamp.day = scan_digits(&scan, 2);
	}
	scan_byte(&scan, " ");
	scan_time(&scan, &stamp);
	if (scan.p == NULL)
		return 0;
	stamp.year = year != 0 ? year : stamp_year_of(now);
	fits = stamp_join(&stamp, 0, ms);
	if (year == 0 && (!fits || *ms > now + DAY_MS)) {
		stamp.year--;
		fits = stamp_join(&stamp, 0, ms);
	}
	return fits ? (size_t)(scan.p - text) : 0;
}

size_t stamp_read_number(const char *text, size_t n, int64_t *ms)
{
	const int64_t most = INT64_C(100000000000000000);
	struct scan scan = { text, text + n };
	int64_t sum = 0;
	int fraction = 0;

	if (!scan_sees(&scan, "0123456789"))
		return 0;
	while (scan_sees(&scan, "0123456789") && sum < most)
		sum = 10 * sum + (*scan.p++ - '0');
	if (scan_sees(&scan, ".")) {
		scan.p++;
		fraction = scan_fraction(&scan);
	}
	if (scan.p == NULL)
		return 0;
	if (sum < INT64_C(100000000000))
		sum = 1000 * sum + fraction;
	if (sum > STAMP_MAX)
		return 0;
	*ms = sum;
	return (size_t)(scan.p - text);
}

void stamp_write(int64_t ms, char text[STAMP_SIZE])
{
	const int64_t days =
		ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);
	const int of_day = (int)(ms - days * DAY_MS);
	int year = 1970 + (int)(days >= 0 ? days / 366 : days / 365 - 1);
	int month = 1;
	char buffer[80];

	while (stamp_days(year + 1, 1, 1) <= days)
		year++;
	while (month < 12 && stamp_days(year, month + 1, 1) <= days)
		month++;
	snprintf(buffer, sizeof(buffer), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		 year, month, (int)(days - stamp_days(year, month, 1)) + 1,
		 of_day / 3600000, of_day / 60000 % 60, of_day / 1000 % 60,
		 of_day % 1000);
	memcpy(text, buffer, STAMP_SIZE);
	text[STAMP_SIZE - 1] = '\0';
}
