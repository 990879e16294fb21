/* SPDX-License-Identifier: MIT */

#include <gust/kit/infile.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define INFILE_PACKED_SIZE ((size_t)64 * 1024)

static int64_t infile_time(struct statx_timestamp time)
{
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int infile_statx(int fd, const char *path, int flags,
			struct infile_status *status)
{
	struct statx found;

	if (statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) < 0)
		return -errno;
	*status = (struct infile_status){
		.device = makedev(found.stx_dev_major, found.stx_dev_minor),
		.inode = found.stx_ino,
		.modified = infile_time(found.stx_mtime),
		.size = found.stx_size,
		.links = found.stx_nlink,
		.regular = S_ISREG(found.stx_mode),
		.directory = S_ISDIR(found.stx_mode),
		.fifo = S_ISFIFO(found.stx_mode),
	};
	if ((found.stx_mask & STATX_BTIME) != 0)
		status->born = infile_time(found.stx_btime);
	return 0;
}

int infile_look(const char *path, struct infile_status *status)
{
	return infile_statx(AT_FDCWD, path, 0, status);
}

int infile_look_again(const struct infile *infile, struct infile_status *status)
{
	return infile_statx(infile->fd, "", AT_EMPTY_PATH, status);
}

/* Whether a descriptor may write to the file that is `own`. */
static bool infile_writes(int fd, const struct stat *own)
{
	struct stat other;
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY &&
	       fstat(fd, &other) == 0 && other.st_ino == own->st_ino &&
	       other.st_dev == own->st_dev;
}

bool infile_is_written(const struct infile *infile)
{
	const struct dirent *entry;
	struct stat own;
	bool found = false;
	DIR *all;

	if (fstat(infile->fd, &own) < 0)
		return false;
	all = opendir("/proc/self/fd");
	while (all != NULL && !found && (entry = readdir(all)) != NULL)
		if (entry->d_name[0] != '.' &&
		    atoi(entry->d_name) != infile->fd)
			found = infile_writes(atoi(entry->d_name), &own);
	if (all != NULL)
		closedir(all);
	return found;
}

bool infile_same(const struct infile_status *a, const struct infile_status *b)
{
	return a->inode == b->inode && a->device == b->device &&
	       a->born == b->born;
}

static int infile_failed(const struct infile *infile, int code,
			 struct gust_error *error)
{
	return gust_error_set(error, code, "cannot read '%s': %s", infile->path,
			      strerror(-code));
}

int infile_open(struct infile *infile, const char *path,
		struct gust_error *error)
{
	struct infile_status status = { 0 };
	int r;

	*infile = (struct infile){ .path = path,
				   .fd = -1,
				   .patient = infile->patient };
	/* A pipe with a name would wait here for its writer. */
	infile->fd = strcmp(path, "-") == 0
			     ? STDIN_FILENO
			     : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (infile->fd < 0)
		return infile_failed(infile, -errno, error);
	r = infile_look_again(infile, &status);
	if (r < 0) {
		infile_close(infile);
		return infile_failed(infile, r, error);
	}
	infile->regular = status.regular;
	return 0;
}

/* read(2), where it cannot block. */
static ssize_t infile_take(struct infile *infile, char *data, size_t size,
			   struct gust_error *error)
{
	struct pollfd ready = { .fd = infile->fd, .events = POLLIN };
	ssize_t n = 1;

	/* Standard input may be shared, so it must stay a blocking one. */
	if (!infile->regular)
		n = poll(&ready, 1, 0);
	if (n == 0)
		return -EAGAIN;
	if (n > 0)
		n = read(infile->fd, data, size);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -errno;
	if (n < 0)
		return infile_failed(infile, -errno, error);
	infile->raw += (uint64_t)n;
	return n;
}

static int infile_unpack(struct infile *infile, enum inflater_format format,
			 struct gust_error *error)
{
	struct gust_error reason = { 0 };
	int r;

	infile->packed = malloc(INFILE_PACKED_SIZE);
	if (infile->packed == NULL)
		return -ENOMEM;
	r = inflater_create(&infile->inflater, format, &reason);
	if (r < 0) {
		free(infile->packed);
		infile->packed = NULL;
		if (reason.code == 0)
			return r;
		return gust_error_set(
			error, r, "'%s' is compressed with %s: %s",
			infile->path, inflater_name(format), reason.text);
	}
	memcpy(infile->packed, infile->head, infile->head_used);
	infile->packed_used = infile->head_used;
	infile->format = format;
	return 0;
}

/* Finds the format out. 1: it is known; else as infile_read(). */
static ssize_t infile_probe(struct infile *infile, struct gust_error *error)
{
	enum inflater_format format = INFLATER_PLAIN;
	ssize_t n;
	int r = 0;

	n = infile_take(infile, infile->head + infile->head_used,
			INFLATER_MAGIC_MAX - infile->head_used, error);
	if (n < 0 || (n == 0 && infile->patient))
		return n;
	infile->head_used += (size_t)n;
	if (n > 0)
		format = inflater_detect(infile->head, infile->head_used);
	if (format == INFLATER_PLAIN)
		infile->format = format;
	else if (format != INFLATER_UNSURE)
		r = infile_unpack(infile, format, error);
	else
		r = -EINTR;
	return r < 0 ? r : 1;
}

