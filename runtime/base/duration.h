/* SPDX-License-Identifier: MIT */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

/* Spans of time, from text and for people. In memory they are nanoseconds. */

#include <stdint.h>

#include <gust/error.h>

/* Room for what duration_format() writes, its NUL included. */
#define DURATION_TEXT_SIZE 32

/*
 * Reads `10s`, `1.5 min`, `250ms` or `1h 30min` (larger units first). Units
 * are ns, us, ms, s, min, h and d, their English words (`sec`, `seconds`, ...)
 * and `m` for minutes. Only 0 goes without a unit.
 *
 * Returns 0, -EINVAL or, for more than 584 years, -ERANGE; `ns` is written on
 * success only.
 */
int duration_parse(const char *text, uint64_t *ns, struct gust_error *error);

/*
 * Writes with three digits what is below a minute (`850 ns`, `1.25 ms`,
 * `12.3 s`), and two units above it (`2 min 5 s`, `3 h 20 min`, `2 d 1 h`),
 * into `text` of DURATION_TEXT_SIZE bytes, which it returns.
 */
const char *duration_format(char *text, uint64_t ns);

#endif
