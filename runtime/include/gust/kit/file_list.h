/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_FILE_LIST_H
#define GUST_KIT_FILE_LIST_H

/*
 * The files that some names stand for: a file, a pattern of the shell, all
 * files of a folder, or "-", standard input. One thread.
 *
 * A pattern whose own text is the name of a file is that file. A pattern and a
 * folder stand for what is no folder, in the order of the names; files of a
 * folder whose names begin with a dot are left out, so that a file can be
 * written under such a name first.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/infile.h>
#include <gust/option.h>

enum file_list_origin {
	FILE_LIST_NAMED, /* by itself */
	FILE_LIST_PATTERN,
	FILE_LIST_FOLDER
};

struct file_list_item {
	char *path;
	struct infile_status status; /* all zero for "-" */
	enum file_list_origin origin;
};

/* All zero is an empty list. */
struct file_list {
	struct file_list_item *items;
	size_t count, size;
};

bool file_list_is_stdin(const char *path);

/* Whether a name is a pattern: it has one of *, ? and [, and is no file. */
bool file_list_is_pattern(const char *name);

/*
 * Adds the files that `names` stand for, in that order, each of them once: the
 * same file under another name is an error if both are named by themselves,
 * else it is left out. What cannot be found or read is an error, too. With
 * `patient` there are no such errors: what is wrong is left out.
 * -ENOENT, -EACCES, -EINVAL (named twice), others; all set `error`. -ENOMEM.
 */
int file_list_expand(struct file_list *list, const struct gust_list *names,
		     bool patient, struct gust_error *error);

/* Adds one file; `path` is copied. 0 or -ENOMEM. */
int file_list_add(struct file_list *list, const char *path,
		  const struct infile_status *status,
		  enum file_list_origin origin);

/* Empties the list. */
void file_list_clear(struct file_list *list);

#endif
