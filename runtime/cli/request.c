/* SPDX-License-Identifier: MIT */
#include "cli/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void request_init(struct request *request, const struct command *command)
{
	memset(request, 0, sizeof(*request));
	request->command = command;
}

static void free_all(struct variable *items, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free((char *)items[i].name);
		free((char *)items[i].value);
	}
	free(items);
}

void request_fini(struct request *request)
{
	free_all(request->variables, request->variable_count);
	free_all(request->settings, request->setting_count);
	memset(request, 0, sizeof(*request));
}

static int no_memory(const struct command *command)
{
	fprintf(stderr, "gust %s: out of memory\n", command->name);
	return -ENOMEM;
}

static int append(struct variable **items, size_t *count, char *name,
		  char *value)
{
	struct variable *more;

	more = realloc(*items, (*count + 1) * sizeof(*more));
	if (more == NULL || name == NULL || value == NULL) {
		free(name);
		free(value);
		*items = more != NULL ? more : *items;
		return -ENOMEM;
	}
	*items = more;
	more[*count].name = name;
	more[*count].value = value;
	more[*count].used = false;
	more[*count].option = NULL;
	(*count)++;
	return 0;
}

/* Takes `name=value` apart at the first '='. */
static int append_pair(const struct command *command, struct variable **items,
		       size_t *count, const struct arguments *arguments)
{
	const char *pair = arguments->value;
	const char *equals = strchr(pair, '=');
	size_t length;

	if (equals == NULL || equals == pair) {
		command_misuse(command,
			       "'%s' is no value of '--%s', which is "
			       "written --%s %s",
			       pair, arguments->option->name,
			       arguments->option->name,
			       arguments->option->argument);
		return -EINVAL;
	}
	length = (size_t)(equals - pair);
	if (append(items, count, strndup(pair, length), strdup(equals + 1)) < 0)
		return no_memory(command);
	return 1;
}

int request_set(struct request *request, const char *key, const char *value,
		const char *option)
{
	if (append(&request->settings, &request->setting_count, strdup(key),
		   strdup(value)) < 0)
		return no_memory(request->command);
	request->settings[request->setting_count - 1].option = option;
	return 0;
}

static int refuse_both(const struct request *request)
{
	command_misuse(request->command,
		       "'--workers' and '--hosts' contradict each other, "
		       "expected 'slots' in the hosts file");
	return -EINVAL;
}

static int take_workers(struct request *request, const char *value)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end != '\0' || number < 1 ||
	    number > PLAN_WORKERS_MAX) {
		command_misuse(request->command,
			       "'%s' is no value of '--workers', expected a "
			       "number from 1 to %d",
			       value, PLAN_WORKERS_MAX);
		return -EINVAL;
	}
	if (request->hosts != NULL)
		return refuse_both(request);
	request->workers = true;
	return request_set(request, "topology.workers", value, "--workers") < 0
		       ? -ENOMEM
		       : 1;
}

static int take_hosts(struct request *request, const char *path)
{
	if (request->workers)
		return refuse_both(request);
	request->hosts = path;
	return 1;
}

int request_take(struct request *request, const struct arguments *arguments)
{
	switch (arguments->option->key) {
	case REQUEST_DEFINE:
		return append_pair(request->command, &request->variables,
				   &request->variable_count, arguments);
	case REQUEST_SET:
		return append_pair(request->command, &request->settings,
				   &request->setting_count, arguments);
	case REQUEST_WORKERS:
		return take_workers(request, arguments->value);
	case REQUEST_HOSTS:
		return take_hosts(request, arguments->value);
	default:
		return 0;
	}
}

static void warn_unused(const struct request *request, const char *path,
			struct diagnostics *diagnostics)
{
	struct place place = { 0 };
	size_t i;

	place.file = diagnostics_file(diagnostics, path);
	for (i = 0; i < request->variable_count; i++)
		if (!request->variables[i].used)
			diagnostics_warning(diagnostics, &place,
					    "'${%.60s}' of '-D' stands nowhere "
					    "in the file",
					    request->variables[i].name);
}

int request_load(struct request *request, const char *path,
		 struct diagnostics *diagnostics, struct topology **topology)
{
	struct topology_request load = { 0 };
	int r;

	load.path = strcmp(path, "-") == 0 ? "/dev/stdin" : path;
	load.variables.items = request->variables;
	load.variables.count = request->variable_count;
	load.hosts = request->hosts;
	load.settings = request->settings;
	load.setting_count = request->setting_count;
	r = topology_load(&load, diagnostics, topology);
	/* A file that cannot be read uses nothing; that is mistake enough. */
	if (r == 0)
		warn_unused(request, load.path, diagnostics);
	return r;
}

int request_load_or_say(struct request *request, const char *path,
			bool warnings, struct topology **topology)
{
	struct diagnostics diagnostics;
	int r;

	diagnostics_init(&diagnostics);
	r = request_load(request, path, &diagnostics, topology);
	if (r < 0 || warnings)
		diagnostics_print(&diagnostics, stderr);
	diagnostics_fini(&diagnostics);
	if (r == -ENOMEM)
		no_memory(request->command);
	if (r == 0)
		return COMMAND_DONE;
	return r == -ENOMEM ? COMMAND_FAILED : COMMAND_USAGE;
}
