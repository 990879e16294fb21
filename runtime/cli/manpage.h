/* SPDX-License-Identifier: MIT */
#ifndef CLI_MANPAGE_H
#define CLI_MANPAGE_H

/*
 * Manual pages for man(1), from the same tables and texts as --help.
 */

#include <stdio.h>

#include "cli/command.h"

/* gust(1), and gust-COMMAND(1). */
void manpage_print_program(FILE *file);
void manpage_print_command(FILE *file, const struct command *command);

/* gust-topology(5). */
void manpage_print_topology(FILE *file);

#endif
