/* SPDX-License-Identifier: MIT */

/*
 * Design notes.
 *
 * What lies beside a followed file under the name of a rotated one is of
 * interest twice. When another file stands at the path, it may be that several
 * came and went since the last look: those that are unknown and not older than
 * the one that stood there come between the two. A folder that is listed while
 * its files are renamed may lack some of them, so it is listed again as long as
 * one that was rotated is not left.
 *
 * And after a restart: those that have a position and are longer than it are
 * read on, and so are those without one that are younger than the oldest one
 * that has: all of their tuples may have been on their way when the run ended.
 * Where none has a position nothing was read here before, and one begins with
 * the file at the path. Where that is cut rather than renamed, what lies beside
 * it are copies, which are not read.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intake_file.h"

/* How long not to look again. */
#define ROTATION_PAUSE_NS (UINT64_C(100) * 1000 * 1000)

/* Whether `name` may be what `base` is called after a rotation. */
static bool rotation_named(const char *name, const char *base)
{
	size_t length = strlen(base);
	const char *rest = name + length;

	if (strncmp(name, base, length) != 0 || *rest == '\0' ||
	    strchr(".-_", *rest) == NULL)
		return false;
	return strpbrk(rest, "0123456789") != NULL &&
	       rest[strspn(rest, "0123456789.-_:T")] == '\0';
}

/* Those that are older have a smaller one. */
static int64_t rotation_age(const struct infile_status *status)
{
	return status->born != 0 ? status->born : status->modified;
}

static int rotation_compare(const void *a, const void *b)
{
	int64_t x, y;

	x = rotation_age(&((const struct file_list_item *)a)->status);
	y = rotation_age(&((const struct file_list_item *)b)->status);
	return x == y ? 0 : x < y ? -1 : 1;
}

static int rotation_list(DIR *folder, const char *path, size_t prefix,
			 struct file_list *list)
{
	struct infile_status status;
	const struct dirent *entry;
	char *name;
	int r = 0;

	while (r == 0 && (entry = readdir(folder)) != NULL) {
		if (!rotation_named(entry->d_name, path + prefix))
			continue;
		if (asprintf(&name, "%.*s%s", (int)prefix, path,
			     entry->d_name) < 0)
			return -ENOMEM;
		if (infile_look(name, &status) == 0 && status.regular)
			r = file_list_add(list, name, &status,
					  FILE_LIST_FOLDER);
		free(name);
	}
	return r;
}

/* Lists the rotated files of a path, the oldest first. */
static int rotation_scan(const char *path, struct file_list *list)
{
	const char *slash = strrchr(path, '/');
	size_t prefix = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	char *name = prefix == 0 ? strdup(".") : strndup(path, prefix);
	DIR *folder;
	int r;

	if (name == NULL)
		return -ENOMEM;
	folder = opendir(name);
	free(name);
	if (folder == NULL)
		return errno == ENOMEM ? -ENOMEM : 0;
	r = rotation_list(folder, path, prefix, list);
	closedir(folder);
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items),
		      rotation_compare);
	return r;
}

/* The file that stood in the place of this one before, or NULL. */
static struct intake_file *rotation_before(const struct intake *intake,
					   const struct intake_file *file)
{
	struct intake_file *before;
	size_t i = intake->count;

	while (i-- > 0) {
		before = intake->files[i];
		if (before != file && before->place != NULL &&
		    strcmp(before->place, file->place) == 0)
			return before;
	}
	return NULL;
}

/* Adds one that was rotated, to be read after `*last`. */
static int rotation_add(struct intake *intake, struct gust_task *task,
			const struct file_list_item *item,
			const struct intake_file *file,
			struct intake_file **last)
{
	struct intake_file *added;
	int r = known_add(intake, task, item->path, &item->status, &added);

	if (r < 0)
		return r;
	added->origin = file->origin;
	added->followed = true;
	added->after = *last;
	*last = added;
	return 0;
}

