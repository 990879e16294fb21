/* SPDX-License-Identifier: MIT */

#include "cli/moment.h"

#include <gust/tuple.h>

#include "base/clock.h"

json_t *moment_watermark(const struct snapshot *snapshot, uint32_t first,
			 uint32_t count)
{
	int64_t lowest = INT64_MAX;
	char text[CLOCK_TEXT_SIZE];

	for (uint32_t i = first; i < first + count; i++)
		if (snapshot->tasks[i].watermark < lowest)
			lowest = snapshot->tasks[i].watermark;
	if (lowest == GUST_NO_TIME)
		return json_null();
	return json_string(clock_format(text, lowest));
}
