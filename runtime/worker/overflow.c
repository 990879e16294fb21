/* SPDX-License-Identifier: MIT */

#include "worker/overflow.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

/* So small that few bytes keep little of a disk, and so large that their
 * number stays far below that of the mappings that a process may have. */
#define SEGMENT_SIZE ((size_t)4 << 20)

/* So much of what is full may be mapped before it is unmapped. */
#define LOOKED_AT_MOST ((size_t)8 << 20)

struct overflow_segment {
	struct overflow_segment *before, *after;
	char *data; /* mapped */
	size_t size;
	size_t used;
	size_t blocks; /* that were not given back */
};

/* In front of what was taken. */
struct overflow_block {
	_Alignas(16) struct overflow_segment *segment;
};

void overflow_init(struct overflow *overflow, const char *folder)
{
	memset(overflow, 0, sizeof(*overflow));
	overflow->folder = folder;
}

static void overflow_drop(struct overflow *overflow,
			  struct overflow_segment *segment)
{
	if (segment->before != NULL)
		segment->before->after = segment->after;
	else
		overflow->first = segment->after;
	if (segment->after != NULL)
		segment->after->before = segment->before;
	munmap(segment->data, segment->size);
	free(segment);
}

void overflow_fini(struct overflow *overflow)
{
	while (overflow->first != NULL)
		overflow_drop(overflow, overflow->first);
}

/* A file without a name, or -errno. */
static int overflow_open(const struct overflow *overflow)
{
	char *path = file_join(overflow->folder, "spill-XXXXXX");
	int fd;

	if (path == NULL)
		return -ENOMEM;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(path);
	free(path);
	return fd;
}

/* Gives a file its blocks on the disk, and maps them. 0 or -errno. */
static int overflow_map(int fd, struct overflow_segment *segment)
{
	int r;

	do
		r = posix_fallocate(fd, 0, (off_t)segment->size);
	while (r == EINTR);
	if (r != 0)
		return -r;
	segment->data = mmap(NULL, segment->size, PROT_READ | PROT_WRITE,
			     MAP_SHARED, fd, 0);
	return segment->data == MAP_FAILED ? -errno : 0;
}

static int overflow_fill(const struct overflow *overflow,
			 struct overflow_segment *segment)
{
	int fd, r = file_make_folder(overflow->folder, NULL);

	if (r < 0)
		return r;
	fd = overflow_open(overflow);
	if (fd < 0)
		return fd;
	r = overflow_map(fd, segment);
	close(fd);
	return r;
}

/* A new segment, the first one from now on. 0 or -errno. */
static int overflow_extend(struct overflow *overflow, size_t size,
			   struct gust_error *error)
{
	struct overflow_segment *segment = calloc(1, sizeof(*segment));
	int r = -ENOMEM;

	if (segment != NULL) {
		segment->size = size;
		r = overflow_fill(overflow, segment);
	}
	if (r < 0) {
		free(segment);
		return gust_error_set(error, r, "cannot spill to '%s': %s",
				      overflow->folder, strerror(-r));
	}
	segment->after = overflow->first;
	if (segment->after != NULL)
		segment->after->before = segment;
	overflow->first = segment;
	return 0;
}

/* What is mapped is mapped again when it is looked at. */
static void overflow_unmap(const struct overflow_segment *segment)
{
	(void)madvise(segment->data, segment->size, MADV_DONTNEED);
}

/* Makes room in the open segment, which may be another one then. */
static int overflow_make_room(struct overflow *overflow, size_t size,
			      struct gust_error *error)
{
	struct overflow_segment *open = overflow->first;
	size_t most = SEGMENT_SIZE;
	int r;

	if (open != NULL && open->size - open->used >= size)
		return 0;
	if (size > most)
		most = (size + SEGMENT_SIZE - 1) & ~(SEGMENT_SIZE - 1);
	r = overflow_extend(overflow, most, error);
	if (r < 0 || open == NULL)
		return r;
	if (open->blocks == 0)
		overflow_drop(overflow, open);
	else
		overflow_unmap(open);
	return 0;
}

void *overflow_take(struct overflow *overflow, size_t size,
		    struct gust_error *error)
{
	struct overflow_segment *open;
	struct overflow_block *block;

	size = (sizeof(*block) + size + 15) & ~(size_t)15;
	if (overflow_make_room(overflow, size, error) < 0)
		return NULL;
	open = overflow->first;
	block = (struct overflow_block *)(void *)(open->data + open->used);
	block->segment = open;
	open->used += size;
	open->blocks++;
	return block + 1;
}

void overflow_give(struct overflow *overflow, void *room)
{
	struct overflow_segment *segment =
		((struct overflow_block *)room - 1)->segment;

	assert(segment->blocks > 0);
	if (--segment->blocks > 0)
		return;
	if (segment == overflow->first)
		segment->used = 0;
	else
		overflow_drop(overflow, segment);
}

void overflow_rest(struct overflow *overflow, size_t size)
{
	overflow->looked_at += size;
	if (overflow->looked_at < LOOKED_AT_MOST)
		return;
	overflow->looked_at = 0;
	for (struct overflow_segment *segment = overflow->first;
	     segment != NULL; segment = segment->after)
		overflow_unmap(segment);
}
