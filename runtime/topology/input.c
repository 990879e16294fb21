/* SPDX-License-Identifier: MIT */

#include "topology/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM_MIN ((size_t)64 * 1024)

/* Makes room for one more byte than `limit`, at most, which tells a large file.
 */
static int grow(struct input *input, size_t *room, size_t limit)
{
	size_t wanted = *room == 0 ? ROOM_MIN : *room * 2;
	char *bytes;

	if (input->length < *room)
		return 0;
	if (wanted > limit + 1)
		wanted = limit + 1;
	bytes = realloc(input->bytes, wanted);
	if (bytes == NULL)
		return -ENOMEM;
	input->bytes = bytes;
	*room = wanted;
	return 0;
}

static int read_all(struct input *input, int fd, size_t limit)
{
	size_t room = 0;
	ssize_t n;
	int r;

	for (;;) {
		r = grow(input, &room, limit);
		if (r < 0)
			return r;
		n = read(fd, input->bytes + input->length,
			 room - input->length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		input->length += (size_t)n;
		if (input->length > limit) {
			input->length = limit;
			return -EFBIG;
		}
	}
}

int input_identify(struct input_identity *identity, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return -errno;
	identity->device = status.st_dev;
	identity->inode = status.st_ino;
	return 0;
}

int input_read(struct input *input, const char *path, size_t limit)
{
	int fd;
	int r;

	memset(input, 0, sizeof(*input));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = read_all(input, fd, limit);
	close(fd);
	return r;
}

void input_fini(struct input *input)
{
	free(input->bytes);
	memset(input, 0, sizeof(*input));
}

void input_place(const char *bytes, size_t offset, struct place *place)
{
	size_t i;

	place->line = 1;
	place->column = 1;
	for (i = 0; i < offset; i++) {
		if (bytes[i] == '\n') {
			place->line++;
			place->column = 1;
		} else if ((bytes[i + 1] & 0xc0) != 0x80 || i + 1 == offset) {
			place->column++;
		}
	}
}
