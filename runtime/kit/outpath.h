/* SPDX-License-Identifier: MIT */
#ifndef KIT_OUTPATH_H
#define KIT_OUTPATH_H

/*
 * The names of output files: a path in which {task} stands for the number of
 * the task, {number} for that of the file and {%Y-%m-%d} for the time at which
 * the file was begun, in UTC and as strftime() writes it. "{{" and "}}" are
 * braces. Any thread.
 */

#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>

/* What stands for the fields. */
struct outpath_values {
	uint32_t task;
	uint64_t number;
	time_t begun;
};

/*
 * Whether `path`, the value of option `path`, is well formed; with `rotates`
 * it must have {number}, else it must not. -EINVAL sets `error`.
 */
int outpath_check(const char *path, bool rotates, struct gust_error *error);

/* Whether a path that is well formed has {task}. */
bool outpath_has_task(const char *path);

/* Puts the name that a path stands for, and a NUL, into `name`. 0, -ENOMEM. */
int outpath_name(const char *path, const struct outpath_values *values,
		 const char *suffix, struct buffer *name);

/*
 * Finds the files that a path may stand for, with `suffix` after it. The caller
 * frees `found`, also after a failure: -ENOMEM or -EIO.
 */
int outpath_find(const char *path, const char *suffix, glob_t *found);

/* Whether the path may stand for `name`, and for which task and number. */
bool outpath_matches(const char *path, const char *name, const char *suffix,
		     struct outpath_values *values);

/*
 * Makes the folders of `name`, for which `path` stands, but only those in
 * whose names it has fields. 0 or a negative errno.
 */
int outpath_make_folders(const char *path, const char *name);

#endif
