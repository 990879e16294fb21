/* SPDX-License-Identifier: MIT */

#include "channel/port.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

#include "channel/endpoint.h"
#include "channel/socket.h"

/* What a tcp connection may have on its way to us; see way.c. */
#define PORT_BUFFER_BYTES (1 << 20)

struct port {
	int socket;
	int fd;
};

static int port_set(const struct port *port, int option, int value)
{
	return nn_setsockopt(port->socket, NN_SOL_SOCKET, option, &value,
			     sizeof(value));
}

static int port_bind(struct port *port, const char *address, size_t receive_max)
{
	/* Without a bound a header alone would make the library abort. */
	int bytes = receive_max < INT_MAX ? (int)receive_max : INT_MAX;
	size_t size = sizeof(port->fd);

	port->socket = nn_socket(AF_SP, NN_PULL);
	if (port->socket < 0 || port_set(port, NN_RCVMAXSIZE, bytes) < 0 ||
	    port_set(port, NN_RCVBUF, PORT_BUFFER_BYTES) < 0 ||
	    port_set(port, NN_IPV4ONLY, !endpoint_is_six(address)) < 0 ||
	    nn_bind(port->socket, address) < 0 ||
	    nn_getsockopt(port->socket, NN_SOL_SOCKET, NN_RCVFD, &port->fd,
			  &size) < 0)
		return -nn_errno();
	return 0;
}

int port_open(const char *address, size_t receive_max, struct port **port,
	      struct gust_error *error)
{
	char found[ENDPOINT_SIZE];
	struct port *made;
	int r = endpoint_check(address, error);

	assert(receive_max > 0);
	if (r == 0)
		r = endpoint_resolve(address, 0, found, error);
	if (r < 0)
		return r;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	made->socket = -1;
	r = port_bind(made, found, receive_max);
	if (r < 0) {
		gust_error_set(error, r, "cannot listen at '%s': %s", address,
			       nn_strerror(-r));
		port_close(made);
		return r;
	}
	*port = made;
	return 0;
}

void port_close(struct port *port)
{
	int r;

	if (port == NULL)
		return;
	r = socket_close(port->socket);
	assert(r == 0);
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
