/* SPDX-License-Identifier: MIT */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

/* Event times, for people. */

#include <stdint.h>

#include <jansson.h>

#include "cli/snapshot.h"

/* How far event time is at `count` tasks from `first` on, the least of them, as
 * clock_format() writes it; null: one of them does not know it. */
json_t *moment_watermark(const struct snapshot *snapshot, uint32_t first,
			 uint32_t count);

#endif
