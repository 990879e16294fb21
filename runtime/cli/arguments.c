/* SPDX-License-Identifier: MIT */
#include "cli/arguments.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

#define OPTIONS_MAX 64

static const struct command_option help_option = {
	.key = ARGUMENTS_HELP,
	.name = "help",
	.letter = 'h',
	.help = "Prints this help.",
};

void arguments_init(struct arguments *arguments, const struct command *command,
		    char **items, int count)
{
	memset(arguments, 0, sizeof(*arguments));
	arguments->command = command;
	arguments->items = items;
	arguments->count = count;
}

static const struct command_option *option_at(const struct command *command,
					      size_t at)
{
	const struct command_option *options = command->options;

	return options[at].name != NULL ? &options[at] : NULL;
}

/* Finds by the first `length` bytes of `name`. */
static const struct command_option *find_name(const struct command *command,
					      const char *name, size_t length)
{
	const struct command_option *option;
	size_t i;

	for (i = 0; (option = option_at(command, i)) != NULL; i++)
		if (strncmp(option->name, name, length) == 0 &&
		    option->name[length] == '\0')
			return option;
	if (length == 4 && memcmp(name, "help", 4) == 0)
		return &help_option;
	return NULL;
}

static const struct command_option *find_letter(const struct command *command,
						char letter)
{
	const struct command_option *option;
	size_t i;

	for (i = 0; (option = option_at(command, i)) != NULL; i++)
		if (option->letter == letter)
			return option;
	return letter == 'h' ? &help_option : NULL;
}

static int unknown_name(const struct command *command, const char *name,
			size_t length)
{
	const char *names[OPTIONS_MAX + 1];
	const struct command_option *option;
	const char *nearest;
	char word[80];
	size_t i;

	for (i = 0; (option = option_at(command, i)) != NULL; i++) {
		assert(i < OPTIONS_MAX);
		names[i] = option->name;
	}
	names[i] = help_option.name;
	(void)snprintf(word, sizeof(word), "%.*s", (int)length, name);
	nearest = suggest_nearest(word, names, i + 1);
	if (nearest != NULL)
		command_misuse(command,
			       "no option is named '--%s'; did you mean "
			       "'--%s'?",
			       word, nearest);
	else
		command_misuse(command, "no option is named '--%s'", word);
	return -EINVAL;
}

/* The option's argument is `rest`, or the next item where that is NULL. */
static int take_value(struct arguments *a, const char *rest)
{
	const struct command_option *option = a->option;

	if (rest == NULL && a->at < a->count)
		rest = a->items[a->at++];
	if (rest == NULL) {
		command_misuse(a->command, "'--%s' needs a value: --%s %s",
			       option->name, option->name, option->argument);
		return -EINVAL;
	}
	a->value = rest;
	return 1;
}

static int next_name(struct arguments *a, const char *name)
{
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;

	a->option = find_name(a->command, name, length);
	if (a->option == NULL)
		return unknown_name(a->command, name, length);
	if (a->option->argument != NULL)
		return take_value(a, value);
	if (value != NULL) {
		command_misuse(a->command, "'--%s' takes no value",
			       a->option->name);
		return -EINVAL;
	}
	return 1;
}

static int next_letter(struct arguments *a)
{
	const char *rest = a->letters + 1;

	a->option = find_letter(a->command, a->letters[0]);
	if (a->option == NULL) {
		command_misuse(a->command, "no option is named '-%c'",
			       a->letters[0]);
		return -EINVAL;
	}
	a->letters = *rest != '\0' ? rest : NULL;
	if (a->option->argument == NULL)
		return 1;
	a->letters = NULL;
	return take_value(a, *rest != '\0' ? rest : NULL);
}

int arguments_next(struct arguments *a)
{
	const char *item;

	a->option = NULL;
	a->value = NULL;
	if (a->letters != NULL)
		return next_letter(a);
	if (a->at == a->count)
		return 0;
	item = a->items[a->at++];
	if (a->ended || item[0] != '-' || item[1] == '\0') {
		a->value = item;
		return 1;
	}
	if (strcmp(item, "--") == 0) {
		a->ended = true;
		return arguments_next(a);
	}
	if (item[1] == '-')
		return next_name(a, item + 2);
	a->letters = item + 1;
	return next_letter(a);
}
