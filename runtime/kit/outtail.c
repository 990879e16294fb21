/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outtail.h"

#define OUTTAIL_BLOCK ((size_t)64 * 1024)

/* Reads all `n` bytes; -EIO where the file is shorter than it was. */
static int outtail_read(int fd, char *block, size_t n, uint64_t at)
{
	ssize_t got;
	size_t have;

	for (have = 0; have < n; have += (size_t)got) {
		got = pread(fd, block + have, n - have, (off_t)(at + have));
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return -EIO;
		got = got < 0 ? 0 : got;
	}
	return 0;
}

static int outtail_backwards(int fd, char *block, uint64_t size,
			     uint64_t *whole)
{
	const char *found;
	size_t n;
	int r;

	for (; size > 0; size -= n) {
		n = size < OUTTAIL_BLOCK ? (size_t)size : OUTTAIL_BLOCK;
		r = outtail_read(fd, block, n, size - n);
		if (r < 0)
			return r;
		found = memrchr(block, '\n', n);
		if (found == NULL)
			continue;
		*whole = size - n + (uint64_t)(found - block) + 1;
		return 0;
	}
	*whole = 0;
	return 0;
}

/* A doubled quote ends the quotes and begins them again: nothing is between. */
static int outtail_forwards(int fd, char *block, uint64_t size, char quote,
			    uint64_t *whole)
{
	const char *p, *end, *stop, *found;
	uint64_t at, last = 0;
	bool within = false;
	size_t n;
	int r;

	for (at = 0; at < size; at += n) {
		n = size - at < OUTTAIL_BLOCK ? (size_t)(size - at)
					      : OUTTAIL_BLOCK;
		r = outtail_read(fd, block, n, at);
		if (r < 0)
			return r;
		end = block + n;
		for (p = block; p < end; p = stop + 1) {
			stop = memchr(p, quote, (size_t)(end - p));
			stop = stop != NULL ? stop : end;
			found = within ? NULL
				       : memrchr(p, '\n', (size_t)(stop - p));
			if (found != NULL)
				last = at + (uint64_t)(found - block) + 1;
			within ^= stop < end;
		}
	}
	*whole = last;
	return 0;
}

int outtail_find(int fd, uint64_t size, char quote, uint64_t *whole)
{
	char *block = malloc(OUTTAIL_BLOCK);
	int r;

	if (block == NULL)
		return -ENOMEM;
	if (quote == '\0')
		r = outtail_backwards(fd, block, size, whole);
	else
		r = outtail_forwards(fd, block, size, quote, whole);
	free(block);
	return r;
}
