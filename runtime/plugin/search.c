/* SPDX-License-Identifier: MIT */

#include "plugin/search.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "gust_config.h"
#include "plugin/not_built.h"
#include "plugin/plugin_list.h"

/* Room for the paths tried, in a message. */
#define TRIED_SIZE 360

char *search_join(const char *folder, const char *name, const char *suffix)
{
	size_t size = strlen(folder) + strlen(name) + strlen(suffix) + 2;
	char *path = malloc(size);

	if (path != NULL)
		snprintf(path, size, "%s/%s%s", folder, name, suffix);
	return path;
}

static const char *search_subfolder(enum plugin_kind kind)
{
	return kind == PLUGIN_SPOUT ? "spouts" : "bolts";
}

/* Adds `folder` with its subfolder for `kind`, or itself where mixed. */
static int search_add(struct search *search, const char *folder,
		      const char *subfolder)
{
	struct search_folder *folders;
	char *path;

	path = subfolder != NULL ? search_join(folder, subfolder, "")
				 : strdup(folder);
	if (path == NULL)
		return -ENOMEM;
	folders = realloc(search->folders,
			  (search->count + 1) * sizeof(*folders));
	if (folders == NULL) {
		free(path);
		return -ENOMEM;
	}
	search->folders = folders;
	folders[search->count].path = path;
	folders[search->count++].mixed = subfolder == NULL;
	return 0;
}

static int search_add_environment(struct search *search, enum plugin_kind kind)
{
	const char *list = getenv("GUST_PLUGIN_PATH");
	char *copy, *folder, *rest;
	int r = 0;

	if (list == NULL)
		return 0;
	copy = strdup(list);
	if (copy == NULL)
		return -ENOMEM;
	folder = strtok_r(copy, ":", &rest);
	for (; folder != NULL && r == 0; folder = strtok_r(NULL, ":", &rest)) {
		r = search_add(search, folder, search_subfolder(kind));
		if (r == 0)
			r = search_add(search, folder, NULL);
	}
	free(copy);
	return r;
}

/* Whether `folder` has that subfolder. */
static bool search_has(const char *folder, const char *subfolder)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", folder, subfolder);
	return access(path, F_OK) == 0;
}

/* The folder of the binary; -errno where it is unknown. */
static int search_binary(char *folder)
{
	ssize_t length;
	char *slash;

	length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	if (length < 0)
		return -errno;
	folder[length] = '\0';
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return -ENOENT;
	*slash = '\0';
	return 0;
}

/*
 * Beside the binary, and where it was installed to from there. Commonly there
 * is but one of them, and the other one is not worth a word.
 */
static int search_add_binary(struct search *search, enum plugin_kind kind)
{
	char beside[PATH_MAX], installed[2 * PATH_MAX], real[PATH_MAX];
	const char *subfolder = search_subfolder(kind);
	const char *plugins = GUST_PLUGINS_FROM_BIN;
	bool is_beside, is_installed;
	int r = 0;

	if (search_binary(beside) < 0)
		return 0;
	if (plugins[0] == '/')
		snprintf(installed, sizeof(installed), "%s", plugins);
	else
		snprintf(installed, sizeof(installed), "%s/%s", beside,
			 plugins);
	is_installed = realpath(installed, real) != NULL;
	is_beside = search_has(beside, subfolder);
	if (is_beside || !is_installed)
		r = search_add(search, beside, subfolder);
	if (r == 0 && (is_installed || !is_beside))
		r = search_add(search, is_installed ? real : installed,
			       subfolder);
	return r;
}

int search_init(struct search *search, enum plugin_kind kind)
{
	int r;

	memset(search, 0, sizeof(*search));
	r = search_add_environment(search, kind);
	if (r == 0)
		r = search_add_binary(search, kind);
	return r;
}

void search_fini(struct search *search)
{
	size_t i;

	for (i = 0; i < search->count; i++)
		free(search->folders[i].path);
	free(search->folders);
	memset(search, 0, sizeof(*search));
}

