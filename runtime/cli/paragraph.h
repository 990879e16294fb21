/* SPDX-License-Identifier: MIT */
#ifndef CLI_PARAGRAPH_H
#define CLI_PARAGRAPH_H

/* Prose on a terminal: lines of at most 80 columns. */

#include <stddef.h>
#include <stdio.h>

#define PARAGRAPH_WIDTH 80

/* How many columns the first `length` bytes of UTF-8 take. */
int paragraph_columns(const char *text, size_t length);

/*
 * Prints paragraphs, which an empty line parts; one that begins with a space
 * keeps its lines. Each line is indented by `indent`; the first one begins at
 * column `at`, where the caller has left off. A line end closes it.
 */
void paragraph_print(FILE *file, int indent, int at, const char *text);

/*
 * Prints an entry of a list, `  term   text`, with the text from column `tab`
 * on. A term that is too long for that gets a line of its own.
 */
void paragraph_print_entry(FILE *file, int tab, const char *term,
			   const char *text);

#endif
