/* SPDX-License-Identifier: MIT */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

/*
 * A file that one process holds at a time (flock(2)). The kernel lets go of it
 * when the process dies, however that happens; the file itself stays. A child
 * made by fork() without exec() holds it, too.
 */

#include <stdbool.h>

#include <gust/error.h>

/* Zeroed, it holds nothing. */
struct lock {
	bool held;
	int fd;
};

/*
 * Takes the lock without waiting, and leaves the process id in the file.
 * Returns 0, -EBUSY if another holds it (the error names its process), or a
 * negative errno. `lock` is written on success only.
 */
int lock_take(struct lock *lock, const char *path, struct gust_error *error);

/* The same, but waits two seconds for it: who was killed may leave children
 * that hold it until they are dead, too. */
int lock_take_soon(struct lock *lock, const char *path,
		   struct gust_error *error);

/* Lets go; a lock that is not held may be given. */
void lock_release(struct lock *lock);

#endif
