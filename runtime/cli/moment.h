/* SPDX-License-Identifier: MIT */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

/* Event times, for people. */

#include <stdint.h>

#include <jansson.h>

#include "cli/snapshot.h"

#define MOMENT_TEXT_SIZE 32

/* Writes `2026-11-21T12:00:00.123Z` into `text` of MOMENT_TEXT_SIZE bytes,
 * which it returns; before 1970, too. */
const char *moment_format(char *text, int64_t ns);

/* How far event time is at `count` tasks from `first` on, the least of them, as
 * such a text; null: one of them does not know it. */
json_t *moment_watermark(const struct snapshot *snapshot, uint32_t first,
			 uint32_t count);

#endif
