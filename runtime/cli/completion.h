/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

/* What a shell may offer while somebody types a command. */

#include <stdio.h>

/*
 * Prints what could stand for the last one of `words`, one a line; they follow
 * the name of the program, and the last one may be empty. Nothing is printed
 * where the name of a file should stand. `=` may be a word of its own, as bash
 * has it. Never fails: what cannot be found out is left out.
 */
void completion_print(FILE *file, const char *const *words, size_t count);

#endif
