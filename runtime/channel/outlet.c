/* SPDX-License-Identifier: MIT */

#include "channel/outlet.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nanomsg/nn.h>

#include "channel/exchange.h"
#include "channel/inbox.h"
#include "channel/message.h"

#define OUTLET_RING_MIN 16

void outlet_init(struct outlet *outlet, struct exchange *exchange, uint32_t to)
{
	memset(outlet, 0, sizeof(*outlet));
	outlet->exchange = exchange;
	outlet->to = to;
	outlet->socket = -1;
}

void outlet_fini(struct outlet *outlet)
{
	if (outlet->exchange == NULL)
		return;
	for (; outlet->queued > 0; outlet->queued--) {
		message_free(outlet->ring[outlet->first].data);
		outlet->first = (outlet->first + 1) & (outlet->capacity - 1);
	}
	free(outlet->ring);
	if (outlet->socket >= 0)
		exchange_disconnect(outlet->exchange, outlet->socket,
				    outlet->shared);
	memset(outlet, 0, sizeof(*outlet));
}

static int outlet_grow(struct outlet *outlet)
{
	size_t capacity =
		outlet->capacity > 0 ? outlet->capacity * 2 : OUTLET_RING_MIN;
	struct outlet_message *ring = calloc(capacity, sizeof(*ring));

	if (ring == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < outlet->queued; i++)
		ring[i] = outlet->ring[(outlet->first + i) &
				       (outlet->capacity - 1)];
	free(outlet->ring);
	outlet->ring = ring;
	outlet->capacity = capacity;
	outlet->first = 0;
	return 0;
}

static int outlet_queue(struct outlet *outlet, void *message, size_t size)
{
	size_t at;

	if (outlet->queued == outlet->capacity && outlet_grow(outlet) < 0) {
		message_free(message);
		return -ENOMEM;
	}
	at = (outlet->first + outlet->queued) & (outlet->capacity - 1);
	outlet->ring[at].data = message;
	outlet->ring[at].size = size;
	outlet->queued++;
	return 0;
}

/* 0 or -EAGAIN, and then the message is still ours. */
static int outlet_try(struct outlet *outlet, void *message)
{
	struct inbox *inbox = exchange_inbox(outlet->exchange, outlet->to);
	int r;

	inbox_hand_over(inbox);
	do {
		r = nn_send(outlet->socket, &message, NN_MSG, NN_DONTWAIT);
	} while (r < 0 && nn_errno() == EINTR);
	if (r >= 0)
		return 0;
	inbox_take_back(inbox);
	/* Anything else says that a socket was used against its rules. */
	assert(nn_errno() == EAGAIN);
	return -EAGAIN;
}

int outlet_send(struct outlet *outlet, void *message, size_t size)
{
	message_shrink(message, size);
	if (outlet->socket < 0) {
		int r = exchange_connect(outlet->exchange, outlet->to,
					 &outlet->shared);

		if (r < 0) {
			message_free(message);
			return r;
		}
		outlet->socket = r;
	}
	if (outlet->queued == 0 && outlet_try(outlet, message) == 0)
		return 0;
	return outlet_queue(outlet, message, size);
}

int outlet_flush(struct outlet *outlet)
{
	while (outlet->queued > 0) {
		if (outlet_try(outlet, outlet->ring[outlet->first].data) < 0)
			return -EAGAIN;
		outlet->first = (outlet->first + 1) & (outlet->capacity - 1);
		outlet->queued--;
	}
	return 0;
}

int outlet_fd(const struct outlet *outlet)
{
	size_t size = sizeof(int);
	int fd;

	if (outlet->socket < 0)
		return -EBADF;
	if (nn_getsockopt(outlet->socket, NN_SOL_SOCKET, NN_SNDFD, &fd, &size) <
	    0)
		return -nn_errno();
	return fd;
}
