/* SPDX-License-Identifier: MIT */

#include "channel/inbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

#include "channel/socket.h"

/* The library takes 127 bytes. */
#define INBOX_ADDRESS_SIZE 64

struct inbox {
	/* On a line of their own: all senders write to them. */
	_Alignas(64) uint64_t handed_over;
	uint64_t sent;
	_Alignas(64) uint64_t received;
	int socket;
	int fd;
	char address[INBOX_ADDRESS_SIZE];
};

static int inbox_bind(struct inbox *inbox, uint32_t buffered)
{
	int bytes = (int)(buffered * sizeof(struct inbox_message));
	size_t size = sizeof(inbox->fd);

	inbox->socket = nn_socket(AF_SP, NN_PULL);
	if (inbox->socket < 0)
		return -nn_errno();
	/* Set after the bind it would have no effect. */
	if (nn_setsockopt(inbox->socket, NN_SOL_SOCKET, NN_RCVBUF, &bytes,
			  sizeof(bytes)) < 0)
		return -nn_errno();
	if (nn_bind(inbox->socket, inbox->address) < 0)
		return -nn_errno();
	if (nn_getsockopt(inbox->socket, NN_SOL_SOCKET, NN_RCVFD, &inbox->fd,
			  &size) < 0)
		return -nn_errno();
	return 0;
}

int inbox_create(const char *address, uint32_t buffered, struct inbox **inbox)
{
	struct inbox *made;
	int r;

	assert(strlen(address) < INBOX_ADDRESS_SIZE && buffered > 0);
	made = aligned_alloc(64, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	memset(made, 0, sizeof(*made));
	made->socket = -1;
	strcpy(made->address, address);
	r = inbox_bind(made, buffered);
	if (r < 0) {
		inbox_destroy(made);
		return r;
	}
	*inbox = made;
	return 0;
}

void inbox_destroy(struct inbox *inbox)
{
	int r;

	if (inbox == NULL)
		return;
	r = socket_close(inbox->socket);
	assert(r == 0);
	free(inbox);
}

const char *inbox_address(const struct inbox *inbox)
{
	return inbox->address;
}

int inbox_fd(const struct inbox *inbox)
{
	return inbox->fd;
}

bool inbox_pending(const struct inbox *inbox)
{
	return __atomic_load_n(&inbox->handed_over, __ATOMIC_RELAXED) !=
	       inbox->received;
}

bool inbox_waiting(const struct inbox *inbox)
{
	uint64_t sent = __atomic_load_n(&inbox->sent, __ATOMIC_RELAXED);

	/* One may be received before its sender has counted it. */
	return (int64_t)(sent - inbox->received) > 0;
}

int inbox_receive(struct inbox *inbox, void **message, size_t *size)
{
	struct inbox_message found;
	int r;

	do {
		r = nn_recv(inbox->socket, &found, sizeof(found), NN_DONTWAIT);
	} while (r < 0 && nn_errno() == EINTR);
	if (r < 0)
		return -nn_errno();
	inbox->received++;
	/* Meets the release of whoever sent it. */
	(void)__atomic_load_n(&inbox->handed_over, __ATOMIC_ACQUIRE);
	assert(r == (int)sizeof(found));
	*message = found.data;
	*size = found.size;
	return 0;
}

void inbox_hand_over(struct inbox *inbox)
{
	__atomic_fetch_add(&inbox->handed_over, 1, __ATOMIC_RELEASE);
}

void inbox_sent(struct inbox *inbox)
{
	__atomic_fetch_add(&inbox->sent, 1, __ATOMIC_RELAXED);
}

void inbox_take_back(struct inbox *inbox)
{
	__atomic_fetch_sub(&inbox->handed_over, 1, __ATOMIC_RELEASE);
}
