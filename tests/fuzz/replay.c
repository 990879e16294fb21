/* SPDX-License-Identifier: MIT */

/*
 * Feeds a fuzz target the files it is given, where libFuzzer is not at hand:
 *
 *	fuzz_NAME FILE...
 *
 * Each input is copied to an allocation of its exact size, so that a sanitizer
 * sees a read beyond its end. Exits 1 if a file cannot be read.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_fails(const char *name)
{
	perror(name);
	return -1;
}

/* Returns 0, or -1 after a message. */
static int replay(const char *name)
{
	uint8_t *data = NULL;
	FILE *file;
	long size;
	int r = -1;

	file = fopen(name, "rb");
	if (file == NULL)
		return replay_fails(name);
	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
		replay_fails(name);
		goto done;
	}
	rewind(file);
	data = malloc(size > 0 ? (size_t)size : 1);
	if (data == NULL ||
	    fread(data, 1, (size_t)size, file) != (size_t)size) {
		replay_fails(name);
		goto done;
	}
	LLVMFuzzerTestOneInput(data, (size_t)size);
	r = 0;
done:
	free(data);
	fclose(file);
	return r;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (replay(argv[i]) != 0)
			return 1;
	return 0;
}
