/* SPDX-License-Identifier: MIT */
#include "cli/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/manual.h"
#include "cli/paragraph.h"
#include "plugin/not_built.h"

#define TAB 18

int catalogue_init(struct catalogue *catalogue)
{
	memset(catalogue, 0, sizeof(*catalogue));
	return plugin_list(&catalogue->items, &catalogue->count);
}

void catalogue_fini(struct catalogue *catalogue)
{
	plugin_list_free(catalogue->items, catalogue->count);
	memset(catalogue, 0, sizeof(*catalogue));
}

/* The length of the folder in a path, without the slash. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) : 0;
}

static bool same_folder(const struct plugin_listing *a,
			const struct plugin_listing *b)
{
	size_t length = folder_length(a->path);

	return a->kind == b->kind && folder_length(b->path) == length &&
	       memcmp(a->path, b->path, length) == 0;
}

static void print_plugin(FILE *file, const struct plugin_listing *item)
{
	struct gust_error error = { 0 };
	struct plugin *plugin = NULL;
	char text[sizeof(error.text) + 32];

	if (plugin_open(item->kind, item->path, NULL, &plugin, &error) < 0) {
		snprintf(text, sizeof(text), "cannot be used: %s", error.text);
		paragraph_print_entry(file, TAB, item->name, text);
		return;
	}
	paragraph_print_entry(file, TAB, item->name, plugin_summary(plugin));
	plugin_close(plugin);
}

/* Prints all of the folder of item `first`, unless one before was in it. */
static void print_folder(const struct catalogue *catalogue, FILE *file,
			 size_t first)
{
	const struct plugin_listing *items = catalogue->items;
	size_t i;

	for (i = 0; i < first; i++)
		if (same_folder(&items[i], &items[first]))
			return;
	fprintf(file, "%s%s in %.*s:\n", first > 0 ? "\n" : "",
		items[first].kind == PLUGIN_SPOUT ? "Spouts" : "Bolts",
		(int)folder_length(items[first].path), items[first].path);
	for (i = first; i < catalogue->count; i++)
		if (same_folder(&items[i], &items[first]))
			print_plugin(file, &items[i]);
}

void catalogue_print(const struct catalogue *catalogue, FILE *file)
{
	const struct not_built *not_built = not_built_table();
	size_t i;

	for (i = 0; i < catalogue->count; i++)
		print_folder(catalogue, file, i);
	if (catalogue->count == 0)
		fputs("No plugins were found; GUST_PLUGIN_PATH may name more "
		      "folders.\n",
		      file);
	if (not_built[0].name != NULL)
		fputs("\nNot built:\n", file);
	for (i = 0; not_built[i].name != NULL; i++)
		fprintf(file, "  %-15s %s, %s is missing\n", not_built[i].name,
			not_built[i].kind, not_built[i].package);
}

static json_t *plugin_json(const struct plugin_listing *item)
{
	struct gust_error error = { 0 };
	struct plugin *plugin = NULL;
	json_t *json;

	(void)plugin_open(item->kind, item->path, NULL, &plugin, &error);
	json = json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "kind",
			 manual_kind_name(item->kind), "name", item->name,
			 "path", item->path, "summary",
			 plugin != NULL ? plugin_summary(plugin) : NULL,
			 "error", plugin != NULL ? NULL : error.text);
	plugin_close(plugin);
	return json;
}

json_t *catalogue_json(const struct catalogue *catalogue)
{
	const struct not_built *not_built = not_built_table();
	json_t *plugins = json_array();
	json_t *missing = json_array();
	size_t i;

	for (i = 0; i < catalogue->count; i++)
		json_array_append_new(plugins,
				      plugin_json(&catalogue->items[i]));
	for (i = 0; not_built[i].name != NULL; i++)
		json_array_append_new(missing,
				      json_pack("{s:s, s:s, s:s}", "kind",
						not_built[i].kind, "name",
						not_built[i].name, "package",
						not_built[i].package));
	return json_pack("{s:o, s:o}", "plugins", plugins, "not_built",
			 missing);
}

const char *catalogue_missing(const char *name, const char **kind)
{
	const struct not_built *not_built = not_built_table();
	size_t i;

	for (i = 0; not_built[i].name != NULL; i++) {
		if (strcmp(not_built[i].name, name) != 0)
			continue;
		if (kind != NULL)
			*kind = not_built[i].kind;
		return not_built[i].package;
	}
	return NULL;
}

const char *catalogue_nearest(const struct catalogue *catalogue,
			      const char *name)
{
	const char **names = calloc(catalogue->count + 1, sizeof(*names));
	const char *nearest;
	size_t i;

	if (names == NULL)
		return NULL;
	for (i = 0; i < catalogue->count; i++)
		names[i] = catalogue->items[i].name;
	nearest = suggest_nearest(name, names, catalogue->count);
	free(names);
	return nearest;
}
