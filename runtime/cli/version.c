/* SPDX-License-Identifier: MIT */
#include <gust/bolt.h>
#include <gust/spout.h>

#include "cli/arguments.h"
#include "gust_config.h"

static int version_run(struct arguments *arguments)
{
	if (arguments_next(arguments) > 0)
		return command_misuse(&command_version,
				      "'%s' is one argument too many",
				      arguments->value);
	printf("gust %s\nspout ABI %u, bolt ABI %u\n", GUST_VERSION,
	       GUST_SPOUT_ABI, GUST_BOLT_ABI);
	return COMMAND_DONE;
}

static const struct command_option version_options[] = { { 0 } };

const struct command command_version = {
	.name = "version",
	.synopsis = "",
	.summary = "prints the version",
	.description = "Prints the version of gust and of what it expects of "
		       "plugins.",
	.options = version_options,
	.run = version_run,
};
