/* SPDX-License-Identifier: MIT */

#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t clock_read(clockid_t id)
{
	struct timespec now;
	int r;

	r = clock_gettime(id, &now);
	assert(r == 0);
	return (uint64_t)now.tv_sec * CLOCK_NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
	return clock_read(CLOCK_REALTIME);
}

const char *clock_format(char *text, int64_t wall_ns)
{
	const int64_t second = (int64_t)CLOCK_NS_PER_S;
	const int64_t rest = (wall_ns % second + second) % second;
	const time_t seconds =
		(time_t)(wall_ns / second - (wall_ns % second < 0));
	struct tm parts;
	size_t n;

	memset(&parts, 0, sizeof(parts));
	gmtime_r(&seconds, &parts);
	n = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + n, CLOCK_TEXT_SIZE - n, ".%03uZ",
		 (unsigned)((uint64_t)rest / CLOCK_NS_PER_MS));
	return text;
}
