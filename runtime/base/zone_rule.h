/* SPDX-License-Identifier: MIT */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

/*
 * Part of base/zone.h: the rule of a zone for all years to come, as the TZ
 * variable of POSIX has it: `CET-1CEST,M3.5.0,M10.5.0/3`.
 */

#include <stdbool.h>
#include <stdint.h>

/* When in a year the clocks change, in local time before the change. */
struct zone_day {
	char kind; /* 'M', 'J' or 'n' */
	int month, week, weekday;
	int day; /* of the year: from 1 without 29 February, or from 0 */
	int32_t seconds; /* after midnight; may be negative */
};

struct zone_rule {
	int32_t standard; /* east, in seconds */
	int32_t summer;
	bool changes;
	struct zone_day begin, end; /* of summer time */
};

bool zone_rule_parse(const char *text, struct zone_rule *rule);
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t utc);

#endif
