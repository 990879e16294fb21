/* SPDX-License-Identifier: MIT */

#include "channel/channel.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nanomsg/nn.h>

#include "channel/exchange.h"
#include "channel/inbox.h"
#include "channel/message.h"

#define CHANNEL_RING_MIN 16

void channel_init(struct channel *channel, struct exchange *exchange,
		  uint32_t to)
{
	memset(channel, 0, sizeof(*channel));
	channel->exchange = exchange;
	channel->to = to;
	channel->socket = -1;
}

void channel_fini(struct channel *channel)
{
	if (channel->exchange == NULL)
		return;
	for (; channel->queued > 0; channel->queued--) {
		message_free(channel->ring[channel->first].data);
		channel->first = (channel->first + 1) & (channel->capacity - 1);
	}
	free(channel->ring);
	if (channel->socket >= 0)
		exchange_disconnect(channel->exchange, channel->socket,
				    channel->shared);
	memset(channel, 0, sizeof(*channel));
}

static int channel_grow(struct channel *channel)
{
	size_t capacity = channel->capacity > 0 ? channel->capacity * 2
						: CHANNEL_RING_MIN;
	struct inbox_message *ring = calloc(capacity, sizeof(*ring));

	if (ring == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < channel->queued; i++)
		ring[i] = channel->ring[(channel->first + i) &
					(channel->capacity - 1)];
	free(channel->ring);
	channel->ring = ring;
	channel->capacity = capacity;
	channel->first = 0;
	return 0;
}

static int channel_queue(struct channel *channel,
			 const struct inbox_message *message)
{
	size_t at;

	if (channel->queued == channel->capacity && channel_grow(channel) < 0) {
		message_free(message->data);
		return -ENOMEM;
	}
	at = (channel->first + channel->queued) & (channel->capacity - 1);
	channel->ring[at] = *message;
	channel->queued++;
	return 0;
}

/* 0 or -EAGAIN, and then the message is still ours. */
static int channel_try(struct channel *channel,
		       const struct inbox_message *message)
{
	struct inbox *inbox = exchange_inbox(channel->exchange, channel->to);
	int r;

	inbox_hand_over(inbox);
	do {
		r = nn_send(channel->socket, message, sizeof(*message),
			    NN_DONTWAIT);
	} while (r < 0 && nn_errno() == EINTR);
	if (r >= 0) {
		inbox_sent(inbox);
		return 0;
	}
	inbox_take_back(inbox);
	/* Anything else says that a socket was used against its rules. */
	assert(nn_errno() == EAGAIN);
	return -EAGAIN;
}

int channel_send(struct channel *channel, void *message, size_t size)
{
	const struct inbox_message one = { message, size };

	if (channel->socket < 0) {
		int r = exchange_connect(channel->exchange, channel->to,
					 &channel->shared);

		if (r < 0) {
			message_free(message);
			return r;
		}
		channel->socket = r;
	}
	if (channel->queued == 0 && channel_try(channel, &one) == 0)
		return 0;
	return channel_queue(channel, &one);
}

int channel_flush(struct channel *channel)
{
	while (channel->queued > 0) {
		if (channel_try(channel, &channel->ring[channel->first]) < 0)
			return -EAGAIN;
		channel->first = (channel->first + 1) & (channel->capacity - 1);
		channel->queued--;
	}
	return 0;
}

int channel_fd(const struct channel *channel)
{
	size_t size = sizeof(int);
	int fd;

	if (channel->socket < 0)
		return -EBADF;
	if (nn_getsockopt(channel->socket, NN_SOL_SOCKET, NN_SNDFD, &fd,
			  &size) < 0)
		return -nn_errno();
	return fd;
}
