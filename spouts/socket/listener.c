/* SPDX-License-Identifier: MIT */

#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Connections that wait to be accepted. */
#define LISTENER_BACKLOG 128

/* What a burst of datagrams may need; the system may grant less. */
#define LISTENER_BUFFER (4 * 1024 * 1024)

/* Whether somebody listens at the path: 1, 0 or -errno. */
static int listener_probe(const struct address *address,
			  const struct address_place *place)
{
	int fd = address_socket(address, place), r = 1;

	if (fd < 0)
		return fd;
	/* A full queue, or a socket of another type, is somebody, too. */
	if (connect(fd, (const void *)&place->storage, place->length) < 0 &&
	    (errno == ECONNREFUSED || errno == ENOENT))
		r = 0;
	close(fd);
	return r;
}

/* Removes what a process that has died has left at the path. */
static int listener_clear(const struct address *address,
			  const struct address_place *place,
			  struct gust_error *error)
{
	struct stat status;
	int r;

	if (lstat(address->path, &status) < 0)
		return 0;
	if (!S_ISSOCK(status.st_mode))
		return gust_error_set(error, -EEXIST,
				      "cannot listen on '%s': it is there and "
				      "is no socket",
				      address->path);
	r = listener_probe(address, place);
	if (r == 1)
		return gust_error_set(error, -EADDRINUSE,
				      "cannot listen on '%s': another process "
				      "listens there",
				      address->path);
	if (r == 0 && unlink(address->path) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? gust_error_set(error, r, "cannot remove '%s': %s",
				      address->path, strerror(-r))
		     : 0;
}

static int listener_set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno
								      : 0;
}

/* Binds a socket at `place`: the socket or -errno. */
static int listener_bind(const struct address *address,
			 const struct address_place *place, bool shared)
{
	int fd = address_socket(address, place), r = 0;

	if (fd < 0)
		return fd;
	if (address->kind == ADDRESS_TCP)
		r = listener_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (r == 0 && shared)
		r = listener_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r == 0 && place->storage.ss_family == AF_INET6)
		r = listener_set(fd, IPPROTO_IPV6, IPV6_V6ONLY,
				 address->host[0] != '\0');
	if (address->kind == ADDRESS_UDP)
		(void)listener_set(fd, SOL_SOCKET, SO_RCVBUF, LISTENER_BUFFER);
	if (r == 0 &&
	    bind(fd, (const void *)&place->storage, place->length) < 0)
		r = -errno;
	if (r == 0 && address_is_stream(address) &&
	    listen(fd, LISTENER_BACKLOG) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* Moves it away from the standard descriptors, and says where it is. */
static int listener_keep(struct listener *listener,
			 const struct address *address, int fd,
			 struct gust_task *task)
{
	struct address_place place = { .length = sizeof(place.storage) };
	static const char *const schemes[] = { "tcp", "udp", "unix",
					       "unixgram" };
	char text[ADDRESS_TEXT_SIZE];
	struct stat status;

	listener->fd = fd;
	if (address_is_unix(address) && stat(address->path, &status) == 0) {
		listener->path = address->path;
		listener->device = status.st_dev;
		listener->inode = status.st_ino;
	}
	if (getsockname(fd, (void *)&place.storage, &place.length) < 0)
		return -errno;
	gust_log(task, GUST_LOG_INFO, "listens on %s://%s",
		 schemes[address->kind], address_text(&place, text));
	return 0;
}

int listener_open(struct listener *listener, const struct address *address,
		  bool shared, struct gust_task *task, struct gust_error *error)
{
	struct address_place places[ADDRESS_PLACES_MAX];
	struct address any = *address;
	char text[ADDRESS_TEXT_SIZE];
	int r;

	r = address_resolve(address, true, places, error);
	if (r > 0 && address_is_unix(address))
		r = listener_clear(address, &places[0], error);
	if (r < 0)
		return r;
	r = listener_bind(address, &places[0], shared);
	/* A machine may have no IPv6. */
	if ((r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL) &&
	    address->host[0] == '\0' && !address_is_unix(address)) {
		memcpy(any.host, "0.0.0.0", sizeof("0.0.0.0"));
		if (address_resolve(&any, true, places, error) < 0)
			return r;
		r = listener_bind(&any, &places[0], shared);
	}
	if (r < 0)
		return gust_error_set(error, r, "cannot listen on '%s': %s",
				      address_text(&places[0], text),
				      strerror(-r));
	return listener_keep(listener, address, r, task);
}

uint32_t listener_drops(struct listener *listener)
{
	uint32_t values[SK_MEMINFO_VARS] = { 0 }, lost;
	socklen_t size = sizeof(values);

	if (listener->fd == 0 ||
	    getsockopt(listener->fd, SOL_SOCKET, SO_MEMINFO, values, &size) <
		    0 ||
	    size <= SK_MEMINFO_DROPS * sizeof(values[0]))
		return 0;
	lost = values[SK_MEMINFO_DROPS] - listener->drops;
	listener->drops = values[SK_MEMINFO_DROPS];
	return lost;
}

void listener_close(struct listener *listener)
{
	struct stat status;

	if (listener->fd == 0)
		return;
	if (listener->path != NULL && lstat(listener->path, &status) == 0 &&
	    status.st_dev == listener->device &&
	    status.st_ino == listener->inode)
		unlink(listener->path);
	close(listener->fd);
	*listener = (struct listener){ 0 };
}
