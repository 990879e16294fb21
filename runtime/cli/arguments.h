/* SPDX-License-Identifier: MIT */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

/*
 * The arguments of a command, taken apart by its table of options.
 *
 * Options and operands may be mixed. `--name value`, `--name=value`, `-n value`
 * and `-nvalue` are the same; letters without an argument may be joined. After
 * `--` all are operands, and `-` is one anywhere.
 */

#include <stdbool.h>

#include "cli/command.h"

/* What `key` is for --help, which every command has. */
#define ARGUMENTS_HELP (-1)

struct arguments {
	const struct command *command;
	char **items; /* without the program's and the command's name */
	int count;
	int at;              /* of `items`, the next one */
	const char *letters; /* what is left of joined letters, or NULL */
	bool ended;          /* `--` has been seen */

	/* What arguments_next() found. */
	const struct command_option *option; /* NULL: an operand */
	const char *value; /* of the option, or the operand; or NULL */
};

/* Begins; `items` is borrowed. */
void arguments_init(struct arguments *arguments, const struct command *command,
		    char **items, int count);

/*
 * Finds the next option or operand. Returns 1, 0 at the end, or -EINVAL after
 * it has said what is wrong.
 */
int arguments_next(struct arguments *arguments);

#endif
