/* SPDX-License-Identifier: MIT */

#include "worker/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"

#define DESCRIPTORS_LOOK_NS (5 * CLOCK_NS_PER_S)
#define DESCRIPTORS_WARN_NS (60 * CLOCK_NS_PER_S)

/* So many should be left. */
#define DESCRIPTORS_SPARE 64

/* 0 if nobody knows. Counting takes a descriptor itself: where none is left,
 * all are in use. */
static uint64_t descriptors_count(uint64_t limit)
{
	DIR *folder = opendir("/proc/self/fd");
	uint64_t count = 0;

	if (folder == NULL)
		return errno == EMFILE ? limit : 0;
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

void descriptors_look(struct descriptors *descriptors, uint64_t now)
{
	struct rlimit limit;
	uint64_t count;

	if (now - descriptors->counted_ns < DESCRIPTORS_LOOK_NS)
		return;
	descriptors->counted_ns = now;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	count = descriptors_count(limit.rlim_cur);
	if (count + DESCRIPTORS_SPARE < limit.rlim_cur)
		return;
	if (descriptors->warned_ns != 0 &&
	    now - descriptors->warned_ns < DESCRIPTORS_WARN_NS)
		return;
	descriptors->warned_ns = now;
	log_write(LOG_LEVEL_WARN,
		  "%" PRIu64 " of %" PRIu64
		  " descriptors are in use; without one no worker can connect, "
		  "see ulimit -n",
		  count, (uint64_t)limit.rlim_cur);
}
