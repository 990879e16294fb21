/* SPDX-License-Identifier: MIT */
#include "cli/manual.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/paragraph.h"
#include "cli/probe.h"
#include "gust_config.h"
#include "plugin/option.h"
#include "plugin/option_value.h"

#define TAB 18

const char *manual_kind_name(enum plugin_kind kind)
{
	return kind == PLUGIN_SPOUT ? "spout" : "bolt";
}

const char *manual_replay_name(enum gust_replay replay)
{
	switch (replay) {
	case GUST_REPLAY_NONE:
		return "none";
	case GUST_REPLAY_RECORD:
		return "record";
	case GUST_REPLAY_POSITION:
		return "position";
	case GUST_REPLAY_OWN:
		return "own";
	}
	return "unknown";
}

static const char *replay_help(enum gust_replay replay)
{
	switch (replay) {
	case GUST_REPLAY_NONE:
		return "none: a tuple that fails is lost, and counted as such";
	case GUST_REPLAY_RECORD:
		return "record: a tuple that fails is emitted again; what is "
		       "open is lost with the process";
	case GUST_REPLAY_POSITION:
		return "position: a tuple that fails is emitted again; with "
		       "'topology.state.dir' a later run goes on where this "
		       "one was";
	case GUST_REPLAY_OWN:
		return "own: the spout itself emits again what failed";
	}
	return "unknown";
}

