/* SPDX-License-Identifier: MIT */

#include "worker/reception.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_name.h"

/* Not longer than RECEPTION_SUFFIX. */
#define RECEPTION_FRESH ".new"

/* Somebody who has asked. */
struct reception_guest {
	int fd; /* -1: a free place */
	char *text;
	size_t n, sent;
};

struct reception {
	char *path;
	int fd;
	int events; /* an epoll of all descriptors */
	char *(*describe)(void *self, size_t *n);
	void *self;
	struct reception_guest guests[RECEPTION_GUESTS_MAX];
};

char *reception_folder(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *folder = NULL;
	int n;

	if (runtime != NULL && runtime[0] == '/')
		n = asprintf(&folder, "%s/gust", runtime);
	else
		n = asprintf(&folder, "/tmp/gust-%u", (unsigned)geteuid());
	return n < 0 ? NULL : folder;
}

/* In /tmp anybody could have made it before. */
static int reception_check(const char *folder, struct gust_error *error)
{
	struct stat status;

	if (lstat(folder, &status) < 0)
		return gust_error_set(error, -errno, "'%s': %s", folder,
				      strerror(errno));
	if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
	    (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return gust_error_set(error, -EPERM,
				      "'%s' is not a folder of this user "
				      "alone, expected mode 0700",
				      folder);
	return 0;
}

static char *reception_path(const char *topology, struct gust_error *error)
{
	char *folder = reception_folder(), *name, *path = NULL;
	char suffix[32];

	snprintf(suffix, sizeof(suffix), ".%ld" RECEPTION_SUFFIX,
		 (long)getpid());
	name = file_name_for(topology, suffix);
	if (folder != NULL && name != NULL &&
	    (mkdir(folder, S_IRWXU) == 0 || errno == EEXIST) &&
	    reception_check(folder, error) == 0)
		path = file_join(folder, name);
	free(folder);
	free(name);
	return path;
}

static int reception_watch(const struct reception *reception, int fd,
			   uint32_t events, uint32_t number)
{
	struct epoll_event event = { .events = events, .data.u32 = number };

	return epoll_ctl(reception->events, EPOLL_CTL_ADD, fd, &event) < 0
		       ? -errno
		       : 0;
}

/* It has another name until it answers: who finds one that does not takes it
 * for that of a dead process, and away. */
static int reception_listen(struct reception *reception)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(reception->path);
	mode_t mask;
	int r;

	if (n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, reception->path, n);
	memcpy(address.sun_path + n - strlen(RECEPTION_SUFFIX), RECEPTION_FRESH,
	       sizeof(RECEPTION_FRESH));
	reception->fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	reception->events = epoll_create1(EPOLL_CLOEXEC);
	if (reception->fd < 0 || reception->events < 0)
		return -errno;
	/* A process with this number, which is dead now, may have left it. */
	(void)unlink(address.sun_path);
	mask = umask(S_IRWXG | S_IRWXO | S_IXUSR);
	r = bind(reception->fd, (const void *)&address, sizeof(address));
	umask(mask);
	if (r < 0 || listen(reception->fd, RECEPTION_GUESTS_MAX) < 0 ||
	    rename(address.sun_path, reception->path) < 0) {
		r = -errno;
		(void)unlink(address.sun_path);
		return r;
	}
	return reception_watch(reception, reception->fd, EPOLLIN,
			       RECEPTION_GUESTS_MAX);
}

int reception_open(struct reception **reception, const char *topology,
		   char *(*describe)(void *self, size_t *n), void *self,
		   struct gust_error *error)
{
	struct reception *made = calloc(1, sizeof(*made));
	int r = -ENOMEM;

	if (made == NULL)
		return gust_error_set(error, r, "out of memory");
	made->describe = describe;
	made->self = self;
	made->fd = made->events = -1;
	for (int i = 0; i < RECEPTION_GUESTS_MAX; i++)
		made->guests[i].fd = -1;
	made->path = reception_path(topology, error);
	if (made->path != NULL)
		r = reception_listen(made);
	if (r == 0) {
		*reception = made;
		return 0;
	}
	gust_error_set(error, r, "'%s': %s",
		       made->path != NULL ? made->path : topology,
		       strerror(-r));
	reception_close(made);
	return r;
}

static void reception_dismiss(struct reception_guest *guest)
{
	if (guest->fd >= 0)
		close(guest->fd);
	free(guest->text);
	memset(guest, 0, sizeof(*guest));
	guest->fd = -1;
}

void reception_close(struct reception *reception)
{
	if (reception == NULL)
		return;
	for (int i = 0; i < RECEPTION_GUESTS_MAX; i++)
		reception_dismiss(&reception->guests[i]);
	if (reception->fd >= 0) {
		(void)unlink(reception->path);
		close(reception->fd);
	}
	if (reception->events >= 0)
		close(reception->events);
	free(reception->path);
	free(reception);
}

void reception_forget(const struct reception *reception)
{
	if (reception == NULL)
		return;
	for (int i = 0; i < RECEPTION_GUESTS_MAX; i++)
		if (reception->guests[i].fd >= 0)
			close(reception->guests[i].fd);
	close(reception->fd);
	close(reception->events);
}

int reception_fd(const struct reception *reception)
{
	return reception != NULL ? reception->events : -1;
}

static void reception_send(struct reception_guest *guest)
{
	ssize_t n;

	while (guest->sent < guest->n) {
		n = send(guest->fd, guest->text + guest->sent,
			 guest->n - guest->sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		guest->sent += (size_t)n;
	}
	reception_dismiss(guest);
}

/* Lets one in, if there is a place. */
static void reception_welcome(struct reception *reception)
{
	int fd = accept4(reception->fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct reception_guest *guest = NULL;
	uint32_t number;

	if (fd < 0)
		return;
	for (number = 0; number < RECEPTION_GUESTS_MAX; number++) {
		guest = &reception->guests[number];
		if (guest->fd < 0)
			break;
	}
	if (number == RECEPTION_GUESTS_MAX ||
	    reception_watch(reception, fd, EPOLLOUT, number) < 0) {
		close(fd);
		return;
	}
	guest->fd = fd;
	guest->sent = 0;
	guest->text = reception->describe(reception->self, &guest->n);
	if (guest->text == NULL)
		guest->n = 0;
	reception_send(guest);
}

void reception_look(struct reception *reception)
{
	struct epoll_event events[RECEPTION_GUESTS_MAX + 1];
	int n;

	if (reception == NULL)
		return;
	n = epoll_wait(reception->events, events, RECEPTION_GUESTS_MAX + 1, 0);
	for (int i = 0; i < n; i++) {
		uint32_t number = events[i].data.u32;

		if (number == RECEPTION_GUESTS_MAX)
			reception_welcome(reception);
		else if (reception->guests[number].fd >= 0)
			reception_send(&reception->guests[number]);
	}
}
