/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

/*
 * The commands of the program, each described once: parsing, `gust help CMD`
 * and `gust CMD --help` go by the same table.
 *
 * Help goes to stdout, what is wrong to stderr. All of it runs on the main
 * thread.
 */

#include <stddef.h>
#include <stdio.h>

struct arguments;

/* What the program exits with; 128+n stands for signal n. */
enum command_exit {
	COMMAND_DONE = 0,
	COMMAND_FAILED = 1,  /* a component failed, or something was lost */
	COMMAND_USAGE = 2,   /* wrong usage, or a wrong file */
	COMMAND_LETTERS = 3, /* done, but tuples ended as dead letters */
};

/* An option. Tables end with an element whose `name` is NULL. */
struct command_option {
	int key;              /* for the command's own switch; not 0 */
	const char *name;     /* without the dashes */
	char letter;          /* 0: none */
	const char *argument; /* what help calls it; NULL: it takes none */
	const char *help;     /* one or more whole sentences */
};

/*
 * A command. `description` holds paragraphs, with an empty line between them;
 * one that begins with spaces is printed as it stands.
 */
struct command {
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *summary;  /* one line without a full stop */
	const char *description;
	const struct command_option *options;

	/* Does it and returns the exit code; what is wrong has been said. The
	 * arguments were checked against the table before. */
	int (*run)(struct arguments *arguments);
};

extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_test;
extern const struct command command_new;
extern const struct command command_graph;
extern const struct command command_plan;
extern const struct command command_status;
extern const struct command command_state;
extern const struct command command_info;
extern const struct command command_dead_letters;
extern const struct command command_keygen;
extern const struct command command_version;
extern const struct command command_worker;
extern const struct command command_help;

/* What the program is, in a sentence. */
extern const char command_about[];

/* All of them, in the order of help, up to a NULL. */
extern const struct command *const command_table[];

/* The command with that name, or NULL. */
const struct command *command_find(const char *name);

/* Prints the help of a command, or with NULL that of the program. */
void command_print_help(FILE *file, const struct command *command);

/*
 * Says what is wrong with the usage of `command` (NULL: of the program), and
 * where help is. Returns COMMAND_USAGE.
 */
int command_misuse(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for a command that does not exist. */
int command_unknown(const char *name);

/* Does what the command line asks for, and returns the exit code. */
int command_main(int argc, char **argv);

#endif
