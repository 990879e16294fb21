/* SPDX-License-Identifier: MIT */

/* Against the C library, which has one zone at a time. */

#include "base/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "base/zone_rule.h"
#include "test.h"

#include "folder.h"

static bool has_database(void)
{
	return access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0;
}

static struct zone *open_zone(const char *name)
{
	struct gust_error error = { 0 };
	struct zone *zone = NULL;

	CHECK_INT(zone_open(name, &zone, &error), 0);
	CHECK_STR(error.text, "");
	return zone;
}

static int32_t libc_offset(int64_t utc)
{
	time_t seconds = (time_t)utc;
	struct tm tm;

	localtime_r(&seconds, &tm);
	return (int32_t)tm.tm_gmtoff;
}

static void compare(const char *name)
{
	struct zone *zone = open_zone(name);
	struct random random;
	int wrong = 0;

	setenv("TZ", name, 1);
	tzset();
	random_seed(&random, 7);
	/* From 1850 to 2260. */
	for (int64_t utc = INT64_C(-3786912000); utc < INT64_C(9151488000);
	     utc += random_below(&random, 40 * 86400))
		wrong += zone_offset(zone, utc) != libc_offset(utc);
	CHECK_INT(wrong, 0);
	/* Each local time is that of the moment that it is read as. */
	for (int64_t utc = 0; utc < INT64_C(4000000000);
	     utc += random_below(&random, 86400)) {
		int64_t local = utc + zone_offset(zone, utc);
		int64_t again = zone_to_utc(zone, local);

		wrong += again + zone_offset(zone, again) != local ||
			 again > utc;
	}
	CHECK_INT(wrong, 0);
	zone_close(zone);
}

TEST(zones_are_those_of_the_system)
{
	static const char *const names[] = { "Europe/Berlin",
					     "America/New_York",
					     "Australia/Lord_Howe",
					     "Asia/Kathmandu",
					     "America/Sao_Paulo",
					     "Europe/Dublin",
					     "Africa/Cairo",
					     "Pacific/Apia",
					     "Asia/Tehran",
					     "Etc/GMT+5",
					     "Antarctica/Troll",
					     "Africa/Casablanca",
					     "UTC",
					     "America/Scoresbysund" };

	if (!has_database())
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		compare(names[i]);
	unsetenv("TZ");
	tzset();
}

TEST(days_without_24_hours)
{
	struct zone *zone;

	if (!has_database())
		return;
	zone = open_zone("Europe/Berlin");
	/* 2026-03-29: 2:00 to 3:00 is left out. 2:30 is 1:30 UTC, 3:30. */
	CHECK_INT(zone_to_utc(zone, 1774751400 - 3600), 1774747800 - 3600);
	CHECK_INT(zone_to_utc(zone, 1774751400), 1774751400 - 3600);
	CHECK_INT(zone_to_utc(zone, 1774751400 + 3600), 1774751400 - 3600);
	/* 2026-10-25: 2:00 to 3:00 comes twice; the first is summer time. */
	CHECK_INT(zone_to_utc(zone, 1792895400), 1792895400 - 7200);
	CHECK_INT(zone_to_utc(zone, 1792895400 + 3600),
		  1792895400 + 3600 - 3600);
	zone_close(zone);
}

TEST(utc_needs_no_database)
{
	struct zone *zone;

	setenv("TZDIR", "/nowhere", 1);
	zone = open_zone("UTC");
	CHECK_INT(zone_offset(zone, 1), 0);
	CHECK_INT(zone_to_utc(zone, -5), -5);
	CHECK_INT(zone_offset(NULL, 1), 0);
	CHECK_INT(zone_to_utc(NULL, -5), -5);
	zone_close(zone);
	unsetenv("TZDIR");
}

TEST(other_names_are_refused)
{
	static const char *const names[] = { "",
					     "Europe/Atlantis",
					     "../zoneinfo/UTC",
					     "/etc/localtime",
					     "Europe",
					     "Europe/",
					     "-1",
					     "a b" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct gust_error error = { 0 };
		struct zone *zone;

		CHECK_INT(zone_open(names[i], &zone, &error), -EINVAL);
		CHECK_CONTAINS(error.text, "there is no time zone");
	}
}

/* Every file that is cut, or has a byte changed, is read within its bounds. */
TEST(broken_files)
{
	static char data[8192];
	struct random random;
	size_t size;
	FILE *file;

	if (!has_database())
		return;
	file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	random_seed(&random, 3);
	folder_write("Bad", data, size);
	setenv("TZDIR", folder, 1);
	zone_close(open_zone("Bad"));
	for (int i = 0; i < 600; i++) {
		size_t at = (size_t)random_below(&random, (uint32_t)size);
		struct zone *zone = NULL;
		char before = data[at];

		data[at] = (char)random_below(&random, 256);
		folder_write("Bad", data, i % 2 == 0 ? at : size);
		data[at] = before;
		if (zone_open("Bad", &zone, NULL) == 0)
			zone_to_utc(zone, 1792895400);
		else
			CHECK(zone == NULL);
		zone_close(zone);
	}
	unsetenv("TZDIR");
}

TEST(rules)
{
	static const char *const bad[] = { "",
					   "CET",
					   "CET-1CEST",
					   "CET-1CEST,M3.5.0",
					   "CET-x",
					   "<CET-1",
					   "CET-1CEST,M13.1.0,M1.1.0",
					   "CET-1CEST,M3.6.0,M10.5.0",
					   "CET-1CEST,M3.5.7,M10.5.0",
					   "CET-1CEST,J366,J1",
					   "CET-1CEST,M3.5.0,M10.5.0x" };
	struct zone_rule rule;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!zone_rule_parse(bad[i], &rule));
	CHECK(zone_rule_parse("<-03>3", &rule));
	CHECK_INT(zone_rule_offset(&rule, 0), -10800);
	/* By the day of the year, with and without 29 February. */
	CHECK(zone_rule_parse("A0B,J60/0,300/0", &rule));
	CHECK_INT(zone_rule_offset(&rule, 1709164800), 0);    /* 2024-02-29 */
	CHECK_INT(zone_rule_offset(&rule, 1709251200), 3600); /* 2024-03-01 */
	CHECK_INT(zone_rule_offset(&rule, 1740787199), 0);    /* 2025-02-28 */
	CHECK_INT(zone_rule_offset(&rule, 1740787200), 3600); /* 2025-03-01 */
}
