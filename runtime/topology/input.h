/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_INPUT_H
#define TOPOLOGY_INPUT_H

/* The bytes of a file, read at once, within a limit. */

#include <stddef.h>
#include <sys/types.h>

#include "topology/diagnostics.h"

/* All members may be read. Zero it to have an empty one. */
struct input {
	char *bytes;
	size_t length;
};

/* Which file it is, by whatever name. */
struct input_identity {
	dev_t device;
	ino_t inode;
};

/* 0 or a negative errno. */
int input_identify(struct input_identity *identity, const char *path);

/*
 * Reads the file at `path`. Returns a negative errno, such as -EISDIR, or
 * -EFBIG when it has more than `limit` bytes; `input` then holds the first
 * ones. Blocks while the file is a pipe that nobody writes to.
 */
int input_read(struct input *input, const char *path, size_t limit);

/* Takes a zeroed one, too. */
void input_fini(struct input *input);

/* Sets line and column of the byte at `offset`, in characters of UTF-8. */
void input_place(const char *bytes, size_t offset, struct place *place);

#endif
