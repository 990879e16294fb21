/* SPDX-License-Identifier: MIT */
#ifndef WORKER_MAILBOX_H
#define WORKER_MAILBOX_H

/*
 * Messages between the post and the seats of a worker, handed over as they are:
 * no copy, no lock and, while the receiver is awake, no system call. (Between
 * executors they go through nanomsg, see channel/exchange.h.)
 *
 * Any thread puts messages in; one takes them out, all at once, in the order in
 * which each sender has put them in. The list runs through the room in front of
 * their batches, so nothing here fails. What bounds it is credit.
 *
 * The receiver sleeps on something else, such as a poller. It says so with
 * mailbox_doze() and does not sleep when that finds a message; who puts one in
 * later is told to wake it up.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All members are private; zeroed it is empty. */
struct mailbox {
	_Alignas(64) void *newest; /* atomic */
	uint32_t dozing;           /* atomic */
};

/* Frees what is in it. Takes a zeroed one. */
void mailbox_fini(struct mailbox *mailbox);

/* Puts in a message with MESSAGE_ROOM in front, which is taken over. True: the
 * receiver may be asleep, and nobody else was told to wake it. */
bool mailbox_put(struct mailbox *mailbox, void *message);

/* One load. */
static inline bool mailbox_is_empty(const struct mailbox *mailbox)
{
	return __atomic_load_n(&mailbox->newest, __ATOMIC_RELAXED) == NULL;
}

/* Takes all messages out and returns the first one, or NULL. */
void *mailbox_take(struct mailbox *mailbox);

/* The one behind it, of those that were taken together, or NULL. To be asked
 * before the message is passed on. */
void *mailbox_next(const void *message);

/* The receiver is about to sleep: false, if there is a message. */
bool mailbox_doze(struct mailbox *mailbox);

/* It is awake. */
void mailbox_rouse(struct mailbox *mailbox);

#endif
