/* SPDX-License-Identifier: MIT */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

/*
 * Time zones: how far local time is from UTC, and when that changes.
 *
 * A zone is read from the system's database (TZif, RFC 8536: usually
 * /usr/share/zoneinfo, or the folder in TZDIR), the rule at its end included,
 * so that it holds for ever. libc has one zone a process, and changing that
 * concerns all threads; this has as many as are wanted, and they never change.
 * All is in seconds since 1970, which may be negative.
 */

#include <stdint.h>

#include <gust/error.h>

struct zone;

/* `name` as in `Europe/Berlin`. -EINVAL: there is no such zone; -ENOMEM. */
int zone_open(const char *name, struct zone **zone, struct gust_error *error);

/* Takes NULL. */
void zone_close(struct zone *zone);

/* How far east local time is at a moment; of NULL, UTC, 0. */
int32_t zone_offset(const struct zone *zone, int64_t utc);

/* The moment of a local time. One that comes twice, as the clocks go back, is
 * the first; one that is left out, as they go forward, is read as if they had
 * not done so yet. */
int64_t zone_to_utc(const struct zone *zone, int64_t local);

#endif
