/* SPDX-License-Identifier: MIT */

#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define LOCK_TRIES 200
#define LOCK_PAUSE_NS 10000000

/* The holder may not have written its number yet. */
static long lock_holder(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

static int lock_busy(const char *path, int fd, struct gust_error *error)
{
	long holder = lock_holder(fd);

	if (holder <= 0)
		return gust_error_set(error, -EBUSY,
				      "'%s' is held by another process", path);
	return gust_error_set(error, -EBUSY, "'%s' is held by process %ld",
			      path, holder);
}

/* Only for messages: that this fails on a full disk does not matter. */
static void lock_sign(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0)
		file_write(fd, text, (size_t)n);
}

int lock_take(struct lock *lock, const char *path, struct gust_error *error)
{
	int fd, r;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		r = -errno;
		return gust_error_set(error, r, "'%s' cannot be opened: %s",
				      path, strerror(-r));
	}
	do
		r = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	while (r == -EINTR);
	if (r == -EWOULDBLOCK)
		r = lock_busy(path, fd, error);
	else if (r < 0)
		gust_error_set(error, r, "'%s' cannot be locked: %s", path,
			       strerror(-r));
	if (r < 0) {
		close(fd);
		return r;
	}
	lock_sign(fd);
	lock->held = true;
	lock->fd = fd;
	return 0;
}

int lock_take_soon(struct lock *lock, const char *path,
		   struct gust_error *error)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };
	int r = lock_take(lock, path, NULL);

	for (int i = 0; r == -EBUSY && i < LOCK_TRIES; i++) {
		nanosleep(&pause, NULL);
		r = lock_take(lock, path, NULL);
	}
	return r == 0 ? 0 : lock_take(lock, path, error);
}

void lock_release(struct lock *lock)
{
	if (lock->held)
		close(lock->fd);
	lock->held = false;
}
