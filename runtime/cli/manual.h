/* SPDX-License-Identifier: MIT */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

/*
 * All that is known about one plugin: its manual, which is the first comment
 * of its source, its options and its streams.
 */

#include <stdio.h>

#include <jansson.h>

#include "plugin/plugin.h"

/* Prints it for people. */
void manual_print(FILE *file, const struct plugin *plugin);

/* The manual alone, to be freed; NULL where the plugin comes without. */
char *manual_text(const struct plugin *plugin);

/* All of it as a new JSON object; NULL when memory is short. */
json_t *manual_json(const struct plugin *plugin);

/* "spout" or "bolt". */
const char *manual_kind_name(enum plugin_kind kind);

/* "none", "record", "position" or "own". */
const char *manual_replay_name(enum gust_replay replay);

#endif
