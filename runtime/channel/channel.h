/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_CHANNEL_H
#define CHANNEL_CHANNEL_H

/*
 * The way from one thread to one executor's inbox: a PUSH socket, opened at
 * the first send, and behind it a queue of what the socket did not take yet.
 * Messages arrive in the order of the sends. Nothing here blocks.
 *
 * A channel belongs to one thread. It is closed by that thread or, after that
 * was joined, by another one, and in any case before the inbox. Success of a
 * send says that the message was handed to a buffer, not that it arrived:
 * closing discards what has not been received.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel/inbox.h"

struct exchange;

/* All members are private. */
struct channel {
	struct exchange *exchange;
	uint32_t to;
	int socket; /* -1 before the first send */
	bool shared;
	struct inbox_message *ring; /* those that wait */
	size_t capacity;            /* of the ring: 0 or a power of two */
	size_t first;
	size_t queued;
};

/* Makes a channel to executor `to`; takes no resources yet. */
void channel_init(struct channel *channel, struct exchange *exchange,
		  uint32_t to);

/* Frees what is queued. A zeroed channel may be given. */
void channel_fini(struct channel *channel);

/*
 * Sends the first `size` bytes of `message`, which comes from message_alloc()
 * and is taken over, whatever the result. What the socket does not take now
 * is queued. -EMFILE: no socket is left; -ENOMEM: it could not be queued; the
 * message is lost in both cases.
 */
int channel_send(struct channel *channel, void *message, size_t size);

/*
 * Sends what is queued. Returns 0 when nothing is left and -EAGAIN when the
 * rest has to wait until channel_fd() is readable.
 */
int channel_flush(struct channel *channel);

/* How many messages are queued. */
static inline size_t channel_queued(const struct channel *channel)
{
	return channel->queued;
}

/*
 * readable while the socket takes messages; for epoll only. There is none
 * before the first send: -EBADF.
 */
int channel_fd(const struct channel *channel);

#endif
