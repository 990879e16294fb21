/* SPDX-License-Identifier: MIT */

#include "base/duration.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/quantity.h"

#define DURATION_MINUTE (60 * CLOCK_NS_PER_S)
#define DURATION_HOUR (60 * DURATION_MINUTE)
#define DURATION_DAY (24 * DURATION_HOUR)

static const struct quantity_unit duration_units[] = {
	{ "ns", 1 },
	{ "nanoseconds", 1 },
	{ "us", CLOCK_NS_PER_US },
	{ "microseconds", CLOCK_NS_PER_US },
	{ "ms", CLOCK_NS_PER_MS },
	{ "msec", CLOCK_NS_PER_MS },
	{ "msecs", CLOCK_NS_PER_MS },
	{ "millisecond", CLOCK_NS_PER_MS },
	{ "milliseconds", CLOCK_NS_PER_MS },
	{ "s", CLOCK_NS_PER_S },
	{ "sec", CLOCK_NS_PER_S },
	{ "secs", CLOCK_NS_PER_S },
	{ "second", CLOCK_NS_PER_S },
	{ "seconds", CLOCK_NS_PER_S },
	{ "m", DURATION_MINUTE },
	{ "min", DURATION_MINUTE },
	{ "mins", DURATION_MINUTE },
	{ "minute", DURATION_MINUTE },
	{ "minutes", DURATION_MINUTE },
	{ "h", DURATION_HOUR },
	{ "hour", DURATION_HOUR },
	{ "hours", DURATION_HOUR },
	{ "d", DURATION_DAY },
	{ "day", DURATION_DAY },
	{ "days", DURATION_DAY },
};

#define DURATION_UNIT_COUNT (sizeof(duration_units) / sizeof(duration_units[0]))

static int duration_sum(const char *text, uint64_t *ns)
{
	const struct quantity_unit *unit = NULL, *before;
	uint64_t sum = 0, part;
	int r;

	do {
		before = unit;
		r = quantity_parse(&text, duration_units, DURATION_UNIT_COUNT,
				   &part, &unit);
		if (r < 0)
			return r;
		if (before != NULL && before->factor <= unit->factor)
			return -EINVAL;
		if (part > UINT64_MAX - sum)
			return -ERANGE;
		sum += part;
	} while (*text != '\0');
	*ns = sum;
	return 0;
}

int duration_parse(const char *text, uint64_t *ns, struct gust_error *error)
{
	int r;

	if (text[0] == '0' && text[1] == '\0') {
		*ns = 0;
		return 0;
	}
	r = duration_sum(text, ns);
	if (r == -ERANGE)
		gust_error_set(error, r,
			       "duration '%s' is too large, expected at most "
			       "200000 days",
			       text);
	else if (r < 0)
		gust_error_set(error, r,
			       "'%s' is no duration, expected a number and a "
			       "unit such as '250ms', '10s' or '1.5 min'",
			       text);
	return r;
}

static const char *duration_two(char *text, uint64_t large, const char *name,
				uint64_t small, const char *small_name)
{
	if (small == 0)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRIu64 " %s", large,
			 name);
	else
		snprintf(text, DURATION_TEXT_SIZE,
			 "%" PRIu64 " %s %" PRIu64 " %s", large, name, small,
			 small_name);
	return text;
}

/* Writes `ns` in a unit with three digits, e.g. 1.25, 12.3 or 123. */
static const char *duration_one(char *text, uint64_t ns, uint64_t unit,
				const char *name)
{
	double value = (double)ns / (double)unit;
	int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	if (ns % unit == 0)
		digits = 0;
	snprintf(text, DURATION_TEXT_SIZE, "%.*f %s", digits, value, name);
	return text;
}

const char *duration_format(char *text, uint64_t ns)
{
	uint64_t s = ns / CLOCK_NS_PER_S;

	if (ns == 0)
		return duration_two(text, 0, "s", 0, "");
	/* Just below a border it would print as 1000 of the smaller unit. */
	if (ns < CLOCK_NS_PER_US)
		return duration_one(text, ns, 1, "ns");
	if (ns < CLOCK_NS_PER_MS - CLOCK_NS_PER_US / 2)
		return duration_one(text, ns, CLOCK_NS_PER_US, "us");
	if (ns < CLOCK_NS_PER_S - CLOCK_NS_PER_MS / 2)
		return duration_one(text, ns, CLOCK_NS_PER_MS, "ms");
	if (ns < DURATION_MINUTE - CLOCK_NS_PER_S / 20)
		return duration_one(text, ns, CLOCK_NS_PER_S, "s");
	if (s < 60)
		s = 60;
	if (s < 3600)
		return duration_two(text, s / 60, "min", s % 60, "s");
	if (s < 86400)
		return duration_two(text, s / 3600, "h", s / 60 % 60, "min");
	return duration_two(text, s / 86400, "d", s / 3600 % 24, "h");
}
