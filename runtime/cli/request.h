/* SPDX-License-Identifier: MIT */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

/*
 * What `run`, `check` and `graph` have in common: a topology file, the
 * variables and settings of the command line, and the mistakes it has.
 */

#include <stdbool.h>

#include "cli/arguments.h"
#include "topology/diagnostics.h"
#include "topology/topology.h"

/* The options that fill a request, for a command's table, with their keys. */
enum {
	REQUEST_DEFINE = 1000,
	REQUEST_SET,
	REQUEST_WORKERS,
	REQUEST_HOSTS,
};
/* clang-format off */
#define REQUEST_OPTIONS                                                        \
	{ REQUEST_DEFINE, "define", 'D', "NAME=VALUE",                         \
	  "Fills '${NAME}' in the file. May be repeated." },                   \
	{ REQUEST_SET, "set", 0, "KEY=VALUE",                                  \
	  "Sets a key of the file's 'config:', such as "                       \
	  "topology.max.spout.pending; 'gust help config' lists them. May be " \
	  "repeated." }
#define REQUEST_PLACEMENT_OPTIONS                                              \
	{ REQUEST_WORKERS, "workers", 'w', "N",                                \
	  "Shares the tasks among N processes of this machine, as "            \
	  "topology.workers does." },                                          \
	{ REQUEST_HOSTS, "hosts", 0, "FILE",                                   \
	  "Shares the tasks among the hosts that FILE lists; 'gust help "      \
	  "hosts' describes it." }
/* clang-format on */

struct request {
	const struct command *command;
	struct variable *variables;
	size_t variable_count;
	struct variable *settings;
	size_t setting_count;
	const char *hosts; /* path; NULL: none */
	bool workers;      /* were given */
};

void request_init(struct request *request, const struct command *command);

/* Takes a zeroed one, too. */
void request_fini(struct request *request);

/*
 * Takes the option that `arguments` has found. Returns 1 when it was one of
 * REQUEST_OPTIONS or REQUEST_PLACEMENT_OPTIONS, 0 when it was another one, or
 * -EINVAL or -ENOMEM after it has said what is wrong. Strings are borrowed from
 * the arguments.
 */
int request_take(struct request *request, const struct arguments *arguments);

/*
 * Adds a setting by itself, which `option` ("--workers", for messages) stands
 * for. `value` is copied. 0 or -ENOMEM, which is said.
 */
int request_set(struct request *request, const char *key, const char *value,
		const char *option);

/*
 * Loads the file at `path` ("-": standard input). All mistakes are in
 * `diagnostics`, sorted, variables that no file uses among them as warnings.
 * As topology_load().
 */
int request_load(struct request *request, const char *path,
		 struct diagnostics *diagnostics, struct topology **topology);

/*
 * The same for commands that do no more than say the mistakes, to stderr, and
 * the warnings only if they are wanted. Returns 0, or the exit code.
 */
int request_load_or_say(struct request *request, const char *path,
			bool warnings, struct topology **topology);

#endif
