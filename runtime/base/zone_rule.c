/* SPDX-License-Identifier: MIT */

#include "base/zone_rule.h"

#include <ctype.h>
#include <string.h>

#define DAY 86400

static bool rule_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The days from 1970-01-01 to the first of January of a year. */
static int64_t rule_year_day(int64_t year)
{
	int64_t y = year - 1, eras = y / 400;

	if (y % 400 < 0)
		eras--;
	y -= eras * 400;
	return eras * 146097 + y * 365 + y / 4 - y / 100 - 719162;
}

static int64_t rule_divide(int64_t number, int64_t by)
{
	return number % by < 0 ? number / by - 1 : number / by;
}

/* The year that a day is in. */
static int64_t rule_year(int64_t day)
{
	int64_t year = 1970 + rule_divide(day * 400, 146097);

	while (rule_year_day(year) > day)
		year--;
	while (rule_year_day(year + 1) <= day)
		year++;
	return year;
}

/* `M3.5.0`: the first day is the one with that name, 5: the last one. */
static int64_t rule_month_day(const struct zone_day *when, int64_t year)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30,
				       31, 31, 30, 31, 30, 31 };
	int64_t first = rule_year_day(year), day;
	int length = lengths[when->month - 1];

	for (int i = 0; i < when->month - 1; i++)
		first += lengths[i];
	first += when->month > 2 && rule_leap(year);
	length += when->month == 2 && rule_leap(year);
	/* 1970-01-01 was a Thursday. */
	day = (when->weekday - (first + 4) % 7 + 14) % 7;
	day += (when->week - 1) * 7;
	while (day >= length)
		day -= 7;
	return first + day;
}

/* In seconds of local time before the change. */
static int64_t rule_moment(const struct zone_day *when, int64_t year)
{
	int64_t day = rule_year_day(year);

	if (when->kind == 'M')
		day = rule_month_day(when, year);
	else if (when->kind == 'J')
		day += when->day - 1 + (when->day >= 60 && rule_leap(year));
	else
		day += when->day;
	return day * DAY + when->seconds;
}

int32_t zone_rule_offset(const struct zone_rule *rule, int64_t utc)
{
	int64_t year, begin, end;
	bool summer;

	if (!rule->changes)
		return rule->standard;
	year = rule_year(rule_divide(utc + rule->standard, DAY));
	begin = rule_moment(&rule->begin, year) - rule->standard;
	end = rule_moment(&rule->end, year) - rule->summer;
	if (begin < end)
		summer = utc >= begin && utc < end;
	else
		summer = utc >= begin || utc < end;
	return summer ? rule->summer : rule->standard;
}

/* `CET`, or `<+03>`. */
static bool rule_skip_name(const char **p)
{
	const char *begin = *p;

	if (**p == '<') {
		const char *end = strchr(*p, '>');

		if (end == NULL)
			return false;
		*p = end + 1;
		return true;
	}
	while (isalpha((unsigned char)**p))
		++*p;
	return *p > begin;
}

static bool rule_number(const char **p, int most, int *number)
{
	const char *begin = *p;

	for (*number = 0; **p >= '0' && **p <= '9'; ++*p) {
		*number = *number * 10 + (**p - '0');
		if (*number > most)
			return false;
	}
	return *p > begin;
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool rule_time(const char **p, int32_t *seconds)
{
	bool minus = **p == '-';
	int part, unit = 3600;

	*p += **p == '-' || **p == '+';
	if (!rule_number(p, 167, &part))
		return false;
	*seconds = part * unit;
	while (**p == ':' && unit > 1) {
		++*p;
		unit /= 60;
		if (!rule_number(p, 59, &part))
			return false;
		*seconds += part * unit;
	}
	if (minus)
		*seconds = -*seconds;
	return true;
}

static bool rule_skip(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

/* ,M3.5.0/2 */
static bool rule_day(const char **p, struct zone_day *when)
{
	if (!rule_skip(p, ','))
		return false;
	when->kind = 'n';
	when->seconds = 2 * 3600;
	if (rule_skip(p, 'M')) {
		when->kind = 'M';
		if (!rule_number(p, 12, &when->month) || when->month < 1 ||
		    !rule_skip(p, '.') || !rule_number(p, 5, &when->week) ||
		    when->week < 1 || !rule_skip(p, '.') ||
		    !rule_number(p, 6, &when->weekday))
			return false;
	} else {
		if (rule_skip(p, 'J'))
			when->kind = 'J';
		if (!rule_number(p, 365, &when->day))
			return false;
	}
	return !rule_skip(p, '/') || rule_time(p, &when->seconds);
}

bool zone_rule_parse(const char *text, struct zone_rule *rule)
{
	const char *p = text;

	memset(rule, 0, sizeof(*rule));
	if (!rule_skip_name(&p) || !rule_time(&p, &rule->standard))
		return false;
	/* POSIX counts to the west. */
	rule->standard = -rule->standard;
	if (*p == '\0')
		return true;
	rule->changes = true;
	rule->summer = rule->standard + 3600;
	if (!rule_skip_name(&p))
		return false;
	if (*p != ',') {
		if (!rule_time(&p, &rule->summer))
			return false;
		rule->summer = -rule->summer;
	}
	return rule_day(&p, &rule->begin) && rule_day(&p, &rule->end) &&
	       *p == '\0';
}
