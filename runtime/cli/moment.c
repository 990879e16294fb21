/* SPDX-License-Identifier: MIT */

#include "cli/moment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gust/tuple.h>

#define NS_PER_S INT64_C(1000000000)

const char *moment_format(char *text, int64_t ns)
{
	int64_t rest = (ns % NS_PER_S + NS_PER_S) % NS_PER_S;
	time_t seconds = (time_t)(ns / NS_PER_S - (ns % NS_PER_S < 0));
	struct tm parts;
	size_t n;

	memset(&parts, 0, sizeof(parts));
	gmtime_r(&seconds, &parts);
	n = strftime(text, MOMENT_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + n, MOMENT_TEXT_SIZE - n, ".%03uZ",
		 (unsigned)(rest / 1000000));
	return text;
}

json_t *moment_watermark(const struct snapshot *snapshot, uint32_t first,
			 uint32_t count)
{
	int64_t lowest = INT64_MAX;
	char text[MOMENT_TEXT_SIZE];

	for (uint32_t i = first; i < first + count; i++)
		if (snapshot->tasks[i].watermark < lowest)
			lowest = snapshot->tasks[i].watermark;
	if (lowest == GUST_NO_TIME)
		return json_null();
	return json_string(moment_format(text, lowest));
}
