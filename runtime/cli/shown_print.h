/* SPDX-License-Identifier: MIT */
#ifndef CLI_SHOWN_PRINT_H
#define CLI_SHOWN_PRINT_H

/* What shown_text() has written, for people. */

#include <stdio.h>

#include <jansson.h>

/* What is missing or of another type is left out. */
void shown_print(const json_t *json, FILE *file);

#endif
