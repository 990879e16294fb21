/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

static const struct command_option worker_options[] = {
	{ SESSION_HOST, "host", 0, "NAME", "Which of the hosts this one is." },
	REQUEST_OPTIONS,
	REQUEST_PLACEMENT_OPTIONS,
	SESSION_OPTIONS,
	{ SESSION_REPORT, "report", 0, "FILE",
	  "Writes the summary of this host's part to FILE as one JSON document."
	  " '-' is standard output." },
	{ 0 },
};

const struct command command_worker = {
	.name = "worker",
	.synopsis = "--hosts FILE --host NAME [OPTION]... FILE",
	.summary = "runs one host's part of a topology",
	.description =
		"Runs the workers of one host, for a topology that several "
		"hosts run together; 'gust help hosts' describes the hosts "
		"file. It is for service managers: the hosts may start in any "
		"order, each waits for the others, and one that starts again "
		"goes on. All must be given the same topology, values and "
		"hosts file, and plugins of the same bytes, which they check. "
		"'gust plan' shows who does what.\n\n"
		"Between hosts everything is encrypted with the cluster key; "
		"without one only loopback addresses are allowed.\n\n"
		"Signals and exit codes are those of 'gust run'. A signal "
		"stops the spouts of this host; the others are told by theirs.",
	.options = worker_options,
	.run = session_start,
};
