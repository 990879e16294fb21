/* SPDX-License-Identifier: MIT */

#include "worker/stdout.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void stdout_init(struct stdout_gate *gate, int fd)
{
	struct stat status;

	memset(gate, 0, sizeof(*gate));
	pthread_mutex_init(&gate->lock, NULL);
	gate->fd = fd;
	if (fstat(fd, &status) < 0)
		return;
	gate->regular = S_ISREG(status.st_mode);
	gate->socket = S_ISSOCK(status.st_mode);
}

void stdout_share(struct stdout_gate *gate, uint32_t *holder, uint32_t self)
{
	gate->holder = holder;
	gate->self = self;
}

/* Whether no other process is in the middle of its lines. */
static bool stdout_take(const struct stdout_gate *gate)
{
	uint32_t none = 0;

	return gate->holder == NULL ||
	       __atomic_compare_exchange_n(gate->holder, &none, gate->self,
					   false, __ATOMIC_ACQUIRE,
					   __ATOMIC_ACQUIRE) ||
	       none == gate->self;
}

static void stdout_release(const struct stdout_gate *gate)
{
	if (gate->holder != NULL && !gate->owned)
		__atomic_store_n(gate->holder, 0, __ATOMIC_RELEASE);
}

void stdout_fini(struct stdout_gate *gate)
{
	pthread_mutex_destroy(&gate->lock);
}

/*
 * Writes some bytes without waiting. A pipe that polls writable has room for
 * PIPE_BUF bytes; O_NONBLOCK would be set for all who share the description,
 * the shell included.
 */
static ssize_t stdout_write_some(const struct stdout_gate *gate,
				 const char *data, size_t size)
{
	struct pollfd entry = { .fd = gate->fd, .events = POLLOUT };
	ssize_t n;

	if (gate->socket) {
		n = send(gate->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		return n < 0 ? -errno : n;
	}
	if (!gate->regular) {
		if (size > PIPE_BUF)
			size = PIPE_BUF;
		n = poll(&entry, 1, 0);
		if (n <= 0)
			return n < 0 ? -errno : -EAGAIN;
		/* An error shows in the write. */
	}
	n = write(gate->fd, data, size);
	return n < 0 ? -errno : n;
}

/* As much as goes now; a negative errno only if nothing went. */
static ssize_t stdout_write_most(const struct stdout_gate *gate,
				 const char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = stdout_write_some(gate, data + done, size - done);

		if (n == -EINTR)
			continue;
		if (n <= 0 && done > 0)
			break;
		if (n <= 0)
			return n < 0 ? n : -EAGAIN;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t stdout_write_locked(struct stdout_gate *gate, uint32_t task,
				   const char *data, size_t size)
{
	ssize_t n;

	if (gate->broken)
		return -EPIPE;
	if (gate->owned && gate->owner != task)
		return -EAGAIN;
	if (!stdout_take(gate))
		return -EAGAIN;
	n = stdout_write_most(gate, data, size);
	if (n == -EPIPE)
		__atomic_store_n(&gate->broken, true, __ATOMIC_RELAXED);
	if (n > 0) {
		gate->owned = (size_t)n < size;
		gate->owner = task;
	}
	stdout_release(gate);
	return n;
}

ssize_t stdout_write(struct stdout_gate *gate, uint32_t task, const char *data,
		     size_t size)
{
	ssize_t n;

	if (size == 0)
		return 0;
	pthread_mutex_lock(&gate->lock);
	n = stdout_write_locked(gate, task, data, size);
	pthread_mutex_unlock(&gate->lock);
	return n;
}

bool stdout_broken(const struct stdout_gate *gate)
{
	return __atomic_load_n(&gate->broken, __ATOMIC_RELAXED);
}