/* Whether something is there, be it unreadable. */
static bool search_exists(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* `*path` is NULL when no folder has it. */
static int search_folders(const struct search *search, const char *name,
			  char **path)
{
	char *candidate;
	size_t i;

	*path = NULL;
	for (i = 0; i < search->count; i++) {
		candidate = search_join(search->folders[i].path, name, ".so");
		if (candidate == NULL)
			return -ENOMEM;
		if (search_exists(candidate)) {
			*path = candidate;
			return 0;
		}
		free(candidate);
	}
	return 0;
}

/* Whether there is a plugin of that name, of the other kind. */
static int search_other_kind(enum plugin_kind kind, const char *name,
			     struct gust_error *error)
{
	enum plugin_kind other =
		kind == PLUGIN_SPOUT ? PLUGIN_BOLT : PLUGIN_SPOUT;
	struct search search;
	char *path = NULL;
	int r;

	r = search_init(&search, other);
	if (r == 0)
		r = search_folders(&search, name, &path);
	search_fini(&search);
	if (r < 0)
		return gust_error_set(error, r, "memory is short");
	if (path == NULL)
		return 0;
	free(path);
	return gust_error_set(error, -ENOEXEC,
			      "'%s' is a %s, but it is used as a %s", name,
			      plugin_kind_name(other), plugin_kind_name(kind));
}

/* Writes "'/a/x.so', '/b/x.so' and 2 more". */
static void search_tried(const struct search *search, const char *name,
			 char *text)
{
	size_t length = 0, size, i;

	text[0] = '\0';
	for (i = 0; i < search->count; i++) {
		size = strlen(search->folders[i].path) + strlen(name) + 8;
		if (length + size + sizeof(" and 99999 more") > TRIED_SIZE)
			break;
		length += (size_t)sprintf(text + length, "%s'%s/%s.so'",
					  i > 0 ? ", " : "",
					  search->folders[i].path, name);
	}
	if (i < search->count)
		sprintf(text + length, "%s%zu more", i > 0 ? " and " : "",
			search->count - i);
}

/* Writes ", expected 'x'" or nothing. */
static int search_near(enum plugin_kind kind, const char *name, char *text,
		       size_t size)
{
	struct plugin_listing *list;
	const char **names, *nearest;
	size_t count, i;
	int r;

	text[0] = '\0';
	r = plugin_list_kind(kind, false, &list, &count);
	if (r < 0)
		return r;
	names = calloc(count + 1, sizeof(*names));
	if (names == NULL) {
		plugin_list_free(list, count);
		return -ENOMEM;
	}
	for (i = 0; i < count; i++)
		names[i] = list[i].name;
	nearest = suggest_nearest(name, names, count);
	if (nearest != NULL)
		snprintf(text, size, ", expected '%s'", nearest);
	free(names);
	plugin_list_free(list, count);
	return 0;
}

static int search_not_found(const struct search *search, enum plugin_kind kind,
			    const char *name, struct gust_error *error)
{
	const struct not_built *missing =
		not_built_find(not_built_table(), kind, name);
	char tried[TRIED_SIZE], near[192];
	int r;

	if (missing != NULL)
		return not_built_refuse(missing, error);
	r = search_other_kind(kind, name, error);
	if (r < 0)
		return r;
	if (search_near(kind, name, near, sizeof(near)) < 0)
		return gust_error_set(error, -ENOMEM, "memory is short");
	search_tried(search, name, tried);
	return gust_error_set(error, -ENOENT,
			      "no %s is named '%.60s'%s (tried %s)",
			      plugin_kind_name(kind), name, near, tried);
}

static int search_name(enum plugin_kind kind, const char *name, char **path,
		       struct gust_error *error)
{
	struct search search;
	char *found = NULL;
	int r;

	r = search_init(&search, kind);
	if (r == 0)
		r = search_folders(&search, name, &found);
	if (r < 0)
		gust_error_set(error, r, "memory is short");
	else if (found == NULL)
		r = search_not_found(&search, kind, name, error);
	else
		*path = found;
	search_fini(&search);
	return r;
}

static int search_path(enum plugin_kind kind, const char *name,
		       const char *near, char **path, struct gust_error *error)
{
	const char *folder = near != NULL && near[0] != '\0' ? near : ".";
	char *found;

	if (name[0] == '/') {
		found = strdup(name);
	} else {
		while (strncmp(name, "./", 2) == 0)
			name += 2 + strspn(name + 2, "/");
		found = search_join(folder, name, "");
	}
	if (found == NULL)
		return gust_error_set(error, -ENOMEM, "memory is short");
	if (!search_exists(found)) {
		gust_error_set(error, -ENOENT,
			       "%s '%s' cannot be opened: there is no such "
			       "file",
			       plugin_kind_name(kind), found);
		free(found);
		return -ENOENT;
	}
	*path = found;
	return 0;
}

int search_find(enum plugin_kind kind, const char *name, const char *near,
		char **path, struct gust_error *error)
{
	size_t length = strlen(name);

	if (length == 0)
		return gust_error_set(error, -ENOENT,
				      "the name of the %s is empty",
				      plugin_kind_name(kind));
	if (strchr(name, '/') != NULL ||
	    (length > 3 && strcmp(name + length - 3, ".so") == 0))
		return search_path(kind, name, near, path, error);
	return search_name(kind, name, path, error);
}
