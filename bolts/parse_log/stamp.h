/* SPDX-License-Identifier: MIT */
#ifndef PARSE_LOG_STAMP_H
#define PARSE_LOG_STAMP_H

/*
 * Times as logs write them, in milliseconds since 1970 in UTC. Any thread.
 *
 * Functions that read return how many bytes they have taken, or 0 if there is
 * no such time at the begin of the text.
 */

#include <stddef.h>
#include <stdint.h>

/* Room for a time as stamp_write() writes it, and a NUL. */
#define STAMP_SIZE 25

/* RFC 3339, also with a space for the T, and without a zone, which is UTC.
 * What is finer than milliseconds is cut off. */
size_t stamp_read_3339(const char *text, size_t n, int64_t *ms);

/* As Apache writes it: 10/Oct/2000:13:55:36 -0700 */
size_t stamp_read_access(const char *text, size_t n, int64_t *ms);

/*
 * As RFC 3164 has it: Oct  7 13:55:36, in UTC. It lacks the year: that is
 * `year`, or if that is 0 the one in which it is not more than a day after
 * `now`, in milliseconds.
 */
size_t stamp_read_3164(const char *text, size_t n, int year, int64_t now,
		       int64_t *ms);

/* Seconds since 1970, or milliseconds from 10^11 on; perhaps with a fraction.
 */
size_t stamp_read_number(const char *text, size_t n, int64_t *ms);

/* Writes 2000-10-10T20:55:36.000Z; `ms` is what a function above has read. */
void stamp_write(int64_t ms, char text[STAMP_SIZE]);

#endif
