/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "channel/key.h"
#include "cli/arguments.h"

static int keygen_run(struct arguments *arguments)
{
	struct gust_error error = { 0 };
	const char *path = NULL;
	uint64_t id;

	while (arguments_next(arguments) > 0) {
		if (path != NULL)
			return command_misuse(&command_keygen,
					      "'%s' is one file too many",
					      arguments->value);
		path = arguments->value;
	}
	if (path != NULL && strcmp(path, "-") == 0)
		path = NULL;
	if (key_generate(path, &id, &error) < 0) {
		fprintf(stderr, "gust keygen: %s\n", error.text);
		return COMMAND_FAILED;
	}
	if (path != NULL)
		printf("%s: a new key, its id is %016" PRIx64 "\n", path, id);
	return COMMAND_DONE;
}

static const struct command_option keygen_options[] = { { 0 } };

const struct command command_keygen = {
	.name = "keygen",
	.synopsis = "[FILE]",
	.summary = "makes a key for the links between hosts",
	.description =
		"Makes a cluster key, and writes it to a new FILE that only "
		"its owner may read, or without FILE (or with '-') to standard "
		"output. Nothing is overwritten.\n\n"
		"All workers of a topology that runs on several hosts must be "
		"given the same key: by '--key FILE', or in the environment "
		"variable " KEY_VARIABLE ". With it everything that goes "
		"from host to host is encrypted and authenticated, and "
		"whoever has it can read and say what he likes: copy it by a "
		"safe way, and give it to nobody else.\n\n"
		"A key is 64 hexadecimal digits. Its id is no secret; messages "
		"tell keys apart by it.",
	.options = keygen_options,
	.run = keygen_run,
};
