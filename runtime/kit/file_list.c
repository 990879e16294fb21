/* SPDX-License-Identifier: MIT */

#include <gust/kit/file_list.h>

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool file_list_is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

bool file_list_is_pattern(const char *name)
{
	/* A file may have a star in its name. */
	return strpbrk(name, "*?[") != NULL && access(name, F_OK) != 0;
}

int file_list_add(struct file_list *list, const char *path,
		  const struct infile_status *status,
		  enum file_list_origin origin)
{
	struct file_list_item *grown;
	size_t size = list->size == 0 ? 16 : 2 * list->size;
	char *copy;

	if (list->count == list->size) {
		grown = realloc(list->items, size * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		list->items = grown;
		list->size = size;
	}
	copy = strdup(path);
	if (copy == NULL)
		return -ENOMEM;
	list->items[list->count++] = (struct file_list_item){
		.path = copy, .status = *status, .origin = origin
	};
	return 0;
}

static int file_list_failed(const char *path, int code,
			    struct gust_error *error)
{
	return gust_error_set(error, code, "cannot read '%s': %s", path,
			      strerror(-code));
}

/* Adds a file of a pattern or a folder, if there is still one. */
static int file_list_met(struct file_list *list, const char *path,
			 enum file_list_origin origin)
{
	struct infile_status status;

	if (infile_look(path, &status) < 0 || status.directory)
		return 0;
	return file_list_add(list, path, &status, origin);
}

static int file_list_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int file_list_folder(struct file_list *list, const char *path,
			    bool patient, struct gust_error *error)
{
	struct dirent **entries;
	char *name;
	int i, n, r = 0;

	n = scandir(path, &entries, file_list_visible, alphasort);
	if (n < 0)
		return patient ? 0 : file_list_failed(path, -errno, error);
	for (i = 0; i < n; i++) {
		if (r == 0 && asprintf(&name, "%s%s%s", path,
				       path[strlen(path) - 1] == '/' ? "" : "/",
				       entries[i]->d_name) < 0)
			r = -ENOMEM;
		else if (r == 0) {
			r = file_list_met(list, name, FILE_LIST_FOLDER);
			free(name);
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int file_list_pattern(struct file_list *list, const char *name,
			     bool patient, struct gust_error *error)
{
	glob_t found;
	size_t i;
	int r;

	r = glob(name, 0, NULL, &found);
	if (r != 0 && r != GLOB_NOSPACE && patient)
		return 0;
	if (r == GLOB_NOMATCH)
		return gust_error_set(error, -ENOENT, "no file matches '%s'",
				      name);
	if (r != 0)
		return gust_error_set(error, r == GLOB_NOSPACE ? -ENOMEM : -EIO,
				      "cannot expand '%s'", name);
	for (i = 0; i < found.gl_pathc && r == 0; i++)
		r = file_list_met(list, found.gl_pathv[i], FILE_LIST_PATTERN);
	globfree(&found);
	return r;
}

static int file_list_name(struct file_list *list, const char *name,
			  bool patient, struct gust_error *error)
{
	static const struct infile_status nothing;
	struct infile_status status;
	int r;

	if (file_list_is_stdin(name))
		return file_list_add(list, name, &nothing, FILE_LIST_NAMED);
	if (file_list_is_pattern(name))
		return file_list_pattern(list, name, patient, error);
	r = infile_look(name, &status);
	if (r < 0 && patient)
		return 0;
	if (r == 0 && !patient && access(name, R_OK) < 0)
		r = -errno;
	if (r < 0)
		return file_list_failed(name, r, error);
	if (status.directory)
		return file_list_folder(list, name, patient, error);
	return file_list_add(list, name, &status, FILE_LIST_NAMED);
}

/* By identity, and then by place, so that the first one stays. */
static int file_list_compare(const void *a, const void *b)
{
	const struct file_list_item *x = *(struct file_list_item *const *)a;
	const struct file_list_item *y = *(struct file_list_item *const *)b;

	if (x->status.inode != y->status.inode)
		return x->status.inode < y->status.inode ? -1 : 1;
	if (x->status.device != y->status.device)
		return x->status.device < y->status.device ? -1 : 1;
	return x < y ? -1 : 1;
}

/* Refuses a file that is there twice, or takes it out: two readers of it would
 * share a position. */
static int file_list_twice(struct file_list_item *first,
			   struct file_list_item *second, bool patient,
			   struct gust_error *error)
{
	bool twice = first->origin == FILE_LIST_NAMED &&
		     second->origin == FILE_LIST_NAMED && !patient;

	if (twice && strcmp(first->path, second->path) == 0)
		return gust_error_set(error, -EINVAL,
				      "file '%s' is named twice", first->path);
	if (twice)
		return gust_error_set(error, -EINVAL,
				      "'%s' and '%s' are the same file, "
				      "expected one of them",
				      first->path, second->path);
	if (second->origin < first->origin)
		first->origin = second->origin;
	free(second->path);
	second->path = NULL;
	return 0;
}

static void file_list_pack(struct file_list *list)
{
	size_t i, count = 0;

	for (i = 0; i < list->count; i++)
		if (list->items[i].path != NULL)
			list->items[count++] = list->items[i];
	list->count = count;
}

static int file_list_unite(struct file_list *list, bool patient,
			   struct gust_error *error)
{
	size_t i, first = 0, n = list->count;
	struct file_list_item **sorted = calloc(n + 1, sizeof(*sorted));
	int r = 0;

	if (sorted == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		sorted[i] = &list->items[i];
	qsort(sorted, n, sizeof(*sorted), file_list_compare);
	for (i = 1; i < n && r == 0; i++) {
		if (infile_same(&sorted[first]->status, &sorted[i]->status))
			r = file_list_twice(sorted[first], sorted[i], patient,
					    error);
		else
			first = i;
	}
	free(sorted);
	file_list_pack(list);
	return r;
}

int file_list_expand(struct file_list *list, const struct gust_list *names,
		     bool patient, struct gust_error *error)
{
	size_t i;
	int r = 0;

	for (i = 0; i < names->count && r == 0; i++)
		r = file_list_name(list, names->items[i], patient, error);
	return r < 0 ? r : file_list_unite(list, patient, error);
}

void file_list_clear(struct file_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
	*list = (struct file_list){ NULL, 0, 0 };
}
