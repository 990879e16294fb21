/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/catalogue.h"
#include "cli/manual.h"

enum { OPTION_JSON = 1 };

static int print_json(json_t *json)
{
	int r = -1;

	if (json != NULL)
		r = json_dumpf(json, stdout, JSON_INDENT(2));
	if (r == 0)
		putchar('\n');
	json_decref(json);
	return r == 0 ? COMMAND_DONE : COMMAND_FAILED;
}

static void print_plugin(const struct plugin *plugin, json_t *array)
{
	if (array != NULL)
		json_array_append_new(array, manual_json(plugin));
	else
		manual_print(stdout, plugin);
}

static int say(const struct gust_error *error)
{
	fprintf(stderr, "gust info: %s\n", error->text);
	return COMMAND_USAGE;
}

/* A path says nothing of the kind, so it is tried as both. */
static int info_path(const char *path, json_t *array)
{
	struct gust_error spout_error = { 0 }, bolt_error = { 0 };
	struct plugin *plugin = NULL;
	int r;

	r = plugin_open(PLUGIN_SPOUT, path, NULL, &plugin, &spout_error);
	if (r == -ENOEXEC)
		r = plugin_open(PLUGIN_BOLT, path, NULL, &plugin, &bolt_error);
	else if (r < 0)
		return say(&spout_error);
	if (r < 0)
		return say(&bolt_error);
	print_plugin(plugin, array);
	plugin_close(plugin);
	return COMMAND_DONE;
}

static int unknown_plugin(const struct catalogue *catalogue, const char *name)
{
	const char *package = catalogue_missing(name, NULL);
	const char *nearest = catalogue_nearest(catalogue, name);

	if (package != NULL)
		fprintf(stderr,
			"gust info: '%s' was not built: %s is missing\n", name,
			package);
	else if (nearest != NULL)
		fprintf(stderr,
			"gust info: no plugin is named '%s'; did you mean "
			"'%s'?\n",
			name, nearest);
	else
		fprintf(stderr,
			"gust info: no plugin is named '%s'; 'gust info' lists "
			"those there are\n",
			name);
	return COMMAND_USAGE;
}

/* A spout and a bolt may share a name: then both are printed. */
static int info_name(const struct catalogue *catalogue, const char *name,
		     json_t *array)
{
	int code = COMMAND_DONE;
	size_t i, found = 0;

	for (i = 0; i < catalogue->count; i++) {
		struct plugin_listing *item = &catalogue->items[i];
		struct gust_error error = { 0 };
		struct plugin *plugin = NULL;

		if (strcmp(item->name, name) != 0)
			continue;
		if (found++ > 0 && array == NULL)
			putchar('\n');
		if (plugin_open(item->kind, item->path, NULL, &plugin,
				&error) == 0)
			print_plugin(plugin, array);
		else
			code = say(&error);
		plugin_close(plugin);
	}
	return found > 0 ? code : unknown_plugin(catalogue, name);
}

static bool is_path(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '/') != NULL ||
	       (length > 3 && strcmp(name + length - 3, ".so") == 0);
}

static int info_all(bool json)
{
	struct catalogue catalogue;
	int r = catalogue_init(&catalogue);
	int code = COMMAND_DONE;

	if (r < 0) {
		fprintf(stderr, "gust info: %s\n", strerror(-r));
		return COMMAND_FAILED;
	}
	if (json)
		code = print_json(catalogue_json(&catalogue));
	else
		catalogue_print(&catalogue, stdout);
	catalogue_fini(&catalogue);
	return code;
}

static int info_one(const char *name, json_t *array)
{
	struct catalogue catalogue;
	int r, code;

	if (is_path(name))
		return info_path(name, array);
	r = catalogue_init(&catalogue);
	if (r < 0) {
		fprintf(stderr, "gust info: %s\n", strerror(-r));
		return COMMAND_FAILED;
	}
	code = info_name(&catalogue, name, array);
	catalogue_fini(&catalogue);
	return code;
}

/* Goes through the operands; the greatest code is that of all. */
static int info_each(struct arguments *arguments, json_t *array, int *names)
{
	int code = COMMAND_DONE;

	while (arguments_next(arguments) > 0) {
		int r;

		if (arguments->option != NULL)
			continue;
		if ((*names)++ > 0 && array == NULL)
			putchar('\n');
		r = info_one(arguments->value, array);
		code = r > code ? r : code;
	}
	return code;
}

static int info_run(struct arguments *arguments)
{
	struct arguments first = *arguments;
	json_t *array = NULL;
	bool json = false;
	int names = 0, code;

	while (arguments_next(&first) > 0)
		json = json || first.option != NULL;
	if (json)
		array = json_array();
	code = info_each(arguments, array, &names);
	if (names == 0) {
		json_decref(array);
		return info_all(json);
	}
	if (json && print_json(array) != COMMAND_DONE)
		return COMMAND_FAILED;
	return code;
}

static const struct command_option info_options[] = {
	{ OPTION_JSON, "json", 0, NULL, "Prints JSON instead of text." },
	{ 0 },
};

const struct command command_info = {
	.name = "info",
	.synopsis = "[OPTION]... [NAME | PATH.so]...",
	.summary = "lists the plugins, or prints the manual of one",
	.description =
		"Lists the plugins that a topology can name, and where they "
		"are; with a name or the path of a shared object, prints its "
		"manual, its options with types and defaults, and the streams "
		"it emits.\n\n"
		"Plugins are looked for in the folders of GUST_PLUGIN_PATH, "
		"parted by colons, then where gust was built, then where it "
		"was installed.",
	.options = info_options,
	.run = info_run,
};
