/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_INBOX_H
#define CHANNEL_INBOX_H

/*
 * Where the messages of all senders to one executor arrive: a PULL socket
 * bound to an inproc address.
 *
 * An inbox belongs to the thread that receives from it. It is created before
 * any sender connects, and destroyed after the last sender's thread has been
 * joined and the last channel to it was closed: the library crashes the process
 * when a PULL closes under a send. What is in it then is discarded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inbox;

/*
 * What goes through the library: where a message is, and not the message, which
 * it would copy. It belongs to the sender until it is sent, and to the receiver
 * once it is received.
 */
struct inbox_message {
	void *data; /* of message_alloc() */
	size_t size;
};

/*
 * Binds an inbox to `address`. Each connected channel may have `buffered`
 * messages on their way, plus one. -EMFILE: 512 sockets or all descriptors are
 * in use; -EADDRINUSE; -ENOMEM.
 */
int inbox_create(const char *address, uint32_t buffered, struct inbox **inbox);

/* Takes NULL. */
void inbox_destroy(struct inbox *inbox);

/* Where its senders connect to. */
const char *inbox_address(const struct inbox *inbox);

/*
 * Readable while there are messages, for epoll only: reading it aborts the
 * process at the library's next call.
 */
int inbox_fd(const struct inbox *inbox);

/*
 * Whether receiving is worth a try. It costs one load, where a receive takes a
 * process-wide lock. False means that no send had been completed when it was
 * called; inbox_fd() tells when one is.
 */
bool inbox_pending(const struct inbox *inbox);

/* Whether a message is there, without doubt: for who waits a little without
 * sleeping. It is one load, too. */
bool inbox_waiting(const struct inbox *inbox);

/*
 * Receives one message, which is then the caller's to free. Never blocks.
 * -EAGAIN: there is none; the library's own errors otherwise, none of which
 * a correct program sees.
 */
int inbox_receive(struct inbox *inbox, void **message, size_t *size);

/*
 * For channels: marks a message as handed over before it is sent, then counts
 * it as sent, or takes that back when the send failed. All that the sender did
 * before is visible to who receives it (the library guarantees the same, but
 * out of sight of sanitizers).
 */
void inbox_hand_over(struct inbox *inbox);
void inbox_sent(struct inbox *inbox);
void inbox_take_back(struct inbox *inbox);

#endif
