/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_OUTLET_H
#define CHANNEL_OUTLET_H

/*
 * The way from one thread to one executor's inbox: a PUSH socket, opened at
 * the first send, and behind it a queue of what the socket did not take yet.
 * Messages arrive in the order of the sends. Nothing here blocks.
 *
 * An outlet belongs to one thread. It is closed by that thread or, after that
 * was joined, by another one, and in any case before the inbox. Success of a
 * send says that the message was handed to a buffer, not that it arrived:
 * closing discards what has not been received.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;

/* A message that waits. */
struct outlet_message {
	void *data;
	size_t size;
};

/* All members are private. */
struct outlet {
	struct exchange *exchange;
	uint32_t to;
	int socket; /* -1 before the first send */
	bool shared;
	struct outlet_message *ring;
	size_t capacity; /* of the ring: 0 or a power of two */
	size_t first;
	size_t queued;
};

/* Makes an outlet to executor `to`; takes no resources yet. */
void outlet_init(struct outlet *outlet, struct exchange *exchange, uint32_t to);

/* Frees what is queued. A zeroed outlet may be given. */
void outlet_fini(struct outlet *outlet);

/*
 * Sends the first `size` bytes of `message`, which comes from message_alloc()
 * and is taken over, whatever the result. What the channel does not take now
 * is queued. -EMFILE: no socket is left; -ENOMEM: it could not be queued; the
 * message is lost in both cases.
 */
int outlet_send(struct outlet *outlet, void *message, size_t size);

/*
 * Sends what is queued. Returns 0 when nothing is left and -EAGAIN when the
 * rest has to wait until outlet_fd() is readable.
 */
int outlet_flush(struct outlet *outlet);

/* How many messages are queued. */
static inline size_t outlet_queued(const struct outlet *outlet)
{
	return outlet->queued;
}

/*
 * Readable while the channel takes messages; for epoll only. There is none
 * before the first send: -EBADF.
 */
int outlet_fd(const struct outlet *outlet);

#endif
