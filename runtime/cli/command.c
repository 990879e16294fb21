/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/arguments.h"
#include "cli/paragraph.h"

#define ENTRY_TAB 16
#define OPTION_TAB 28

const struct command *const command_table[] = {
	&command_run,     &command_worker,       &command_check,
	&command_test,    &command_new,          &command_graph,
	&command_plan,    &command_status,       &command_state,
	&command_info,    &command_dead_letters, &command_keygen,
	&command_version, &command_help,         NULL,
};

const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; command_table[i] != NULL; i++)
		if (strcmp(command_table[i]->name, name) == 0)
			return command_table[i];
	return NULL;
}

static const char *command_nearest(const char *name)
{
	const char *names[32];
	size_t i;

	for (i = 0; command_table[i] != NULL; i++)
		names[i] = command_table[i]->name;
	return suggest_nearest(name, names, i);
}

int command_unknown(const char *name)
{
	const char *nearest = command_nearest(name);

	if (nearest != NULL)
		return command_misuse(NULL,
				      "no command is named '%s'; did you mean "
				      "'%s'?",
				      name, nearest);
	return command_misuse(NULL, "no command is named '%s'", name);
}

static void print_option(FILE *file, const struct command_option *option)
{
	char letter[8] = "    ";
	char term[80];

	if (option->letter != 0)
		(void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	(void)snprintf(term, sizeof(term), "%s--%s%s%s", letter, option->name,
		       option->argument != NULL ? " " : "",
		       option->argument != NULL ? option->argument : "");
	paragraph_print_entry(file, OPTION_TAB, term, option->help);
}

static void print_command(FILE *file, const struct command *command)
{
	const struct command_option *option;

	fprintf(file, "Usage: gust %s %s\n\n", command->name,
		command->synopsis);
	paragraph_print(file, 0, 0, command->description);
	fputs("\nOptions:\n", file);
	for (option = command->options; option->name != NULL; option++)
		print_option(file, option);
	paragraph_print_entry(file, OPTION_TAB, "-h, --help",
			      "Prints this help.");
}

const char command_about[] =
	"Runs topologies: graphs of spouts and bolts, wired by a YAML file, "
	"through which tuples flow, each of them tracked until it is "
	"processed.";

static void print_program(FILE *file)
{
	size_t i;

	fputs("Usage: gust COMMAND [ARGUMENT]...\n\n", file);
	paragraph_print(file, 0, 0, command_about);
	fputs("\nCommands:\n", file);
	for (i = 0; command_table[i] != NULL; i++)
		paragraph_print_entry(file, ENTRY_TAB, command_table[i]->name,
				      command_table[i]->summary);
	fputs("\n'gust help COMMAND' says more about a command, 'gust help "
	      "topology' how\na topology is written, 'gust help config' lists "
	      "the keys of its 'config:'.\n",
	      file);
}

void command_print_help(FILE *file, const struct command *command)
{
	if (command != NULL)
		print_command(file, command);
	else
		print_program(file);
}

int command_misuse(const struct command *command, const char *format, ...)
{
	const char *space = command != NULL ? " " : "";
	const char *name = command != NULL ? command->name : "";
	va_list arguments;

	fprintf(stderr, "gust%s%s: ", space, name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nsee 'gust help%s%s'\n", space, name);
	return COMMAND_USAGE;
}

/* Returns 1 when all is well, 0 after it has printed help, or -EINVAL. */
static int check_arguments(const struct command *command, char **items,
			   int count)
{
	struct arguments arguments;
	int r;

	arguments_init(&arguments, command, items, count);
	while ((r = arguments_next(&arguments)) > 0) {
		if (arguments.option != NULL &&
		    arguments.option->key == ARGUMENTS_HELP) {
			command_print_help(stdout, command);
			return 0;
		}
	}
	return r < 0 ? r : 1;
}

static int run_command(const struct command *command, char **items, int count)
{
	struct arguments arguments;
	int r;

	r = check_arguments(command, items, count);
	if (r < 0)
		return COMMAND_USAGE;
	if (r == 0)
		return COMMAND_DONE;
	arguments_init(&arguments, command, items, count);
	return command->run(&arguments);
}

/* The command that the first argument stands for, or NULL. */
static const struct command *find_first(const char *name)
{
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return &command_help;
	if (strcmp(name, "--version") == 0)
		return &command_version;
	return command_find(name);
}

static int unknown_option(const char *name)
{
	static const char *const names[] = { "--help", "--version" };
	const char *nearest = suggest_nearest(name, names, 2);

	if (nearest != NULL)
		return command_misuse(NULL,
				      "no option is named '%s'; did you mean "
				      "'%s'?",
				      name, nearest);
	return command_misuse(NULL,
			      "'%s' stands before the command; options of a "
			      "command follow it",
			      name);
}

/* A full disk must not look like success. */
static int close_stdout(int code)
{
	int r = fflush(stdout);

	if (r == 0 && !ferror(stdout))
		return code;
	if (errno == EPIPE)
		return 128 + SIGPIPE;
	fprintf(stderr, "gust: standard output could not be written: %s\n",
		strerror(errno));
	return code == COMMAND_DONE ? COMMAND_FAILED : code;
}

int command_main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		command_print_help(stderr, NULL);
		return COMMAND_USAGE;
	}
	command = find_first(argv[1]);
	if (command == NULL && argv[1][0] == '-')
		return unknown_option(argv[1]);
	if (command == NULL)
		return command_unknown(argv[1]);
	return close_stdout(run_command(command, argv + 2, argc - 2));
}
