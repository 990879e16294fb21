/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/completion.h"
#include "cli/manpage.h"
#include "cli/topic.h"

enum { OPTION_MAN = 1, OPTION_COMPLETE };

static int print_page(const char *name)
{
	const struct command *command;

	if (name == NULL || strcmp(name, "gust") == 0) {
		manpage_print_program(stdout);
		return COMMAND_DONE;
	}
	if (strcmp(name, "topology") == 0 || strcmp(name, "config") == 0) {
		manpage_print_topology(stdout);
		return COMMAND_DONE;
	}
	command = command_find(name);
	if (command == NULL)
		return command_unknown(name);
	manpage_print_command(stdout, command);
	return COMMAND_DONE;
}

static int print_help(const char *name)
{
	const struct command *command;

	if (name == NULL) {
		command_print_help(stdout, NULL);
		return COMMAND_DONE;
	}
	if (topic_print(stdout, name) == 0)
		return COMMAND_DONE;
	command = command_find(name);
	if (command == NULL)
		return command_unknown(name);
	command_print_help(stdout, command);
	return COMMAND_DONE;
}

/* All that follow `--complete` are words of another command line. */
static int complete(const struct arguments *arguments)
{
	int at = arguments->at;

	if (at < arguments->count && strcmp(arguments->items[at], "--") == 0)
		at++;
	completion_print(stdout, (const char *const *)arguments->items + at,
			 (size_t)(arguments->count - at));
	return COMMAND_DONE;
}

static int help_run(struct arguments *arguments)
{
	const char *name = NULL;
	bool page = false;

	while (arguments_next(arguments) > 0) {
		if (arguments->option == NULL && name != NULL)
			return command_misuse(&command_help,
					      "'%s' is one argument too many",
					      arguments->value);
		if (arguments->option == NULL)
			name = arguments->value;
		else if (arguments->option->key == OPTION_COMPLETE)
			return complete(arguments);
		else
			page = true;
	}
	return page ? print_page(name) : print_help(name);
}

static const struct command_option help_options[] = {
	{ OPTION_MAN, "man", 0, NULL,
	  "Prints the manual page, for man(1): gust help --man run | man -l "
	  "-" },
	{ OPTION_COMPLETE, "complete", 0, NULL,
	  "Prints what could stand for the last one of the words that follow "
	  "'--', for shells." },
	{ 0 },
};

const struct command command_help = {
	.name = "help",
	.synopsis = "[OPTION] [COMMAND | config | topology]",
	.summary = "explains a command, topologies, or the keys of 'config:'",
	.description = "Prints what there is to know about a command, as "
		       "'gust COMMAND --help' does. 'gust help topology' says "
		       "how a topology is written, and 'gust help config' "
		       "lists all keys of its 'config:' with their types "
		       "and defaults.",
	.options = help_options,
	.run = help_run,
};
