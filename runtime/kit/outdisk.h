/* SPDX-License-Identifier: MIT */
#ifndef KIT_OUTDISK_H
#define KIT_OUTDISK_H

/* What output files ask of the file system. */

#include <stdbool.h>
#include <sys/stat.h>

#include <gust/error.h>

/*
 * Opens a file to read it and to append to it, makes it if `create`, and locks
 * it for this descriptor. Returns the descriptor, or -EBUSY if another task or
 * process has the lock, -EINVAL if it is neither a file nor a device of
 * characters, or what open() says; `error` then names the path. `about` is
 * written on success only.
 */
int outdisk_open(const char *path, bool create, struct stat *about,
		 struct gust_error *error);

/* Whether `path` is still the file that `about` was. */
bool outdisk_is(const char *path, const struct stat *about);

/* Renames, but replaces nothing: -EEXIST. */
int outdisk_rename(const char *from, const char *to);

/* Makes the names of the folder that `path` is in durable, as far as the file
 * system can. */
void outdisk_sync_folder(const char *path);

#endif
