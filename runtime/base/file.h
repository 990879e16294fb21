/* SPDX-License-Identifier: MIT */
#ifndef BASE_FILE_H
#define BASE_FILE_H

/*
 * Whole files and their names. Short writes are carried on and interrupted
 * calls repeated. Any thread may call these.
 */

#include <stddef.h>

#include <gust/error.h>

/*
 * Writes all `n` bytes to a blocking descriptor. Returns 0 or a negative
 * errno; a part may have been written then.
 */
int file_write(int fd, const void *p, size_t n);

/*
 * Replaces the content of a file: who reads it sees the old or the new one,
 * even if the machine loses its power. `PATH.new` is used on the way; there
 * must be one writer a path. What exists and is no regular file, such as
 * /dev/stdout, is written to as it is. Returns 0 or a negative errno; the
 * content is the old one then, unless only the folder could not be synced.
 */
int file_replace(const char *path, const void *p, size_t n,
		 struct gust_error *error);

/*
 * Reads a whole file, which need not be a regular one, and adds a NUL that
 * `*n` does not count. Free `*data`. Returns 0, -EFBIG if there are more than
 * `limit` bytes, -ENOMEM, or what open(2) and read(2) give. `data` and `n` are
 * written on success only.
 */
int file_read(const char *path, size_t limit, char **data, size_t *n,
	      struct gust_error *error);

/*
 * Makes a folder and those above it, unless they exist. Returns 0 or a
 * negative errno.
 */
int file_make_folder(const char *path, struct gust_error *error);

/* Makes new names in a folder durable. Returns 0 or a negative errno. */
int file_sync_folder(const char *path);

/* The folder of a path: `a` for `a/b`, `/` for `/b`, `.` for `b`. Free it. */
char *file_folder(const char *path);

/* `folder/name`, or `name` where it begins with a slash. Free it. */
char *file_join(const char *folder, const char *name);

#endif
