/* SPDX-License-Identifier: MIT */

/*
 * The files that an intake follows, by what they are and not by their names.
 */

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "intake_file.h"

static int known_compare(const void *a, const void *b)
{
	const struct infile_status *x, *y;

	x = &((const struct intake_file *)a)->status;
	y = &((const struct intake_file *)b)->status;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->born == y->born ? 0 : x->born < y->born ? -1 : 1;
}

static struct intake_file *known_find(const struct intake *intake,
				      const struct infile_status *status)
{
	const struct intake_file key = { .status = *status };
	void *found = tfind(&key, &intake->known, known_compare);

	return found == NULL ? NULL : *(struct intake_file **)found;
}

/* By inode, so that a file stays with its task under any name. */
static bool known_own(const struct gust_task *task,
		      const struct infile_status *status)
{
	return status->inode % gust_task_count(task) == gust_task_index(task);
}

int known_add(struct intake *intake, struct gust_task *task, const char *path,
	      const struct infile_status *status, struct intake_file **added)
{
	struct intake_file *file = intake_add(intake, path, status);
	int r = 0;

	if (file == NULL ||
	    tsearch(file, &intake->known, known_compare) == NULL)
		return -ENOMEM;
	file->foreign = !known_own(task, status);
	file->ready = true;
	file->quiet = intake->looked;
	if (status->regular && !intake->unplaced && !file->foreign)
		r = intake_locate(task, file);
	*added = file;
	return r;
}

static int known_rename(struct gust_task *task, struct intake_file *file,
			const char *path)
{
	char *copy;

	if (strcmp(file->path, path) == 0)
		return 0;
	copy = strdup(path);
	if (copy == NULL)
		return -ENOMEM;
	free(file->path);
	file->path = copy;
	file->text.path = copy;
	file->in.path = copy;
	return file->positioned ? gust_source_title(task, file->source, copy)
				: 0;
}

int known_meet(struct intake *intake, struct gust_task *task, const char *path,
	       const struct infile_status *status, struct intake_file **known)
{
	struct intake_file *file = known_find(intake, status);
	int r;

	*known = file;
	if (file == NULL)
		return 0;
	r = known_rename(task, file, path);
	file->status = *status;
	if (r < 0 || file->in.fd >= 0 || file->lost)
		return r;
	/* It is closed: does it have anything new? A pipe may have. */
	if (status->regular
		    ? (!file->begun && !file->left) || status->size != file->raw
		    : status->fifo || !file->left) {
		file->cut = status->size < file->raw;
		file->ready = true;
		file->drained = false;
		file->left = false;
	}
	return 0;
}

void known_drop(struct intake *intake, struct intake_file *file)
{
	size_t i, at = 0;

	tdelete(file, &intake->known, known_compare);
	for (i = 0; i < intake->count; i++) {
		if (intake->files[i]->after == file)
			intake->files[i]->after = NULL;
		if (intake->files[i] != file)
			intake->files[at++] = intake->files[i];
	}
	intake->count = at;
	free(file->path);
	free(file->place);
	free(file);
}

static void known_forget(void *file)
{
	(void)file;
}

void known_close(struct intake *intake)
{
	tdestroy(intake->known, known_forget);
	intake->known = NULL;
}
