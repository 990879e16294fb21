/* SPDX-License-Identifier: MIT */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

/* What `gust run` and `gust worker` have in common: a topology is run. */

#include "cli/arguments.h"
#include "cli/request.h"

/* Options of both, for their tables, and of one of them, with their keys. */
enum {
	SESSION_EXECUTORS = 1,
	SESSION_FOR,
	SESSION_MAX_TUPLES,
	SESSION_QUIET,
	SESSION_LOG_LEVEL,
	SESSION_REPORT,
	SESSION_SSH,
	SESSION_HOST,
	SESSION_KEY,
};
/* clang-format off */
#define SESSION_OPTIONS                                                        \
	{ SESSION_EXECUTORS, "executors", 'e', "N",                            \
	  "Runs on N threads a process, besides those of components that "     \
	  "block. The default is one for each core, at most 12, and 4 with "   \
	  "--hosts." },                                                        \
	{ SESSION_FOR, "for", 0, "TIME",                                       \
	  "Stops the spouts after this time, such as 10s or 5min, and lets "   \
	  "complete what is open." },                                          \
	{ SESSION_QUIET, "quiet", 'q', NULL,                                   \
	  "Says nothing while all goes well: no progress, and a summary only " \
	  "if the exit code is not 0." },                                      \
	{ SESSION_LOG_LEVEL, "log-level", 0, "LEVEL",                          \
	  "Logs error, warn, info (the default) or debug." },                  \
	{ SESSION_KEY, "key", 0, "FILE",                                       \
	  "The cluster key for the links between hosts, which 'gust keygen' "  \
	  "makes; else it is that of GUST_CLUSTER_KEY." }
/* clang-format on */

/* Runs what the arguments of one of the two commands ask for. Returns the exit
 * code. */
int session_start(struct arguments *arguments);

#endif
