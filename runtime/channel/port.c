/* SPDX-License-Identifier: MIT */

#include "channel/port.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

/* The library aborts on longer paths, and on longer addresses it fails. */
#define PORT_PATH_MAX 107

struct port {
	int socket;
	int fd;
};

static int port_check(const char *address, struct gust_error *error)
{
	if (strncmp(address, "ipc://", 6) == 0) {
		if (strlen(address + 6) > PORT_PATH_MAX)
			return gust_error_set(error, -ENAMETOOLONG,
					      "the path '%s' is longer than %d "
					      "bytes",
					      address + 6, PORT_PATH_MAX);
		return 0;
	}
	if (strncmp(address, "tcp://", 6) == 0)
		return 0;
	return gust_error_set(error, -EINVAL,
			      "'%s' is no address, expected ipc:// or tcp://",
			      address);
}

static int port_bind(struct port *port, const char *address, size_t receive_max)
{
	int bytes = receive_max < INT_MAX ? (int)receive_max : INT_MAX;
	size_t size = sizeof(port->fd);

	port->socket = nn_socket(AF_SP, NN_PULL);
	if (port->socket < 0 ||
	    nn_setsockopt(port->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &bytes,
			  sizeof(bytes)) < 0 ||
	    nn_bind(port->socket, address) < 0 ||
	    nn_getsockopt(port->socket, NN_SOL_SOCKET, NN_RCVFD, &port->fd,
			  &size) < 0)
		return -nn_errno();
	return 0;
}

int port_open(const char *address, size_t receive_max, struct port **port,
	      struct gust_error *error)
{
	struct port *made;
	int r = port_check(address, error);

	if (r < 0)
		return r;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	r = port_bind(made, address, receive_max);
	if (r < 0) {
		gust_error_set(error, r, "cannot listen at %s: %s", address,
			       nn_strerror(-r));
		port_close(made);
		return r;
	}
	*port = made;
	return 0;
}

void port_close(struct port *port)
{
	int r = 0;

	if (port == NULL)
		return;
	if (port->socket >= 0)
		do {
			r = nn_close(port->socket);
		} while (r < 0 && nn_errno() == EINTR);
	free(port);
}

int port_fd(const struct port *port)
{
	return port->fd;
}

int port_receive(struct port *port, void **message, size_t *size)
{
	void *data = NULL;
	int r;

	do {
		r = nn_recv(port->socket, &data, NN_MSG, NN_DONTWAIT);
	} while (r < 0 && nn_errno() == EINTR);
	if (r < 0)
		return -nn_errno();
	*message = data;
	*size = (size_t)r;
	return 0;
}
