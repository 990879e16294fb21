/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/*
 * The machine's two clocks. The engine never reads them: it is told the time,
 * so that it can run on a simulated one. Any thread may call these.
 */

#include <stdint.h>

#define CLOCK_NS_PER_US UINT64_C(1000)
#define CLOCK_NS_PER_MS UINT64_C(1000000)
#define CLOCK_NS_PER_S UINT64_C(1000000000)

/* Nanoseconds since an arbitrary start; never goes back (CLOCK_MONOTONIC). */
uint64_t clock_now_ns(void);

/* Nanoseconds since 1970 in UTC; may jump when somebody sets the clock. */
uint64_t clock_wall_ns(void);

/* Room for what clock_format() writes, its NUL included. */
#define CLOCK_TEXT_SIZE 32

/*
 * Writes a time, in ns since 1970 or before it, as `2026-11-21T12:00:00.123Z`
 * into `text`, which holds CLOCK_TEXT_SIZE bytes, and returns `text`. Parts of
 * a millisecond are cut off.
 */
const char *clock_format(char *text, int64_t wall_ns);

#endif
