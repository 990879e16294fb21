/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "cli/jsontext.h"
#include "cli/request.h"

enum { OPTION_STRICT = 1, OPTION_JSON };

struct check {
	struct request request;
	bool strict;
	json_t *json; /* an array for all files, or NULL */
	int files;
	int code;
};

static const char *severity_name(const struct check *check,
				 enum severity severity)
{
	return severity == SEVERITY_ERROR || check->strict ? "error"
							   : "warning";
}

static void add_json(const struct check *check,
		     const struct diagnostics *diagnostics)
{
	size_t i;

	for (i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *item = &diagnostics->items[i];

		json_array_append_new(
			check->json,
			json_pack("{s:o, s:i, s:i, s:s, s:o}", "file",
				  jsontext(item->place.file), "line",
				  item->place.line, "column",
				  item->place.column, "severity",
				  severity_name(check, item->severity), "text",
				  jsontext(item->text)));
	}
}

static void check_file(struct check *check, const char *path)
{
	struct diagnostics diagnostics;
	struct topology *topology = NULL;
	int r;

	diagnostics_init(&diagnostics);
	r = request_load(&check->request, path, &diagnostics, &topology);
	if (check->json != NULL)
		add_json(check, &diagnostics);
	else
		diagnostics_print(&diagnostics, stderr);
	if (r == -ENOMEM) {
		fprintf(stderr, "gust check: out of memory\n");
		check->code = COMMAND_FAILED;
	} else if (r < 0 || (check->strict && diagnostics.warnings > 0)) {
		check->code = COMMAND_USAGE;
	}
	topology_destroy(topology);
	diagnostics_fini(&diagnostics);
}

/* The options come first, wherever they stand: they hold for all files. */
static int read_options(struct check *check, struct arguments arguments)
{
	int r;

	while (arguments_next(&arguments) > 0) {
		if (arguments.option == NULL) {
			check->files++;
			continue;
		}
		r = request_take(&check->request, &arguments);
		if (r < 0)
			return r;
		if (arguments.option->key == OPTION_STRICT)
			check->strict = true;
		if (arguments.option->key == OPTION_JSON && check->json == NULL)
			check->json = json_array();
	}
	if (check->files == 0) {
		command_misuse(&command_check, "which FILE?");
		return -EINVAL;
	}
	return 0;
}

static int check_run(struct arguments *arguments)
{
	struct check check = { .code = COMMAND_DONE };

	request_init(&check.request, &command_check);
	if (read_options(&check, *arguments) < 0) {
		check.code = COMMAND_USAGE;
		goto done;
	}
	while (arguments_next(arguments) > 0)
		if (arguments->option == NULL)
			check_file(&check, arguments->value);
	if (check.json != NULL) {
		json_dumpf(check.json, stdout, JSON_INDENT(2));
		putchar('\n');
	}
done:
	json_decref(check.json);
	request_fini(&check.request);
	return check.code;
}

static const struct command_option check_options[] = {
	REQUEST_OPTIONS,
	REQUEST_PLACEMENT_OPTIONS,
	{ OPTION_STRICT, "strict", 0, NULL, "Takes warnings as errors." },
	{ OPTION_JSON, "json", 0, NULL,
	  "Prints the mistakes as a JSON array, for editors." },
	{ 0 },
};

const struct command command_check = {
	.name = "check",
	.synopsis = "[OPTION]... FILE...",
	.summary = "finds the mistakes of topologies without running them",
	.description =
		"Checks all that can be known before a topology runs: the "
		"YAML, its keys and names, the plugins and their options, "
		"streams, the names and types of fields, groupings, cycles, "
		"and values that contradict each other. All mistakes of a file "
		"are found at once, each with its place. '-' is standard "
		"input.\n\n"
		"Says nothing when all is well. The exit code is 2 when there "
		"are errors, and 0 when there are none, or warnings only.",
	.options = check_options,
	.run = check_run,
};
