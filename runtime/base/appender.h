/* SPDX-License-Identifier: MIT */
#ifndef BASE_APPENDER_H
#define BASE_APPENDER_H

/*
 * A file of lines that only grows: JSON Lines, for one. A line is in it as a
 * whole or not at all, also after a full disk or a crash, and when several
 * processes append to one file. One thread at a time.
 *
 * All lines begin with the same prefix. What a crash has left of a last line
 * is cut off if it is a beginning of such a line; text of any other kind is
 * somebody's, and gets the line end that it lacks.
 */

#include <stddef.h>

#include <gust/error.h>

struct appender;

/*
 * Opens or makes the file and mends its last line. `prefix` is borrowed until
 * the end. A path that is no regular file, such as a pipe, is fine, too.
 * Returns 0 or a negative errno; `*appender` is written on success only.
 */
int appender_open(struct appender **appender, const char *path,
		  const char *prefix, struct gust_error *error);

/*
 * Appends whole lines: `n` bytes of which the last is a line end. Returns 0 or
 * a negative errno; the file is then as it was before.
 */
int appender_write(struct appender *appender, const char *lines, size_t n,
		   struct gust_error *error);

/*
 * Waits until all that was written before the call is on the disk; meanwhile
 * another thread may write. Returns 0 or a negative errno.
 */
int appender_sync(struct appender *appender, struct gust_error *error);

/* Closes the file, which does not sync it. NULL is fine. */
void appender_close(struct appender *appender);

#endif
