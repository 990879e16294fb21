/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/drawing.h"
#include "cli/request.h"

enum { OPTION_FORMAT = 1 };

/* In the order of enum drawing_format. */
static const char *const formats[] = { "text", "dot", "mermaid", "svg" };
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

struct graph {
	struct request request;
	enum drawing_format format;
	const char *path;
};

static int read_format(struct graph *graph, const char *name)
{
	const char *nearest;
	size_t i;

	for (i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i], name) != 0)
			continue;
		graph->format = (enum drawing_format)i;
		return 0;
	}
	nearest = suggest_nearest(name, formats, FORMATS);
	if (nearest != NULL)
		return command_misuse(&command_graph,
				      "no format is named '%s'; did you mean "
				      "'%s'?",
				      name, nearest);
	return command_misuse(&command_graph,
			      "no format is named '%s', expected text, dot, "
			      "mermaid or svg",
			      name);
}

static int read_arguments(struct graph *graph, struct arguments *arguments)
{
	int r = 0;

	while (r == 0 && arguments_next(arguments) > 0) {
		if (arguments->option == NULL && graph->path != NULL)
			return command_misuse(&command_graph,
					      "'%s' is one file too many",
					      arguments->value);
		if (arguments->option == NULL)
			graph->path = arguments->value;
		else if (arguments->option->key == OPTION_FORMAT)
			r = read_format(graph, arguments->value);
		else if (request_take(&graph->request, arguments) < 0)
			r = COMMAND_USAGE;
	}
	if (r == 0 && graph->path == NULL)
		return command_misuse(&command_graph, "which FILE?");
	return r;
}

static int graph_run(struct arguments *arguments)
{
	struct graph graph = { .format = DRAWING_TEXT };
	struct topology *topology = NULL;
	struct gust_error error = { 0 };
	int code;

	request_init(&graph.request, &command_graph);
	code = read_arguments(&graph, arguments);
	if (code == COMMAND_DONE)
		code = request_load_or_say(&graph.request, graph.path, false,
					   &topology);
	if (code == COMMAND_DONE &&
	    drawing_print(topology_plan(topology), graph.format, stdout,
			  &error) < 0) {
		fprintf(stderr, "gust graph: %s\n", error.text);
		code = COMMAND_FAILED;
	}
	topology_destroy(topology);
	request_fini(&graph.request);
	return code;
}

static const struct command_option graph_options[] = {
	{ OPTION_FORMAT, "format", 'f', "FORMAT",
	  "text (the default), dot (Graphviz), mermaid, or svg, which needs "
	  "Graphviz." },
	REQUEST_OPTIONS,
	{ 0 },
};

const struct command command_graph = {
	.name = "graph",
	.synopsis = "[OPTION]... FILE",
	.summary = "draws the wiring of a topology",
	.description =
		"Draws which component sends which stream to whom, with the "
		"groupings and the numbers of tasks. '-' is standard input.",
	.options = graph_options,
	.run = graph_run,
};