static int infile_damaged(const struct infile *infile, struct gust_error *error)
{
	uint64_t left = infile->packed_used - infile->packed_start;

	if (infile->broken != -EBADMSG)
		return infile_failed(infile, infile->broken, error);
	return gust_error_set(error, -EBADMSG,
			      "'%s': the %s data are damaged at byte %" PRIu64
			      ": %s",
			      infile->path, inflater_name(infile->format),
			      infile->raw - left, infile->reason);
}

/* Gets more for the inflater. 1: there is some; else as infile_read(). */
static ssize_t infile_refill(struct infile *infile, struct gust_error *error)
{
	ssize_t n =
		infile_take(infile, infile->packed, INFILE_PACKED_SIZE, error);

	if (n == 0 && !infile->patient && !inflater_whole(infile->inflater))
		return gust_error_set(error, -EBADMSG,
				      "'%s': the %s data end too early, at "
				      "byte %" PRIu64,
				      infile->path,
				      inflater_name(infile->format),
				      infile->raw);
	if (n <= 0)
		return n;
	infile->packed_start = 0;
	infile->packed_used = (size_t)n;
	return 1;
}

static ssize_t infile_inflate(struct infile *infile, char *data, size_t size,
			      struct gust_error *error)
{
	struct gust_error reason = { 0 };
	size_t taken, made;
	ssize_t n;

	if (infile->broken != 0)
		return infile_damaged(infile, error);
	if (!infile->more && infile->packed_start == infile->packed_used) {
		n = infile_refill(infile, error);
		if (n <= 0)
			return n;
	}
	infile->broken = inflater_run(
		infile->inflater, infile->packed + infile->packed_start,
		infile->packed_used - infile->packed_start, &taken, data, size,
		&made, &reason);
	snprintf(infile->reason, sizeof(infile->reason), "%.127s", reason.text);
	infile->packed_start += taken;
	infile->more = made == size;
	infile->offset += made;
	/* Members without a byte are no reason to stay here, and what was made
	 * before a damage comes first. */
	return made > 0 ? (ssize_t)made : -EINTR;
}

static ssize_t infile_plain(struct infile *infile, char *data, size_t size,
			    struct gust_error *error)
{
	size_t head = infile->head_used - infile->head_start;
	ssize_t n;

	if (head > 0) {
		n = (ssize_t)(head < size ? head : size);
		memcpy(data, infile->head + infile->head_start, (size_t)n);
		infile->head_start += (size_t)n;
	} else {
		n = infile_take(infile, data, size, error);
	}
	if (n > 0)
		infile->offset += (uint64_t)n;
	return n;
}

ssize_t infile_read(struct infile *infile, char *data, size_t size,
		    struct gust_error *error)
{
	ssize_t n;

	if (infile->format == INFLATER_UNSURE) {
		n = infile_probe(infile, error);
		if (n <= 0)
			return n;
	}
	if (infile->format == INFLATER_PLAIN)
		return infile_plain(infile, data, size, error);
	return infile_inflate(infile, data, size, error);
}

int infile_seek(struct infile *infile, uint64_t offset,
		struct gust_error *error)
{
	ssize_t n = 1;

	if (!infile->regular)
		return -ESPIPE;
	while (infile->format == INFLATER_UNSURE && n != 0) {
		n = infile_probe(infile, error);
		if (n < 0 && n != -EINTR)
			return (int)n;
	}
	if (infile->format > INFLATER_PLAIN)
		return -ESPIPE;
	if (lseek(infile->fd, (off_t)offset, SEEK_SET) < 0)
		return infile_failed(infile, -errno, error);
	infile->format = INFLATER_PLAIN;
	infile->head_start = infile->head_used;
	infile->offset = offset;
	infile->raw = offset;
	return 0;
}

/* Forgets what was found in the file. */
static void infile_reset(struct infile *infile)
{
	inflater_destroy(infile->inflater);
	free(infile->packed);
	infile->inflater = NULL;
	infile->packed = NULL;
	infile->packed_start = 0;
	infile->packed_used = 0;
	infile->head_start = 0;
	infile->head_used = 0;
	infile->more = false;
	infile->broken = 0;
	infile->format = INFLATER_UNSURE;
	infile->offset = 0;
	infile->raw = 0;
}

int infile_rewind(struct infile *infile, struct gust_error *error)
{
	infile_reset(infile);
	if (lseek(infile->fd, 0, SEEK_SET) < 0)
		return infile_failed(infile, -errno, error);
	return 0;
}

void infile_close(struct infile *infile)
{
	infile_reset(infile);
	if (infile->fd > STDIN_FILENO)
		close(infile->fd);
	infile->fd = -1;
}
