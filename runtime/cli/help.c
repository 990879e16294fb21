/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/arguments.h"
#include "cli/paragraph.h"
#include "topology/config.h"

static const char *type_name(enum config_type type)
{
	switch (type) {
	case CONFIG_INTEGER:
		return "integer";
	case CONFIG_SECONDS:
		return "seconds";
	case CONFIG_MILLIS:
		return "milliseconds";
	case CONFIG_SIZE:
		return "bytes";
	case CONFIG_STRING:
		return "string";
	}
	return "unknown";
}

static void print_key(const struct config_key *key)
{
	const char *fallback = key->fallback;

	printf("\n%s: %s, default %s\n", key->name, type_name(key->type),
	       fallback != NULL ? fallback : "none");
	paragraph_print(stdout, 4, 0, key->help);
	if (key->of_component)
		paragraph_print(stdout, 4, 0, "A component may have its own.");
	if (key->refusal != NULL)
		paragraph_print(stdout, 4, 0, "Not in this version.");
}

static int help_config(void)
{
	const struct config_key *keys;
	size_t count, i;

	keys = config_keys(&count);
	paragraph_print(stdout, 0, 0,
			"The keys of a topology's 'config:', which 'gust run "
			"--set KEY=VALUE' sets, too. Seconds may have "
			"fractions; bytes may have a unit: 64KiB, 10MB.");
	for (i = 0; i < count; i++)
		print_key(&keys[i]);
	return COMMAND_DONE;
}

static int help_run(struct arguments *arguments)
{
	const struct command *command;
	const char *name;

	if (arguments_next(arguments) == 0) {
		command_print_help(stdout, NULL);
		return COMMAND_DONE;
	}
	name = arguments->value;
	if (arguments_next(arguments) > 0)
		return command_misuse(&command_help,
				      "'%s' is one argument too many",
				      arguments->value);
	if (strcmp(name, "config") == 0)
		return help_config();
	command = command_find(name);
	if (command != NULL) {
		command_print_help(stdout, command);
		return COMMAND_DONE;
	}
	return command_unknown(name);
}

static const struct command_option help_options[] = { { 0 } };

const struct command command_help = {
	.name = "help",
	.synopsis = "[COMMAND | config]",
	.summary = "explains a command, or the keys of 'config:'",
	.description = "Prints what there is to know about a command, as "
		       "'gust COMMAND --help' does. 'gust help config' lists "
		       "all keys of a topology's 'config:' with their types "
		       "and defaults.",
	.options = help_options,
	.run = help_run,
};
