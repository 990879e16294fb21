/* SPDX-License-Identifier: MIT */

#include "plugin/plugin_list.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/search.h"

/* A list that grows. */
struct listings {
	struct plugin_listing *items;
	size_t count;
};

void plugin_list_free(struct plugin_listing *list, size_t count)
{
	size_t i;

	for (i = 0; list != NULL && i < count; i++) {
		free(list[i].name);
		free(list[i].path);
	}
	free(list);
}

static int plugin_list_compare(const void *a, const void *b)
{
	const struct plugin_listing *one = a, *other = b;

	if (one->kind != other->kind)
		return one->kind < other->kind ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* Whether the file is a plugin of that kind. */
static bool plugin_list_is(const char *path, enum plugin_kind kind)
{
	const char *symbol = kind == PLUGIN_SPOUT ? "gust_spout" : "gust_bolt";
	void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	bool is;

	if (handle == NULL)
		return false;
	is = dlsym(handle, symbol) != NULL;
	dlclose(handle);
	return is;
}

/* Takes `path` and `name` over. */
static int plugin_list_append(struct listings *list, enum plugin_kind kind,
			      char *name, char *path)
{
	struct plugin_listing *items;

	items = realloc(list->items, (list->count + 1) * sizeof(*items));
	if (items == NULL || name == NULL || path == NULL) {
		if (items != NULL)
			list->items = items;
		free(name);
		free(path);
		return -ENOMEM;
	}
	list->items = items;
	items[list->count].kind = kind;
	items[list->count].name = name;
	items[list->count++].path = path;
	return 0;
}

/* An earlier folder hides what has the same name in a later one. */
static bool plugin_list_has(const struct listings *list, const char *name,
			    size_t length)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strncmp(list->items[i].name, name, length) == 0 &&
		    list->items[i].name[length] == '\0')
			return true;
	return false;
}

/* Adds `file` of `folder` if it is a plugin. */
static int plugin_list_file(struct listings *list, enum plugin_kind kind,
			    bool sure, const struct search_folder *folder,
			    const char *file)
{
	size_t length = strlen(file);
	char *path;

	if (file[0] == '.' || length <= 3 ||
	    strcmp(file + length - 3, ".so") != 0 ||
	    plugin_list_has(list, file, length - 3))
		return 0;
	path = search_join(folder->path, file, "");
	if (path != NULL && sure && folder->mixed &&
	    !plugin_list_is(path, kind)) {
		free(path);
		return 0;
	}
	return plugin_list_append(list, kind, strndup(file, length - 3), path);
}

static int plugin_list_folder(struct listings *list, enum plugin_kind kind,
			      bool sure, const struct search_folder *folder)
{
	struct dirent *entry;
	DIR *directory;
	int r = 0;

	directory = opendir(folder->path);
	if (directory == NULL)
		return errno == ENOMEM ? -ENOMEM : 0;
	while (r == 0 && (entry = readdir(directory)) != NULL)
		r = plugin_list_file(list, kind, sure, folder, entry->d_name);
	closedir(directory);
	return r;
}

static int plugin_list_add(struct listings *list, enum plugin_kind kind,
			   bool sure)
{
	struct listings found = { 0 };
	struct plugin_listing *items;
	struct search search;
	size_t i;
	int r;

	r = search_init(&search, kind);
	for (i = 0; r == 0 && i < search.count; i++)
		r = plugin_list_folder(&found, kind, sure, &search.folders[i]);
	search_fini(&search);
	items = NULL;
	if (r == 0) {
		items = realloc(list->items, (list->count + found.count + 1) *
						     sizeof(*items));
		r = items == NULL ? -ENOMEM : 0;
	}
	if (r < 0) {
		plugin_list_free(found.items, found.count);
		return r;
	}
	if (found.count > 0)
		memcpy(items + list->count, found.items,
		       found.count * sizeof(*items));
	free(found.items);
	list->items = items;
	list->count += found.count;
	return 0;
}

static int plugin_list_end(struct listings *made, int r,
			   struct plugin_listing **list, size_t *count)
{
	if (r < 0) {
		plugin_list_free(made->items, made->count);
		return r;
	}
	qsort(made->items, made->count, sizeof(*made->items),
	      plugin_list_compare);
	*list = made->items;
	*count = made->count;
	return 0;
}

int plugin_list_kind(enum plugin_kind kind, bool sure,
		     struct plugin_listing **list, size_t *count)
{
	struct listings made = { 0 };
	int r;

	r = plugin_list_add(&made, kind, sure);
	return plugin_list_end(&made, r, list, count);
}

int plugin_list(struct plugin_listing **list, size_t *count)
{
	struct listings made = { 0 };
	int r;

	r = plugin_list_add(&made, PLUGIN_SPOUT, true);
	if (r == 0)
		r = plugin_list_add(&made, PLUGIN_BOLT, true);
	return plugin_list_end(&made, r, list, count);
}
