/* SPDX-License-Identifier: MIT */

#include "cli/moment.h"

#include <string.h>

#include "test.h"

TEST(moments_before_and_after_1970)
{
	char text[MOMENT_TEXT_SIZE];

	CHECK_STR(moment_format(text, 0), "1970-01-01T00:00:00.000Z");
	CHECK_STR(moment_format(text, -1), "1969-12-31T23:59:59.999Z");
	CHECK_STR(moment_format(text, INT64_C(1795262400123456789)),
		  "2026-11-21T12:00:00.123Z");
	CHECK_STR(moment_format(text, INT64_MAX), "2262-04-11T23:47:16.854Z");
	CHECK_STR(moment_format(text, INT64_MIN + 1),
		  "1677-09-21T00:12:43.145Z");
}

TEST(the_least_of_all_tasks)
{
	struct task_counters tasks[3] = { { .watermark = 5000000000 },
					  { .watermark = 1000000000 },
					  { .watermark = GUST_NO_TIME } };
	struct snapshot snapshot = { .tasks = tasks };
	json_t *json = moment_watermark(&snapshot, 0, 2);

	CHECK_STR(json_string_value(json), "1970-01-01T00:00:01.000Z");
	json_decref(json);
	json = moment_watermark(&snapshot, 0, 1);
	CHECK_STR(json_string_value(json), "1970-01-01T00:00:05.000Z");
	json_decref(json);
	json = moment_watermark(&snapshot, 0, 3);
	CHECK(json_is_null(json));
	json_decref(json);
}
