/* SPDX-License-Identifier: MIT */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

/* What a person is told at the end of a run. */

#include <stdio.h>

#include "cli/outcome.h"

/* Prints all of it; `colours` as the terminal wants it. */
void summary_print(const struct outcome *outcome, FILE *file, bool colours);

#endif
