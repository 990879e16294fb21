/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

static const struct command_option run_options[] = {
	REQUEST_OPTIONS,
	REQUEST_PLACEMENT_OPTIONS,
	SESSION_OPTIONS,
	{ SESSION_MAX_TUPLES, "max-tuples", 0, "N",
	  "Stops the spouts after N tuples, all tasks together." },
	{ SESSION_SSH, "ssh", 0, NULL,
	  "With --hosts: starts 'gust worker' on each host through ssh, or "
	  "what GUST_SSH names, in this folder there." },
	{ SESSION_REPORT, "report", 0, "FILE",
	  "Writes the summary to FILE as one JSON document, with exact counts "
	  "and latencies. '-' is standard output." },
	{ 0 },
};

const struct command command_run = {
	.name = "run",
	.synopsis = "[OPTION]... FILE",
	.summary = "runs a topology until its sources end",
	.description =
		"Runs the topology in FILE ('-': standard input) until its "
		"sources end. Standard output belongs to the sinks; progress, "
		"the log and the summary go to standard error.\n\n"
		"SIGINT and SIGTERM stop the spouts and let complete what is "
		"open, within topology.drain.timeout.secs; a second signal "
		"aborts.\n\n"
		"Exit codes:\n\n"
		"  0      done, also after a signal, --for or --max-tuples\n"
		"  1      a component failed, or something was lost\n"
		"  2      wrong usage, or a wrong file\n"
		"  3      done, but tuples ended as dead letters\n"
		"  128+n  a crash, a second signal, or not done in time; 141: "
		"standard\n"
		"         output was closed",
	.options = run_options,
	.run = session_start,
};
