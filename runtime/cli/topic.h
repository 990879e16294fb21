/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOPIC_H
#define CLI_TOPIC_H

/* What `gust help` explains besides commands. */

#include <stddef.h>
#include <stdio.h>

struct config_key;

/* How a topology is written: paragraphs as in struct command. */
extern const char topic_topology[];

/* How a hosts file is written, in the same way. */
extern const char topic_hosts[];

/* What `timestamp:` of a component and `window:` of a bolt say, in the same
 * way. */
extern const char topic_timestamp[];
extern const char topic_window[];

/* What stands before the keys of `gust help config`. */
extern const char topic_config[];

/* Prints help about a topic. 0, or -ENOENT: there is none of that name. */
int topic_print(FILE *file, const char *name);

/* A key with its type and its default, into a line of `size` bytes. */
void topic_format_key(const struct config_key *key, char *line, size_t size);

/* The names of topics, up to a NULL. */
extern const char *const topic_names[];

#endif
