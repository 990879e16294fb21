/* SPDX-License-Identifier: MIT */
#include <stdbool.h>

#include <jansson.h>

#include "cli/chart.h"
#include "cli/request.h"

enum { OPTION_JSON = 1 };

struct planning {
	struct request request;
	const char *path;
	bool json;
};

static int read_arguments(struct planning *planning,
			  struct arguments *arguments)
{
	while (arguments_next(arguments) > 0) {
		if (arguments->option == NULL && planning->path != NULL)
			return command_misuse(&command_plan,
					      "'%s' is one file too many",
					      arguments->value);
		if (arguments->option == NULL)
			planning->path = arguments->value;
		else if (arguments->option->key == OPTION_JSON)
			planning->json = true;
		else if (request_take(&planning->request, arguments) < 0)
			return COMMAND_USAGE;
	}
	if (planning->path == NULL)
		return command_misuse(&command_plan, "which FILE?");
	return 0;
}

static int print_json(const struct plan *plan)
{
	json_t *json = chart_json(plan);
	int r;

	if (json == NULL)
		return -1;
	r = json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	return r;
}

static int print(const struct planning *planning, const struct plan *plan)
{
	int r = planning->json ? print_json(plan) : chart_print(plan, stdout);

	if (r == 0)
		return COMMAND_DONE;
	fputs("gust plan: out of memory\n", stderr);
	return COMMAND_FAILED;
}

static int plan_run(struct arguments *arguments)
{
	struct planning planning = { 0 };
	struct topology *topology = NULL;
	int code;

	request_init(&planning.request, &command_plan);
	code = read_arguments(&planning, arguments);
	if (code == COMMAND_DONE)
		code = request_load_or_say(&planning.request, planning.path,
					   false, &topology);
	if (code == COMMAND_DONE)
		code = print(&planning, topology_plan(topology));
	topology_destroy(topology);
	request_fini(&planning.request);
	return code;
}

static const struct command_option plan_options[] = {
	REQUEST_OPTIONS,
	REQUEST_PLACEMENT_OPTIONS,
	{ OPTION_JSON, "json", 0, NULL,
	  "Prints it as JSON, with the hashes of the plugins." },
	{ 0 },
};

const struct command command_plan = {
	.name = "plan",
	.synopsis = "[OPTION]... FILE",
	.summary = "shows which task would run where",
	.description =
		"Shows on which executor (thread), worker (process) and host "
		"each task of a topology would run, which streams pass between "
		"workers, and how many sockets a process needs. NAME[0,2] are "
		"the first and the third task of a component. '-' is standard "
		"input.\n\n"
		"Hosts must agree on the plan, which its hash stands for: with "
		"the same files it is the same on all machines.",
	.options = plan_options,
	.run = plan_run,
};
