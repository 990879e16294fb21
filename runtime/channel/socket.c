/* SPDX-License-Identifier: MIT */

#include "channel/socket.h"

#include <errno.h>
#include <nanomsg/nn.h>

int socket_close(int socket)
{
	int r;

	if (socket < 0)
		return 0;
	do {
		r = nn_close(socket);
	} while (r < 0 && nn_errno() == EINTR);
	return r < 0 ? -nn_errno() : 0;
}
