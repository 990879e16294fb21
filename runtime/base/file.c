/* SPDX-License-Identifier: MIT */

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/size.h"

int file_write(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

char *file_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (slash != NULL && slash > path && slash[-1] == '/')
		slash--;
	if (slash == NULL)
		return strdup(".");
	if (slash == path)
		return strdup("/");
	return strndup(path, (size_t)(slash - path));
}

char *file_join(const char *folder, const char *name)
{
	size_t n = strlen(folder);
	char *path;

	if (name[0] == '/')
		return strdup(name);
	if (n > 0 && folder[n - 1] == '/')
		n--;
	path = malloc(n + strlen(name) + 2);
	if (path == NULL)
		return NULL;
	memcpy(path, folder, n);
	path[n] = '/';
	strcpy(path + n + 1, name);
	return path;
}

int file_sync_folder(const char *path)
{
	int fd, r = 0;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some file systems cannot, and need not. */
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		r = -errno;
	close(fd);
	return r;
}

/* Writes what stands at `path` from now on, to the disk. */
static int file_fill(const char *path, int flags, const void *p, size_t n)
{
	int fd, r;

	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);
	if (fd < 0)
		return -errno;
	r = file_write(fd, p, n);
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		r = -errno;
	if (close(fd) < 0 && r == 0 && errno != EINTR)
		r = -errno;
	return r;
}

static int file_swap(const char *path, const char *fresh, const void *p,
		     size_t n)
{
	char *folder;
	int r;

	if (unlink(fresh) < 0 && errno != ENOENT)
		return -errno;
	r = file_fill(fresh, O_CREAT | O_EXCL, p, n);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0) {
		unlink(fresh);
		return r;
	}
	folder = file_folder(path);
	if (folder == NULL)
		return -ENOMEM;
	r = file_sync_folder(folder);
	free(folder);
	return r;
}

static bool file_is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

int file_replace(const char *path, const void *p, size_t n,
		 struct gust_error *error)
{
	size_t length = strlen(path);
	char *fresh = malloc(length + sizeof(".new"));
	int r;

	if (fresh == NULL) {
		r = -ENOMEM;
	} else if (file_is_special(path)) {
		r = file_fill(path, 0, p, n);
	} else {
		memcpy(fresh, path, length);
		strcpy(fresh + length, ".new");
		r = file_swap(path, fresh, p, n);
	}
	free(fresh);
	if (r < 0)
		gust_error_set(error, r, "'%s' cannot be written: %s", path,
			       strerror(-r));
	return r;
}

/* Content that grows while it is read. */
struct file_content {
	char *data;
	size_t n;
	size_t size;
};

static int file_grow(struct file_content *content, size_t limit)
{
	size_t size = content->size < 8192 ? 8192 : content->size * 2;
	char *data;

	/* One byte to see whether there is more, and one for the NUL. */
	if (size > limit + 2 || size < content->size)
		size = limit + 2;
	data = realloc(content->data, size);
	if (data == NULL)
		return -ENOMEM;
	content->data = data;
	content->size = size;
	return 0;
}

static int file_read_on(int fd, struct file_content *content, size_t limit)
{
	for (;;) {
		ssize_t n;
		int r;

		if (content->n > limit)
			return -EFBIG;
		if (content->size - content->n < 2) {
			r = file_grow(content, limit);
			if (r < 0)
				return r;
		}
		n = read(fd, content->data + content->n,
			 content->size - content->n - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		content->n += (size_t)n;
	}
}

static int file_read_error(const char *path, size_t limit, int r,
			   struct gust_error *error)
{
	char size[SIZE_TEXT_SIZE];

	if (r == -EFBIG)
		return gust_error_set(error, r,
				      "'%s' is too large, expected at most %s",
				      path, size_format(size, limit));
	return gust_error_set(error, r, "'%s' cannot be read: %s", path,
			      strerror(-r));
}

int file_read(const char *path, size_t limit, char **data, size_t *n,
	      struct gust_error *error)
{
	struct file_content content = { NULL, 0, 0 };
	int fd, r;

	if (limit > SIZE_MAX - 2)
		limit = SIZE_MAX - 2;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return file_read_error(path, limit, -errno, error);
	r = file_read_on(fd, &content, limit);
	close(fd);
	if (r < 0) {
		free(content.data);
		return file_read_error(path, limit, r, error);
	}
	content.data[content.n] = '\0';
	*data = content.data;
	*n = content.n;
	return 0;
}

static int file_make_one(const char *path)
{
	struct stat status;

	if (mkdir(path, 0777) == 0)
		return 0;
	if (errno == EEXIST || errno == EISDIR || errno == EROFS) {
		if (stat(path, &status) < 0)
			return -errno;
		return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
	}
	return -errno;
}

int file_make_folder(const char *path, struct gust_error *error)
{
	char *partial = strdup(path);
	char *at = partial;
	int r = partial == NULL ? -ENOMEM : 0;

	while (r == 0 && at != NULL) {
		at = strchr(at + strspn(at, "/"), '/');
		if (at != NULL)
			*at = '\0';
		r = file_make_one(partial);
		if (at != NULL)
			*at = '/';
	}
	free(partial);
	if (r < 0)
		gust_error_set(error, r, "folder '%s' cannot be made: %s", path,
			       strerror(-r));
	return r;
}
