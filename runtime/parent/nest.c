/* SPDX-License-Identifier: MIT */

#include "parent/nest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEST_PREFIX "gust-nest-"
#define NEST_RANDOM "XXXXXX"
#define NEST_OPEN (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* So often another run may take a new one for a dead one, see nest_lock(). */
#define NEST_TRIES 10

/* Removes the sockets in a folder. */
static void nest_empty(int fd)
{
	int again = openat(fd, ".", NEST_OPEN);
	DIR *folder = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;
	struct stat found;

	if (folder == NULL) {
		if (again >= 0)
			close(again);
		return;
	}
	while ((entry = readdir(folder)) != NULL)
		if (fstatat(fd, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) ==
			    0 &&
		    S_ISSOCK(found.st_mode))
			(void)unlinkat(fd, entry->d_name, 0);
	closedir(folder);
}

/* Whether it is a nest of this user that nobody holds; then it is locked. */
static bool nest_is_dead(int fd)
{
	struct stat found;

	return fstat(fd, &found) == 0 && found.st_uid == geteuid() &&
	       (found.st_mode & 07777) == 0700 &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Removes what dead runs have left in `place`. What fails stays there. */
static void nest_sweep(const char *place)
{
	DIR *folder = opendir(place);
	struct dirent *entry;
	int fd;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		const char *name = entry->d_name;

		if (strncmp(name, NEST_PREFIX, strlen(NEST_PREFIX)) != 0 ||
		    strlen(name) != strlen(NEST_PREFIX NEST_RANDOM))
			continue;
		fd = openat(dirfd(folder), name, NEST_OPEN);
		if (fd < 0)
			continue;
		if (nest_is_dead(fd)) {
			nest_empty(fd);
			(void)unlinkat(dirfd(folder), name, AT_REMOVEDIR);
		}
		close(fd);
	}
	if (folder != NULL)
		closedir(folder);
}

/*
 * Holds it from now on. -ENOENT: somebody else has removed it before. A file
 * system without locks leaves it as it is: nobody can lock it to remove it.
 */
static int nest_lock(struct nest *nest)
{
	struct stat held, found;

	nest->fd = open(nest->path, NEST_OPEN);
	if (nest->fd < 0)
		return -errno;
	(void)flock(nest->fd, LOCK_EX);
	if (fstat(nest->fd, &held) == 0 && stat(nest->path, &found) == 0 &&
	    held.st_ino == found.st_ino && held.st_dev == found.st_dev)
		return 0;
	close(nest->fd);
	return -ENOENT;
}

/* Makes one in `place`; the path stays empty where it fails. 0 or -errno. */
static int nest_make_in(struct nest *nest, const char *place)
{
	int n, r = -ENOENT;

	nest_sweep(place);
	for (int i = 0; r == -ENOENT && i < NEST_TRIES; i++) {
		n = snprintf(nest->path, sizeof(nest->path),
			     "%s/" NEST_PREFIX NEST_RANDOM, place);
		if ((size_t)n >= sizeof(nest->path))
			r = -ENAMETOOLONG;
		else if (mkdtemp(nest->path) == NULL)
			r = -errno;
		else
			r = nest_lock(nest);
	}
	if (r < 0)
		nest->path[0] = '\0';
	return r;
}

int nest_make(struct nest *nest, struct gust_error *error)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	int r;

	if (folder != NULL && folder[0] == '/' &&
	    nest_make_in(nest, folder) == 0)
		return 0;
	r = nest_make_in(nest, "/tmp");
	if (r < 0)
		gust_error_set(error, r,
			       "cannot make a folder in /tmp for the workers: "
			       "%s",
			       strerror(-r));
	return r;
}

void nest_clear(const struct nest *nest, uint32_t worker)
{
	char name[16];

	if (nest->path[0] == '\0')
		return;
	snprintf(name, sizeof(name), "%u", (unsigned)worker);
	(void)unlinkat(nest->fd, name, 0);
}

void nest_remove(struct nest *nest)
{
	if (nest->path[0] == '\0')
		return;
	nest_empty(nest->fd);
	(void)rmdir(nest->path);
	close(nest->fd);
	nest->path[0] = '\0';
}
