/* SPDX-License-Identifier: MIT */

/*
 * Any bytes as a file, which may be compressed: the first byte says in what
 * pieces it is read. In other pieces, or on from any offset, the same comes
 * out, and the same is wrong with it.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gust/kit/buffer.h>
#include <gust/kit/infile.h>

/* A bomb has been understood when it has made so much. */
#define MADE_MAX ((size_t)1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
	if (!truth)
		abort();
}

/* Reads all, from `offset` on; what is wrong with it at last, or 0. */
static int read_all(const char *path, size_t piece, uint64_t offset,
		    struct buffer *out, struct gust_error *error)
{
	struct infile infile = { .fd = -1 };
	ssize_t n = 1;

	demand(infile_open(&infile, path, error) == 0);
	if (offset > 0) {
		n = infile_seek(&infile, offset, error);
		demand(n == 0 || n == -ESPIPE || error->code != 0);
		if (n == -ESPIPE)
			offset = 0;
		demand(n != 0 || infile.offset == offset);
		n = n == -ESPIPE ? 1 : n < 0 ? n : 1;
	}
	while ((n > 0 || n == -EINTR) && out->used < MADE_MAX) {
		demand(buffer_reserve(out, piece) == 0);
		n = infile_read(&infile, out->data + out->used, piece, error);
		demand(n <= (ssize_t)piece);
		out->used += n > 0 ? (size_t)n : 0;
		demand(infile.offset == offset + out->used);
	}
	demand(n >= 0 || n == -EINTR || n == -ENOMEM || error->text[0] != '\0');
	infile_close(&infile);
	return n < 0 && n != -EINTR ? (int)n : 0;
}

/* Of damaged data as much is made as its pieces allow, but nothing else. */
static void compare(const struct buffer *a, const struct buffer *b, size_t from,
		    bool damaged)
{
	size_t n;

	if (from > a->used || a->used >= MADE_MAX || b->used >= MADE_MAX)
		return;
	n = a->used - from;
	demand(damaged || b->used == n);
	n = n < b->used ? n : b->used;
	demand(n == 0 || memcmp(a->data + from, b->data, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer whole = { 0 }, pieces = { 0 }, rest = { 0 };
	struct gust_error error = { 0 }, other = { 0 }, third = { 0 };
	char path[64];
	size_t from;
	int file, r, again;

	if (size == 0)
		return 0;
	file = memfd_create("fuzz", MFD_CLOEXEC);
	demand(file >= 0 &&
	       write(file, data + 1, size - 1) == (ssize_t)(size - 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	r = read_all(path, 65536, 0, &whole, &error);
	again = read_all(path, (size_t)data[0] + 1, 0, &pieces, &other);
	demand(r == again || whole.used >= MADE_MAX || pieces.used >= MADE_MAX);
	compare(&whole, &pieces, 0, r < 0);
	from = data[0] < size - 1 ? data[0] : 0;
	again = read_all(path, 1000, from, &rest, &third);
	/* What is compressed cannot be read from there on. */
	compare(&whole, &rest, rest.used + from == whole.used ? from : 0,
		r < 0);
	buffer_destroy(&whole);
	buffer_destroy(&pieces);
	buffer_destroy(&rest);
	close(file);
	return 0;
}
