/* SPDX-License-Identifier: MIT */

#include "cli/moment.h"

#include "test.h"

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
