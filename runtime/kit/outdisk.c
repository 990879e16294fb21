/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "outdisk.h"

bool outdisk_is(const char *path, const struct stat *about)
{
	struct stat now;

	return stat(path, &now) == 0 && now.st_dev == about->st_dev &&
	       now.st_ino == about->st_ino;
}

/* Locks what was opened. -EAGAIN: it has got another name since. */
static int outdisk_lock(int fd, const char *path, struct stat *about)
{
	struct stat found;

	if (fstat(fd, &found) < 0)
		return -errno;
	*about = found;
	if (S_ISCHR(found.st_mode))
		return 0;
	if (!S_ISREG(found.st_mode))
		return -EINVAL;
	/* Some file systems know no locks. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -EBUSY;
	/* It may have grown before it was locked. */
	if (!outdisk_is(path, &found))
		return -EAGAIN;
	return fstat(fd, about) < 0 ? -errno : 0;
}

int outdisk_open(const char *path, bool create, struct stat *about,
		 struct gust_error *error)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd, r;

	do {
		fd = open(path, flags | (create ? O_CREAT : 0), 0666);
		r = fd < 0 ? -errno : outdisk_lock(fd, path, about);
		if (r < 0 && fd >= 0)
			close(fd);
	} while (r == -EAGAIN);
	if (r == 0)
		return fd;
	if (r == -EBUSY)
		return gust_error_set(error, r,
				      "'%s' is being written by another task "
				      "or process",
				      path);
	if (r == -EINVAL)
		return gust_error_set(error, r, "'%s' is not a file", path);
	return gust_error_set(error, r, "cannot write '%s': %s", path,
			      strerror(-r));
}

int outdisk_rename(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* Not all file systems know how. */
	if (access(to, F_OK) == 0)
		return -EEXIST;
	return rename(from, to) < 0 ? -errno : 0;
}

void outdisk_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	const size_t n =
		slash == NULL || slash == path ? 1 : (size_t)(slash - path);
	char *folder = slash == NULL ? strdup(".") : strndup(path, n);
	int fd = -1;

	if (folder != NULL)
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}