/* Adds those that came and went since the last look. */
static int rotation_between(struct intake *intake, struct gust_task *task,
			    const struct file_list *list,
			    const struct intake_file *file, int64_t since,
			    struct intake_file **last)
{
	const struct file_list_item *item;
	struct intake_file *known;
	size_t i;
	int r = 0;

	for (i = 0; i < list->count && r == 0; i++) {
		item = &list->items[i];
		r = known_meet(intake, task, item->path, &item->status, &known);
		if (r == 0 && known == NULL &&
		    rotation_age(&item->status) >= since)
			r = rotation_add(intake, task, item, file, last);
	}
	return r;
}

/* The position of an earlier run in a file. */
static int rotation_position(struct gust_task *task,
			     const struct file_list_item *item,
			     uint64_t *position)
{
	struct intake_file probe = { .path = item->path,
				     .status = item->status };
	int r = intake_locate(task, &probe);

	*position = probe.resume;
	return r;
}

/* Adds those that an earlier run has not read to their end. */
static int rotation_left(struct intake *intake, struct gust_task *task,
			 const struct file_list *list,
			 const struct intake_file *file,
			 struct intake_file **last)
{
	const struct file_list_item *item;
	struct intake_file *known;
	uint64_t position;
	bool copies = file->generation > 0 || file->resume > file->status.size;
	bool any = false;
	size_t i;
	int r = 0;

	/* They are in the order of their age. */
	for (i = 0; i < list->count && r == 0; i++) {
		item = &list->items[i];
		r = known_meet(intake, task, item->path, &item->status, &known);
		if (r == 0 && known == NULL)
			r = rotation_position(task, item, &position);
		if (r < 0 || known != NULL)
			continue;
		any = any || position > 0;
		if (position > 0 ? item->status.size > position
				 : any && !copies)
			r = rotation_add(intake, task, item, file, last);
	}
	return r;
}

int rotation_succeed(struct intake *intake, struct gust_task *task,
		     struct intake_file *file)
{
	struct intake_file *before = rotation_before(intake, file);
	struct intake_file *last = before;
	struct file_list list = { NULL, 0, 0 };
	int r = 0;

	if (before != NULL)
		before->followed = true;
	if (file->origin != FILE_LIST_FOLDER)
		r = rotation_scan(file->path, &list);
	if (r == 0 && before != NULL)
		r = rotation_between(intake, task, &list, file,
				     rotation_age(&before->status), &last);
	else if (r == 0 && !intake->unplaced)
		r = rotation_left(intake, task, &list, file, &last);
	file_list_clear(&list);
	file->after = last;
	return r;
}

/* Whether a file has lost its place, and is not left yet. */
static bool rotation_open(const struct intake_file *file)
{
	return file->rotated && !file->left && file->place != NULL &&
	       file->origin != FILE_LIST_FOLDER;
}

/* Looks once more beside the place of a file. */
static int rotation_look(struct intake *intake, struct gust_task *task,
			 const struct intake_file *file)
{
	struct file_list list = { NULL, 0, 0 };
	struct intake_file *other, *last = NULL;
	int64_t since = rotation_age(&file->status);
	size_t i;
	int r;

	for (i = 0; i < intake->count; i++) {
		other = intake->files[i];
		if (!rotation_open(other) ||
		    strcmp(other->place, file->place) != 0)
			continue;
		other->searched = intake->looks;
		if (rotation_age(&other->status) < since)
			since = rotation_age(&other->status);
	}
	r = rotation_scan(file->place, &list);
	if (r == 0)
		r = rotation_between(intake, task, &list, file, since, &last);
	file_list_clear(&list);
	return r;
}

int rotation_again(struct intake *intake, struct gust_task *task)
{
	size_t i, count = intake->count;
	int r = 0;

	if (intake->looked - intake->searched < ROTATION_PAUSE_NS)
		return 0;
	intake->searched = intake->looked;
	for (i = 0; i < count && r == 0; i++)
		if (rotation_open(intake->files[i]) &&
		    intake->files[i]->searched != intake->looks)
			r = rotation_look(intake, task, intake->files[i]);
	return r;
}