/* Opens DIR/NAME.txt, DIR/../manuals/KINDs/NAME.txt or the installed one. */
static FILE *open_beside(const char *dir, const char *name,
			 enum plugin_kind kind)
{
	const char *folder = kind == PLUGIN_SPOUT ? "spouts" : "bolts";
	char path[PATH_MAX + 512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s.txt", dir, name);
	file = fopen(path, "re");
	if (file != NULL)
		return file;
	(void)snprintf(path, sizeof(path), "%s/../manuals/%s/%s.txt", dir,
		       folder, name);
	return fopen(path, "re");
}

/* True when `dir` is where `meson install` puts plugins of that kind. Sets
 * `bin` to the folder of the program. */
static bool is_installed(const char *dir, enum plugin_kind kind, char *bin)
{
	const char *folder = kind == PLUGIN_SPOUT ? "spouts" : "bolts";
	char path[2 * PATH_MAX], real[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", bin, PATH_MAX - 1);

	if (n <= 0)
		return false;
	bin[n] = '\0';
	*strrchr(bin, '/') = '\0';
	(void)snprintf(path, sizeof(path), "%s%s%s/%s",
		       GUST_PLUGINS_FROM_BIN[0] == '/' ? "" : bin,
		       GUST_PLUGINS_FROM_BIN[0] == '/' ? "" : "/",
		       GUST_PLUGINS_FROM_BIN, folder);
	return realpath(path, real) != NULL && strcmp(real, dir) == 0;
}

/* The text of the manual, or NULL where a plugin comes without. */
static FILE *open_manual(const struct plugin *plugin)
{
	const char *folder = plugin->kind == PLUGIN_SPOUT ? "spouts" : "bolts";
	char real[PATH_MAX], bin[PATH_MAX], path[2 * PATH_MAX + 512];
	char *slash, *dot;
	FILE *file;

	if (realpath(plugin->path, real) == NULL)
		return NULL;
	slash = strrchr(real, '/');
	*slash++ = '\0';
	dot = strrchr(slash, '.');
	if (dot != NULL)
		*dot = '\0';
	file = open_beside(real, slash, plugin->kind);
	if (file != NULL || !is_installed(real, plugin->kind, bin))
		return file;
	(void)snprintf(path, sizeof(path), "%s%s%s/%s/%s.txt",
		       GUST_MANUALS_FROM_BIN[0] == '/' ? "" : bin,
		       GUST_MANUALS_FROM_BIN[0] == '/' ? "" : "/",
		       GUST_MANUALS_FROM_BIN, folder, slash);
	return fopen(path, "re");
}

static void print_range(FILE *file, const struct gust_option *option)
{
	char range[OPTION_RANGE_SIZE];

	if (option->min != 0 || option->max != 0)
		fprintf(file, ", %s", option_value_range(option, range));
}

/* It is written as in YAML, so it may have quotes already. */
static void print_default(FILE *file, const char *fallback)
{
	const char *quote = fallback[0] == '"' ? "" : "'";

	fprintf(file, "; default %s%s%s", quote, fallback, quote);
}

/* The type with all that bounds it: `int, 1 to 10; default '1'`. */
static void print_type(FILE *file, const struct gust_option *option)
{
	size_t i;

	fputs(option_type_name(option->type), file);
	for (i = 0; option->choices != NULL && option->choices[i] != NULL; i++)
		fprintf(file, "%s %s", i == 0 ? ":" : " |", option->choices[i]);
	print_range(file, option);
	if ((option->flags & GUST_REQUIRED) != 0)
		fputs("; required", file);
	else if ((option->flags & GUST_SECRET) == 0 && option->fallback != NULL)
		print_default(file, option->fallback);
	if ((option->flags & GUST_SECRET) != 0)
		fputs("; secret", file);
}

static void print_options(FILE *file, const struct plugin *plugin)
{
	const struct gust_option *option = plugin_options(plugin);

	if (option == NULL || option->name == NULL) {
		fputs("\nOptions: none\n", file);
		return;
	}
	fputs("\nOptions:\n", file);
	for (; option->name != NULL; option++) {
		fprintf(file, "  %s: ", option->name);
		print_type(file, option);
		fputc('\n', file);
		if (option->help != NULL)
			paragraph_print(file, 6, 0, option->help);
	}
}

static void print_stream(FILE *file, const struct gust_stream *stream)
{
	const struct gust_column *column = stream->columns;
	const char *separator = "";

	fprintf(file, "  %s: ", stream->name);
	if (column == NULL || column->name == NULL)
		fputs("the fields of its inputs", file);
	for (; column != NULL && column->name != NULL; column++) {
		fprintf(file, "%s%s: %s", separator, column->name,
			gust_type_name(column->type));
		separator = ", ";
	}
	fputc('\n', file);
}

static bool depends(const struct plugin *plugin)
{
	return plugin->spout.declare != NULL || plugin->bolt.declare != NULL;
}

/*
 * `probe` is NULL where its options are not known; then a manual says more of
 * its streams than could be said here.
 */
static void print_streams(FILE *file, const struct plugin *plugin,
			  const struct probe *probe, bool manual)
{
	const struct gust_stream *stream = plugin_streams(plugin);
	bool fixed = stream != NULL || !depends(plugin);
	bool none;

	if (!fixed && probe == NULL) {
		if (!manual)
			fputs("\nStreams:\n"
			      "  as its options and its inputs say\n",
			      file);
		return;
	}
	if (probe != NULL)
		stream = probe->streams;
	none = stream == NULL || stream->name == NULL;
	fprintf(file, "\nStreams%s:\n",
		fixed || none ? "" : " with these defaults");
	if (none)
		fputs("  none\n", file);
	for (; stream != NULL && stream->name != NULL; stream++)
		print_stream(file, stream);
}

static void print_flags(FILE *file, const struct plugin *plugin)
{
	unsigned flags = plugin_flags(plugin);

	if (plugin->kind == PLUGIN_BOLT && flags == 0 &&
	    plugin->bolt.windowing == NULL)
		return;
	fputs("\nProperties:\n", file);
	if (plugin->kind == PLUGIN_SPOUT)
		paragraph_print_entry(file, TAB, "replay",
				      replay_help(plugin->spout.replay));
	if (plugin->bolt.windowing != NULL)
		paragraph_print_entry(file, TAB, "window",
				      plugin->bolt.execute == NULL
					      ? "it needs 'window', see 'gust "
						"help window'"
					      : "it takes 'window', see 'gust "
						"help window'");
	if ((flags & GUST_DEDICATED) != 0)
		paragraph_print_entry(file, TAB, "dedicated",
				      "it may block, so each of its tasks gets "
				      "a thread of its own");
	if ((flags & GUST_STDOUT) != 0)
		paragraph_print_entry(file, TAB, "stdout",
				      "it writes to standard output");
	if ((flags & GUST_DETERMINISTIC) != 0)
		paragraph_print_entry(file, TAB, "deterministic",
				      "the same input gives the same output");
	if ((flags & GUST_MEMORY) != 0)
		paragraph_print_entry(
			file, TAB, "memory",
			"what it has gathered is lost with its process");
	if ((flags & GUST_STATE) != 0)
		paragraph_print_entry(file, TAB, "state",
				      "what it has gathered is kept as "
				      "'topology.state.provider' says");
}

char *manual_text(const struct plugin *plugin)
{
	FILE *file = open_manual(plugin);
	char *text = NULL;
	size_t size = 0;

	if (file == NULL)
		return NULL;
	/* No file holds a NUL, so this is all of it. */
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	(void)fclose(file);
	return text;
}

void manual_print(FILE *file, const struct plugin *plugin)
{
	struct probe probe;
	bool known = probe_init(&probe, plugin) == 0;
	char *text = manual_text(plugin);

	fprintf(file, "%s %s: %s\n%s\n", manual_kind_name(plugin->kind),
		plugin_name(plugin), plugin_summary(plugin), plugin->path);
	if (text != NULL)
		fprintf(file, "\n%s", text);
	print_options(file, plugin);
	print_streams(file, plugin, known ? &probe : NULL, text != NULL);
	free(text);
	print_flags(file, plugin);
	probe_fini(&probe);
}
