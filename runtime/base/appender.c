/* SPDX-License-Identifier: MIT */

#include "base/appender.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct appender {
	int fd;
	bool regular;
	char *path;
	const char *prefix;
};

static int appender_fail(const struct appender *appender, int r,
			 struct gust_error *error)
{
	return gust_error_set(error, r, "'%s' cannot be written: %s",
			      appender->path, strerror(-r));
}

static int appender_lock(const struct appender *appender, int operation)
{
	while (appender->regular && flock(appender->fd, operation) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static ssize_t appender_pread(int fd, char *p, size_t n, off_t at)
{
	ssize_t r;

	do
		r = pread(fd, p, n, at);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

/* Finds where the last line begins. */
static int appender_last_line(int fd, off_t end, off_t *start)
{
	char block[4096];

	while (end > 0) {
		off_t from =
			(end - 1) / (off_t)sizeof(block) * (off_t)sizeof(block);
		ssize_t n =
			appender_pread(fd, block, (size_t)(end - from), from);
		const char *line_end;

		if (n < 0)
			return (int)n;
		if (n < end - from)
			return -EIO;
		line_end = memrchr(block, '\n', (size_t)n);
		if (line_end != NULL) {
			*start = from + (line_end - block) + 1;
			return 0;
		}
		end = from;
	}
	*start = 0;
	return 0;
}

/* Cuts a torn line off, or ends it if it is not of ours. */
static int appender_mend(const struct appender *appender, off_t start,
			 off_t end)
{
	char line[64];
	size_t n = strlen(appender->prefix);
	ssize_t got;

	if (n > sizeof(line))
		n = sizeof(line);
	if (end - start < (off_t)n)
		n = (size_t)(end - start);
	got = appender_pread(appender->fd, line, n, start);
	if (got < 0)
		return (int)got;
	if ((size_t)got != n || memcmp(line, appender->prefix, n) != 0)
		return file_write(appender->fd, "\n", 1);
	return ftruncate(appender->fd, start) < 0 ? -errno : 0;
}

/*
 * Returns where the file ends once its last line is whole, or a negative
 * errno. The lock is held, so a torn line is one whose writer has died.
 */
static off_t appender_end(const struct appender *appender)
{
	struct stat status;
	off_t start;
	int r;

	if (fstat(appender->fd, &status) < 0)
		return -errno;
	r = appender_last_line(appender->fd, status.st_size, &start);
	if (r < 0)
		return r;
	if (start == status.st_size)
		return start;
	r = appender_mend(appender, start, status.st_size);
	if (r < 0)
		return r;
	return fstat(appender->fd, &status) < 0 ? -errno : status.st_size;
}

static int appender_append(const struct appender *appender, const char *lines,
			   size_t n)
{
	off_t end = 0;
	int r;

	if (appender->regular)
		end = appender_end(appender);
	if (end < 0)
		return (int)end;
	r = file_write(appender->fd, lines, n);
	/* If this fails as well, the next one to append cuts the line off. */
	if (r < 0 && appender->regular && ftruncate(appender->fd, end) < 0)
		return r;
	return r;
}

static int appender_locked(const struct appender *appender, const char *lines,
			   size_t n)
{
	int r = appender_lock(appender, LOCK_EX);

	if (r < 0)
		return r;
	r = appender_append(appender, lines, n);
	appender_lock(appender, LOCK_UN);
	return r;
}

static int appender_open_file(struct appender *appender)
{
	struct stat status;
	char *folder;

	appender->fd =
		open(appender->path,
		     O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	/* A pipe's end, or a terminal, can often only be written. */
	if (appender->fd < 0 && errno != ENOENT)
		appender->fd = open(appender->path,
				    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (appender->fd < 0)
		return -errno;
	if (fstat(appender->fd, &status) < 0)
		return -errno;
	appender->regular = S_ISREG(status.st_mode);
	if (!appender->regular || status.st_size > 0)
		return 0;
	folder = file_folder(appender->path);
	if (folder == NULL)
		return -ENOMEM;
	file_sync_folder(folder);
	free(folder);
	return 0;
}

int appender_open(struct appender **appender, const char *path,
		  const char *prefix, struct gust_error *error)
{
	struct appender *fresh = calloc(1, sizeof(*fresh));
	int r = -ENOMEM;

	if (fresh == NULL)
		return gust_error_set(error, r, "'%s' cannot be opened: %s",
				      path, strerror(-r));
	fresh->fd = -1;
	fresh->prefix = prefix;
	fresh->path = strdup(path);
	if (fresh->path == NULL)
		goto fail;
	r = appender_open_file(fresh);
	if (r < 0)
		goto fail;
	r = appender_locked(fresh, "", 0);
	if (r < 0)
		goto fail;
	*appender = fresh;
	return 0;
fail:
	gust_error_set(error, r, "'%s' cannot be opened for appending: %s",
		       path, strerror(-r));
	appender_close(fresh);
	return r;
}

int appender_write(struct appender *appender, const char *lines, size_t n,
		   struct gust_error *error)
{
	int r;

	if (n == 0)
		return 0;
	assert(lines[n - 1] == '\n');
	r = appender_locked(appender, lines, n);
	return r < 0 ? appender_fail(appender, r, error) : 0;
}

int appender_sync(struct appender *appender, struct gust_error *error)
{
	/* What has no disk behind it says EINVAL. */
	if (fdatasync(appender->fd) < 0 && errno != EINVAL && errno != EROFS)
		return appender_fail(appender, -errno, error);
	return 0;
}

void appender_close(struct appender *appender)
{
	if (appender == NULL)
		return;
	if (appender->fd >= 0)
		close(appender->fd);
	free(appender->path);
	free(appender);
}
