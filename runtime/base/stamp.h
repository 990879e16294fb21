/* SPDX-License-Identifier: MIT */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

/*
 * Timestamps: from a field of a tuple to ns since 1970.
 *
 * Formats are
 *   s, ms, us, ns  a number since 1970: an int, a float, or a string of digits
 *                  with or without a fraction
 *   rfc3339        a string as `2026-11-21T12:00:00.5Z` or with an offset
 *                  (+01:00); also with a space for the T, and without an
 *                  offset, which is then that of the zone
 *   a pattern      as strptime() reads it, with a '%' in it; `%f` are the
 *                  digits of a fraction of a second. Without %z or %s it is
 *                  local time of the zone. What is missing is that of
 *                  1970-01-01, 0:00.
 * Times from 1678 to 2261 are legal, which leaves room for lags and windows.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/tuple.h>

#define STAMP_MIN INT64_C(-9214560000000000000) /* 1678-01-01 */
#define STAMP_MAX INT64_C(9214646399999999999)  /* 2261-12-31 */

struct stamp;

/*
 * `format` NULL: what is usual for `type`: seconds of a float, rfc3339 of a
 * string. `zone` NULL: UTC. -EINVAL sets `error`: no such format or zone, or
 * none for values of that type; -ENOMEM.
 */
int stamp_open(const char *format, enum gust_type type, const char *zone,
	       struct stamp **stamp, struct gust_error *error);

/* Takes NULL. */
void stamp_close(struct stamp *stamp);

/* -EINVAL: it is null, or cannot be read; -ERANGE: it is out of range. Both set
 * `error`. Any thread. */
int stamp_read(const struct stamp *stamp, const struct gust_value *value,
	       int64_t *time, struct gust_error *error);

#endif
