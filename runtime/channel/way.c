/* SPDX-License-Identifier: MIT */

#include "channel/way.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/tcp.h>

#include "channel/endpoint.h"
#include "channel/message.h"
#include "channel/socket.h"

#define WAY_RECONNECT_MS 10

#define WAY_BUFFER_BYTES (1 << 20)

struct way {
	int socket;
	int endpoint; /* -1: none in the making */
	int fd;
	unsigned turn; /* of the addresses that a name has */
	void *room;    /* of way_room(), not committed */
	size_t room_size;
	void *held; /* what the socket did not take */
	char address[ENDPOINT_SIZE];
	struct gust_error problem;
};

static int way_set(struct way *way, int level, int option, int value)
{
	return nn_setsockopt(way->socket, level, option, &value, sizeof(value));
}

static int way_connect(struct way *way)
{
	char found[ENDPOINT_SIZE];
	int r;

	memset(&way->problem, 0, sizeof(way->problem));
	way->endpoint = -1;
	r = endpoint_resolve(way->address, way->turn++, found, &way->problem);
	if (r < 0)
		return r;
	if (way_set(way, NN_SOL_SOCKET, NN_IPV4ONLY, !endpoint_is_six(found)) ==
	    0)
		way->endpoint = nn_connect(way->socket, found);
	if (way->endpoint >= 0)
		return 0;
	r = -nn_errno();
	return gust_error_set(&way->problem, r, "cannot connect to '%s': %s",
			      found, nn_strerror(-r));
}

static int way_make(struct way *way)
{
	size_t size = sizeof(way->fd);

	way->socket = nn_socket(AF_SP, NN_PUSH);
	/* A greatest interval is never reset, so there is none. */
	if (way->socket < 0 ||
	    way_set(way, NN_SOL_SOCKET, NN_RECONNECT_IVL, WAY_RECONNECT_MS) <
		    0 ||
	    way_set(way, NN_SOL_SOCKET, NN_RECONNECT_IVL_MAX, 0) < 0 ||
	    way_set(way, NN_SOL_SOCKET, NN_SNDBUF, WAY_BUFFER_BYTES) < 0 ||
	    way_set(way, NN_TCP, NN_TCP_NODELAY, 1) < 0 ||
	    nn_getsockopt(way->socket, NN_SOL_SOCKET, NN_SNDFD, &way->fd,
			  &size) < 0)
		return -nn_errno();
	(void)way_connect(way);
	return 0;
}

int way_open(const char *address, struct way **way, struct gust_error *error)
{
	struct way *made;
	int r = endpoint_check(address, error);

	if (r < 0)
		return r;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	made->socket = -1;
	snprintf(made->address, sizeof(made->address), "%s", address);
	r = way_make(made);
	if (r < 0) {
		gust_error_set(error, r, "cannot make a way to '%s': %s",
			       address, nn_strerror(-r));
		way_close(made);
		return r;
	}
	*way = made;
	return 0;
}

void way_close(struct way *way)
{
	int r;

	if (way == NULL)
		return;
	r = socket_close(way->socket);
	assert(r == 0);
	message_free(way->held);
	message_free(way->room);
	free(way);
}

int way_flush(struct way *way)
{
	int r;

	if (way->held == NULL)
		return 0;
	do {
		r = nn_send(way->socket, &way->held, NN_MSG, NN_DONTWAIT);
	} while (r < 0 && nn_errno() == EINTR);
	if (r < 0)
		return -EAGAIN;
	way->held = NULL;
	return 0;
}

void *way_room(struct way *way, size_t size)
{
	if (way_flush(way) < 0)
		return NULL;
	if (way->room != NULL && way->room_size < size) {
		message_free(way->room);
		way->room = NULL;
	}
	if (way->room == NULL) {
		way->room = message_alloc(size);
		way->room_size = size;
	}
	return way->room;
}

void way_commit(struct way *way, size_t size)
{
	assert(way->room != NULL && size <= way->room_size);
	message_shrink(way->room, size);
	way->held = way->room;
	way->room = NULL;
	(void)way_flush(way);
}

int way_fd(const struct way *way)
{
	return way->fd;
}

int way_heal(struct way *way)
{
	message_free(way->held);
	way->held = NULL;
	if (way->endpoint >= 0)
		(void)nn_shutdown(way->socket, way->endpoint);
	return way_connect(way);
}

const char *way_problem(const struct way *way)
{
	return way->problem.code < 0 ? way->problem.text : NULL;
}
